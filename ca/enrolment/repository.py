"""Every query on enrolments. Nothing here commits."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ca import tables
from ca.enrolment.model import Decision, Enrolment, EnrolmentKey, Way
from ca.enrolment.states import OPEN, EnrolmentState
from ca.enrolment.tables import decisions, enrolments
from sealkit.asn1.particulars import Particulars
from sealkit.sm import sm3

PAGE: Final = 100


def add(session: Session, found: Enrolment, idempotency_key: str) -> bool:
    """Store an enrolment; False when its idempotency key was taken meanwhile."""
    row = {
        "authority": found.key.authority,
        "id": found.key.id,
        "state": found.state.value,
        "way": found.way.value,
        "purpose": found.purpose,
        "subject": json.dumps(dict(found.subject), ensure_ascii=False),
        "spki": found.spki,
        "spki_digest": sm3.digest(found.spki),
        "request": found.request,
        "particulars": _written(found.particulars),
        "not_after": found.not_after.isoformat() if found.not_after else None,
        "predecessor": _serial_text(found.predecessor),
        "submitted_by": found.submitted_by,
        "department": found.department,
        "submitted_at": found.submitted_at.isoformat(),
        "approvals_needed": found.approvals_needed,
        "idempotency_key": idempotency_key,
        "submission_digest": found.submission_digest,
    }
    return _added(session, insert(enrolments).values(**row))


def find(session: Session, key: EnrolmentKey, *, lock: bool = False) -> Enrolment | None:
    """Return one enrolment with its decisions; locked, nobody else decides meanwhile."""
    query = select(enrolments).where(
        enrolments.c.authority == key.authority, enrolments.c.id == key.id
    )
    # SQLite knows no row locks, and needs none: its writers come one after the other.
    row = session.execute(query.with_for_update() if lock else query).first()
    return _read(row, _decisions(session, key)) if row else None


def by_idempotency_key(
    session: Session, authority: str, submitted_by: str, idempotency_key: str
) -> Enrolment | None:
    """Return what this person sent with that key."""
    query = select(enrolments.c.id).where(
        enrolments.c.authority == authority,
        enrolments.c.submitted_by == submitted_by,
        enrolments.c.idempotency_key == idempotency_key,
    )
    found = session.execute(query).scalar()
    return find(session, EnrolmentKey(authority, found)) if found else None


def page(
    session: Session,
    authority: str,
    *,
    states: Sequence[EnrolmentState],
    department: str | None,
    after: str,
) -> tuple[Enrolment, ...]:
    """Return up to a hundred enrolments with an id beyond `after`, in order of time.

    With `department` only that department's.
    """
    query = select(enrolments).where(
        enrolments.c.authority == authority,
        enrolments.c.state.in_([state.value for state in states]),
        enrolments.c.id > after,
    )
    if department is not None:
        query = query.where(enrolments.c.department == department)
    rows = session.execute(query.order_by(enrolments.c.id).limit(PAGE)).all()
    return tuple(
        _read(row, _decisions(session, EnrolmentKey(row.authority, row.id))) for row in rows
    )


def unfinished(session: Session) -> tuple[EnrolmentKey, ...]:
    """Return every enrolment that is approved and not issued."""
    query = select(enrolments.c.authority, enrolments.c.id).where(
        enrolments.c.state == EnrolmentState.APPROVED.value
    )
    return tuple(EnrolmentKey(row.authority, row.id) for row in session.execute(query))


def key_is_taken(session: Session, authority: str, spki: bytes) -> bool:
    """Tell whether the authority has certified a key, or is being asked to."""
    digest = sm3.digest(spki)
    certified = select(tables.certificates.c.serial).where(
        tables.certificates.c.authority == authority, tables.certificates.c.spki_digest == digest
    )
    return _is_asked_for(session, authority, digest) or bool(session.execute(certified).first())


def is_asked_for(session: Session, authority: str, spki: bytes) -> bool:
    """Tell whether an enrolment for a key is open."""
    return _is_asked_for(session, authority, sm3.digest(spki))


def add_decision(session: Session, key: EnrolmentKey, decision: Decision) -> bool:
    """Store what a person decided; False when that person has decided already."""
    return _added(
        session,
        insert(decisions).values(
            authority=key.authority,
            enrolment=key.id,
            person=decision.person,
            decision=decision.decision,
            note=decision.note,
            at=decision.at.isoformat(),
        ),
    )


def set_state(session: Session, key: EnrolmentKey, state: EnrolmentState, **changes: Any) -> None:
    """Change the state; `changes` may hold `serial` and `issued_at`."""
    session.execute(
        update(enrolments)
        .where(enrolments.c.authority == key.authority, enrolments.c.id == key.id)
        .values(state=state.value, **changes)
    )


def set_planned(session: Session, key: EnrolmentKey, state: EnrolmentState, serial: int) -> None:
    """Note what the register has planned."""
    set_state(session, key, state, serial=_serial_text(serial))


def set_issued(session: Session, key: EnrolmentKey, state: EnrolmentState, at: datetime) -> None:
    """Note that the certificate is there."""
    set_state(session, key, state, issued_at=at.isoformat())


def _is_asked_for(session: Session, authority: str, digest: bytes) -> bool:
    asked = select(enrolments.c.id).where(
        enrolments.c.authority == authority,
        enrolments.c.spki_digest == digest,
        enrolments.c.state.in_([state.value for state in OPEN]),
    )
    return bool(session.execute(asked).first())


def _decisions(session: Session, key: EnrolmentKey) -> tuple[Decision, ...]:
    query = (
        select(decisions)
        .where(decisions.c.authority == key.authority, decisions.c.enrolment == key.id)
        .order_by(decisions.c.at, decisions.c.person)
    )
    return tuple(
        Decision(row.person, row.decision, row.note, datetime.fromisoformat(row.at))
        for row in session.execute(query)
    )


def _read(row: Row[Any], found: tuple[Decision, ...]) -> Enrolment:
    return Enrolment(
        key=EnrolmentKey(row.authority, row.id),
        state=EnrolmentState(row.state),
        way=Way(row.way),
        purpose=row.purpose,
        subject=json.loads(row.subject),
        spki=row.spki,
        request=row.request,
        particulars=_read_particulars(row.particulars),
        not_after=datetime.fromisoformat(row.not_after) if row.not_after else None,
        predecessor=int(row.predecessor, 16) if row.predecessor else None,
        submitted_by=row.submitted_by,
        department=row.department,
        submitted_at=datetime.fromisoformat(row.submitted_at),
        approvals_needed=row.approvals_needed,
        submission_digest=row.submission_digest,
        serial=int(row.serial, 16) if row.serial else None,
        issued_at=datetime.fromisoformat(row.issued_at) if row.issued_at else None,
        decisions=found,
    )


def _written(particulars: Particulars) -> str:
    return json.dumps(
        {
            "dns_names": particulars.dns_names,
            "ip_addresses": particulars.ip_addresses,
            "permitted_names": [name.hex() for name in particulars.permitted_names],
            "policies": particulars.policies,
            "organisation_code": particulars.organisation_code,
            "crl_addresses": particulars.crl_addresses,
            "key_identifier": (particulars.key_identifier or b"").hex(),
        }
    )


def _read_particulars(text: str) -> Particulars:
    members = json.loads(text)
    return Particulars(
        dns_names=tuple(members["dns_names"]),
        ip_addresses=tuple(members["ip_addresses"]),
        permitted_names=tuple(map(bytes.fromhex, members["permitted_names"])),
        policies=tuple(members["policies"]),
        organisation_code=members["organisation_code"],
        crl_addresses=tuple(members["crl_addresses"]),
        key_identifier=bytes.fromhex(members["key_identifier"]) or None,
    )


def _added(session: Session, statement: Any) -> bool:
    try:
        with session.begin_nested():
            session.execute(statement)
    except IntegrityError:
        return False
    return True


def _serial_text(serial: int | None) -> str | None:
    return None if serial is None else f"{serial:040x}"
