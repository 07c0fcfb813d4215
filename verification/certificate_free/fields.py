"""Values of licence fields that an item lists: handed out with an answer, and kept nowhere.

A value comes only from the licence that meets the requirement it belongs to.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sealkit.record import LicenceRecord
from verification.certificate_free.holdings import Holdings
from verification.certificate_free.items import Item
from verification.certificate_free.outcomes import Outcome
from verification.certificate_free.requirement_answers import RequirementAnswer, person_of
from verification.errors import SourceUnavailableError

FieldValues = Mapping[str, Mapping[str, str]]
"""``requirement.field`` → label and value."""


def values_of(asked: Iterable[str], answers: Iterable[RequirementAnswer]) -> FieldValues:
    """Return the values of the fields `asked` for, as far as they may and can be had."""
    values: dict[str, Mapping[str, str]] = {}
    for answer in answers:
        if answer.outcome is not Outcome.MET or answer.shown is None:
            continue
        record = answer.held[0].report.record
        if record is not None:
            values |= _taken(asked, answer.requirement.id, answer.shown.fields, record)
    return values


def values_again(
    asked: Iterable[str], item: Item, answer: Mapping[str, Any], holdings: Holdings
) -> FieldValues:
    """Return the values that went out with an `answer`, from the very documents it rests on.

    One that is no longer the newest edition, or cannot be read now, gives none.
    """
    values: dict[str, Mapping[str, str]] = {}
    stored = {entry["id"]: entry for entry in answer["requirements"]}
    for requirement in item.requirements:
        entry = stored.get(requirement.id)
        if entry is None or entry["outcome"] != Outcome.MET or requirement.none:
            continue
        digests = {evidence["document_digest"] for evidence in entry["evidence"]}
        for shown in requirement.shown_by:
            try:
                holding = holdings.of(shown.kind, person_of(requirement, holdings))
            except SourceUnavailableError:
                continue
            for held in holding.licences:
                record = held.report.record
                if record is not None and held.document_digest.hex() in digests:
                    values |= _taken(asked, requirement.id, shown.fields, record)
    return values


def _taken(
    asked: Iterable[str], requirement: str, listed: Iterable[str], record: LicenceRecord
) -> FieldValues:
    entries = {entry.name: entry for entry in record.fields}
    return {
        name: {"label": entries[field].label, "value": entries[field].value}
        for field in listed
        if field in entries and (name := f"{requirement}.{field}") in asked
    }
