"""Frozen days: the list of each day that is over, signed once and entered into the log.

* `frozen_day` is how to read one: as evidence in an archive, or for "valid on that day".
* A day is frozen `GRACE` after its end, when no request that began in it can still commit.
* A missed day is made from the same changes; `iat` in its file tells when that was. Before
  the changes of a list were kept, nothing is made up: that day has no frozen list.
* A row is written once. The log's entry comes of the file's digest, in the same transaction.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Final

from sqlalchemy.orm import Session

from issuance import status, status_repository
from issuance.ports import IssuanceServices
from issuance.status_lists import day_repository
from sealkit.errors import SealkitError
from sealkit.formats.code import cose
from sealkit.status_day import (
    BEIJING,
    FrozenDay,
    StatusDay,
    build_day,
    day_end,
    day_entry,
    parse_day,
)
from sealkit.status_list import StatusList
from sealkit.tlog_proof import parse_tlog_proof

GRACE: Final = timedelta(minutes=10)
MAX_AT_ONCE: Final = 16
"""Lists frozen in one transaction; the rest waits for the next."""
_ACTOR: Final = "status-days"


@dataclass(frozen=True, slots=True)
class DueDay:
    """A day of a list that is over and not frozen."""

    issuer_code: str
    list_number: int
    day: date


def frozen_day(session: Session, issuer_code: str, list_number: int, day: date) -> FrozenDay | None:
    """Return the frozen list of `day` in Beijing with its log proof, None when there is none."""
    return day_repository.frozen_day(session, issuer_code, list_number, day)


def freeze_due_days(session: Session, services: IssuanceServices, *, at: datetime) -> int:
    """Freeze what is due, oldest first, at most `MAX_AT_ONCE`; return how many were."""
    due = list(islice(due_days(session, at=at), MAX_AT_ONCE))
    for entry in due:
        freeze(session, services, entry, at=at)
    return len(due)


def due_days(session: Session, *, at: datetime) -> Iterator[DueDay]:
    """Yield each day of each list that is over for `GRACE` and not frozen."""
    last = (at - GRACE).astimezone(BEIJING).date() - timedelta(days=1)
    for issuer, number, complete_from in day_repository.beginnings(session):
        frozen = day_repository.days_frozen(session, issuer, number)
        day = complete_from.astimezone(BEIJING).date()
        while day <= last:
            if day not in frozen:
                yield DueDay(issuer, number, day)
            day += timedelta(days=1)


def freeze(session: Session, services: IssuanceServices, due: DueDay, *, at: datetime) -> None:
    """Sign the list as it was at the end of the day, and enter it into the log."""
    version = status_repository.version_before(
        session, due.issuer_code, due.list_number, day_end(due.day).astimezone(UTC)
    )
    if version is None:
        return  # the changes of that day were not kept
    uri = status.list_address(services.public_url, due.issuer_code, due.list_number)
    token = build_day(
        _list_of(session, services, due),
        uri=uri,
        day=due.day,
        version=version,
        signer=services.keys.signer(services.key_names.status_signer),
        at=at,
    )
    index = services.log.append(session, day_entry(uri, due.day, token), at=at)
    note = services.log.checkpoint(session, services.keys.signer(services.key_names.log), at=at)
    proof = services.log.proof(session, index, checkpoint_note=note)
    day_repository.add_day(
        session,
        due.issuer_code,
        due.list_number,
        due.day,
        version=version,
        frozen=FrozenDay(token, proof),
        log_index=index,
        at=at,
    )
    services.audit.record(
        session,
        actor=_ACTOR,
        act="status.day_frozen",
        subject=status.list_id(due.issuer_code, due.list_number),
        at=at,
        detail={"day": due.day.isoformat(), "log_index": str(index)},
    )


def find_day_faults(
    session: Session, services: IssuanceServices, *, at: datetime
) -> Iterator[tuple[str, str, str]]:
    """Yield rule, list and day of each frozen list that is absent or not what it must be."""
    # The service freezes within the hour; only what it should long have done is a fault.
    for due in due_days(session, at=at - timedelta(hours=2)):
        name = status.list_id(due.issuer_code, due.list_number)
        yield "status_day.absent", name, due.day.isoformat()
    for issuer, number, _since in day_repository.beginnings(session):
        for day in sorted(day_repository.days_frozen(session, issuer, number)):
            rule = _fault_of(session, services, DueDay(issuer, number, day))
            if rule:
                yield rule, status.list_id(issuer, number), day.isoformat()


def _fault_of(session: Session, services: IssuanceServices, due: DueDay) -> str | None:
    frozen = frozen_day(session, due.issuer_code, due.list_number, due.day)
    if frozen is None:
        return "status_day.absent"
    uri = status.list_address(services.public_url, due.issuer_code, due.list_number)
    signer = services.keys.signer(services.key_names.status_signer)
    try:
        found = parse_day(frozen.token)
        # Another key signed what is older than this one; the log's entry binds its bytes.
        if found.message.kid == cose.key_of(signer).kid:
            found.verify(cose.key_of(signer))
        entry = day_entry(uri, due.day, frozen.token)
        parse_tlog_proof(frozen.proof).verify_inclusion(entry)
    except SealkitError:
        return "status_day.unproven"
    return (
        None if _is_as_registered(session, services, due, found) else "status_day.not_its_changes"
    )


def _is_as_registered(
    session: Session, services: IssuanceServices, due: DueDay, found: StatusDay
) -> bool:
    version = status_repository.version_before(
        session, due.issuer_code, due.list_number, day_end(due.day).astimezone(UTC)
    )
    return version is not None and found.statuses == _list_of(session, services, due)


def _list_of(session: Session, services: IssuanceServices, due: DueDay) -> StatusList:
    """Return a list as it was at the end of a day."""
    end = day_end(due.day).astimezone(UTC)
    states = status_repository.states_before(session, due.issuer_code, due.list_number, end)
    return StatusList(services.status_list_slots).with_entries(states)
