"""What goes into the receipt (核验凭据) of a check; `sealkit.receipt` signs it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sealkit.receipt import Evidence, Receipt, RequirementAnswer


def receipt_of(
    check_id: str, answer: Mapping[str, Any], *, organisation: str, region: str
) -> Receipt:
    """Return the receipt of an answer: editions, states and outcomes, no value of a licence."""
    basis = answer["basis"]
    return Receipt(
        check_id=check_id,
        region=region,
        item=answer["item"],
        case_number=answer["case_number"],
        asked_by=organisation,
        basis=f"{basis['kind']}: {basis['reference']}",
        answer=answer["outcome"],
        requirements=tuple(
            RequirementAnswer(entry["id"], entry["outcome"]) for entry in answer["requirements"]
        ),
        evidence=tuple(
            Evidence(
                identifier=held["identifier"],
                verdict=held["verdict"],
                status=held["state"],
                document_digest=held["document_digest"],
                log_size=held["log_size"],
            )
            for entry in answer["requirements"]
            for held in entry["evidence"]
        ),
        answered_at=datetime.fromisoformat(answer["at"]).replace(microsecond=0),
    )
