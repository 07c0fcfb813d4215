"""The root's revocation lists: each one carries on from the one before."""

from collections.abc import Mapping
from datetime import UTC, timedelta

from ca.ceremonies.ceremony import ROOT_LIST, Ceremony
from ca.errors import CeremonyMaterialError
from ca.revocation import Reason
from sealkit.asn1.crl import Revocation, build_crl, parse_crl
from sealkit.asn1.x509 import Certificate
from sealkit.signer import Signer


def read_list(ceremony: Ceremony, root: Certificate) -> tuple[int, Mapping[int, Revocation]]:
    """Return number and entries of the list before, its signature checked.

    Raises:
        MalformedError, InvalidSignatureError: if it is no list of this root.
        CeremonyMaterialError: if no list can follow it.
    """
    found = parse_crl(ceremony.materials.previous_list or b"")
    found.verify_signed_by(root)
    if found.number is None or found.base_number is not None:
        raise CeremonyMaterialError("the list before has no number, or is no full list")
    ceremony.agree(
        "list_read",
        ceremony.plan.people,
        number=str(found.number),
        issued=found.this_update.isoformat(),
        revoked=str(len(found.revoked)),
    )
    return found.number, found.revoked


def revoked_with(ceremony: Ceremony, before: Mapping[int, Revocation]) -> dict[int, Revocation]:
    """Return the entries of the next list: those before, and what the plan revokes.

    Raises:
        CeremonyMaterialError: if it is revoked already, or lost in the future.
    """
    told, revoked = ceremony.plan.revoke, dict(before)
    if told is None:
        return revoked
    serial, at = int(told.serial, 16), ceremony.room.now().replace(microsecond=0)
    since = told.invalid_since.astimezone(UTC) if told.invalid_since else None
    if serial in revoked:
        raise CeremonyMaterialError("the list before has revoked this certificate already")
    if since is not None and since > at:
        raise CeremonyMaterialError("the key cannot have been lost later")
    reason = Reason[told.reason.upper()]
    ceremony.agree(
        "revoked",
        ceremony.plan.people,
        serial=f"{serial:x}",
        reason=told.reason,
        invalid_since=since.isoformat() if since else "unknown",
    )
    # RFC 5280, 5.3.1: unspecified is said by leaving the reason out.
    revoked[serial] = Revocation(at, int(reason) or None, since)
    return revoked


def sign_list(
    ceremony: Ceremony, signer: Signer, *, number: int, revoked: Mapping[int, Revocation]
) -> None:
    """Sign the next list and leave it."""
    at = ceremony.room.now().replace(microsecond=0)
    due = at + timedelta(days=ceremony.plan.list_days)
    made = build_crl(signer=signer, number=number, this_update=at, next_update=due, revoked=revoked)
    ceremony.add(ROOT_LIST, made)
    ceremony.note(
        "list_made",
        file=ROOT_LIST,
        number=str(number),
        revoked=str(len(revoked)),
        due=due.isoformat(),
    )
