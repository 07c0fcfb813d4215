"""What must hold of the register at every moment, looked for row by row, for `yinxin doctor`.

Nothing is repaired here. A fault names the rule and the licence; an unfinished plan is none,
since the next start goes on with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from issuance import repository, status, status_repository
from issuance.change_entries import find_change_faults, find_unregistered_changes
from issuance.erasures.faults import find_erasure_faults
from issuance.ports import IssuanceServices
from issuance.register_rows import NO_SALT, OFD_ONLY, Edition, EditionKey
from issuance.sealing import CODE_PICTURE, CODE_TEXT, OFD, PDF, PROOF
from issuance.states import IN_FORCE, UNPUBLISHED, EditionState, slot_value
from issuance.tables import editions, numbers, plans, status_lists, status_slots
from sealkit.errors import MalformedError
from sealkit.sm import sm3
from verification.errors import OpeningErasedError, SourceUnavailableError
from verification.report import Report, Severity, Verdict
from verification.trust import TrustStore
from verification.verify import verify

BY_DATE: Final = frozenset({"licence.not_yet_valid", "licence.expired"})
"""Findings that time alone brings; the register need not know of them."""
_IN_FORCE: Final = [state.value for state in IN_FORCE]
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule that does not hold."""

    rule: str
    subject: str
    """Identifier of an edition, or the place that two of them share."""
    detail: str = ""


def find_row_faults(session: Session, services: IssuanceServices) -> Iterator[Fault]:
    """Yield what the tables alone show: places given out twice, states that contradict."""
    yield from _shared(
        session, "slot.shared", editions.c.issuer_code, editions.c.list_number, editions.c.slot
    )
    yield from _miscounted_lists(session)
    yield from _shared(session, "log_entry.shared", editions.c.log_index)
    yield from _in_force_twice(session, "number.shared", editions.c.number_index)
    yield from _in_force_twice(session, "licence.two_editions_in_force", editions.c.serial)
    for rule, identifier in find_erasure_faults(session):
        yield Fault(rule, identifier)
    for edition in _all(session):
        yield from _row_faults(session, services, edition)
        for rule, detail in find_change_faults(session, services, edition):
            yield Fault(rule, edition.identifier, detail)
    for index in find_unregistered_changes(session, services):
        # What the log has cannot be taken out: somebody took it out of the register.
        yield Fault("change_entry.not_in_register", services.log.name, f"entry {index}")


def find_file_faults(session: Session, services: IssuanceServices) -> Iterator[Fault]:
    """Yield editions whose files are absent, unreadable or not those that were sealed."""
    for edition in _all(session):
        stored = repository.files(session, edition.key)
        for form in _forms(session, edition) - stored.keys():
            yield Fault("file.absent", edition.identifier, form)
        for form, file in stored.items():
            try:
                content = services.files.get(file.key)
            except (LookupError, MalformedError):
                yield Fault("file.unreadable", edition.identifier, form)
                continue
            if sm3.digest(content) != file.digest:
                yield Fault("file.changed", edition.identifier, form)


def find_verdict_faults(
    session: Session, services: IssuanceServices, *, trust: TrustStore, at: datetime
) -> Iterator[Fault]:
    """Yield published files that our own verifier does not judge as the register says.

    An edition in force must be valid, but for its dates; any other must not be.
    """
    lists = _OwnLists(session, services, at)
    for edition in _all(session):
        stored = repository.files(session, edition.key)
        forms = _forms(session, edition)
        if edition.state in UNPUBLISHED or not forms <= stored.keys():
            continue
        try:
            content = {form: services.files.get(stored[form].key) for form in forms}
        except (LookupError, MalformedError):
            continue  # `find_file_faults` names it
        code = content[CODE_TEXT].decode("ascii", "replace")
        for form in sorted(forms & {OFD, PDF, CODE_TEXT}):
            report = verify(
                content[form],
                trust=trust,
                status=lists,
                log=_OneProof(content.get(PROOF)),
                register=None,
                at=at,
                code=None if form == CODE_TEXT else code,
            )
            if _against(report) == (edition.state is EditionState.ACTIVE):
                codes = " ".join(finding.code for finding in report.findings)
                yield Fault("verdict.not_as_registered", edition.identifier, f"{form}: {codes}")


def count_waiting(session: Session) -> int:
    """Return how many plans wait to be finished."""
    return session.execute(
        select(func.count()).select_from(plans).where(plans.c.finished_at.is_(None))
    ).scalar_one()


def _miscounted_lists(session: Session) -> Iterator[Fault]:
    """A list said to be emptier than it is would be filled until its free slots tell who is new."""
    given = (
        select(func.count())
        .where(
            status_slots.c.issuer_code == status_lists.c.issuer_code,
            status_slots.c.list_number == status_lists.c.list_number,
        )
        .scalar_subquery()
    )
    query = select(status_lists, given.label("given")).where(status_lists.c.given_out != given)
    for row in session.execute(query):
        name = status.list_id(row.issuer_code, row.list_number)
        yield Fault("slots.miscounted", name, f"{row.given_out} for {row.given}")


def _row_faults(session: Session, services: IssuanceServices, edition: Edition) -> Iterator[Fault]:
    plan = repository.plan(session, edition.key)
    if plan is None:
        yield Fault("plan.absent", edition.identifier)
    elif (edition.state in UNPUBLISHED) != _is_unfinished(session, edition.key):
        yield Fault("plan.contradicts_state", edition.identifier, edition.state.value)
    if edition.state not in (EditionState.PLANNED, EditionState.SEALED):
        if edition.log_index is None:
            yield Fault("log_entry.absent", edition.identifier)
    said = session.execute(
        select(status_slots.c.value).filter_by(
            issuer_code=edition.issuer_code, list_number=edition.list_number, slot=edition.slot
        )
    ).scalar()
    means = 0
    if edition.state not in UNPUBLISHED:
        means = slot_value(edition.state, disputed=edition.disputed)
    if said != means:
        yield Fault("slot.contradicts_state", edition.identifier, f"{said} for {means}")
    if edition.state in IN_FORCE and not _holds_number(session, edition):
        yield Fault("number.not_held", edition.identifier)


def _is_unfinished(session: Session, key: EditionKey) -> bool:
    query = select(plans.c.finished_at).filter_by(
        issuer_code=key.issuer_code, serial=key.serial, version=key.version
    )
    return session.execute(query).scalar() is None


def _holds_number(session: Session, edition: Edition) -> bool:
    query = select(numbers.c.serial).filter_by(
        issuer_code=edition.issuer_code, number_index=edition.number_index
    )
    return session.execute(query).scalar() == edition.serial


def _shared(session: Session, rule: str, *place: Any) -> Iterator[Fault]:
    query = select(*place).where(place[-1].is_not(None)).group_by(*place).having(func.count() > 1)
    for row in session.execute(query):
        yield Fault(rule, " ".join(map(str, row)))


def _in_force_twice(session: Session, rule: str, column: Any) -> Iterator[Fault]:
    place = (editions.c.issuer_code, column)
    query = select(*place).where(editions.c.state.in_(_IN_FORCE)).group_by(*place)
    for issuer, value in session.execute(query.having(func.count() > 1)):
        yield Fault(rule, f"{issuer} {value.hex() if isinstance(value, bytes) else value}")


def _all(session: Session) -> Iterator[Edition]:
    """Yield every edition, a page of keys at a time, so that a large register needs no memory."""
    key = (editions.c.issuer_code, editions.c.serial, editions.c.version)
    after: tuple[Any, ...] = ("", "", 0)
    while True:
        page = session.execute(
            select(*key)
            .where(
                (key[0] > after[0])
                | and_(key[0] == after[0], key[1] > after[1])
                | and_(key[0] == after[0], key[1] == after[1], key[2] > after[2])
            )
            .order_by(*key)
            .limit(_AT_ONCE)
        ).all()
        if not page:
            return
        for row in page:
            found = repository.edition(session, EditionKey(*row))
            if found is not None:
                yield found
        after = tuple(page[-1])


def _forms(session: Session, edition: Edition) -> frozenset[str]:
    if edition.state is EditionState.PLANNED:
        return frozenset()
    forms = {OFD, PDF, CODE_TEXT, CODE_PICTURE}
    plan = repository.plan(session, edition.key)
    if plan is not None and plan.sealed_salt == NO_SALT:
        return frozenset(forms if plan.forms != OFD_ONLY else forms - {PDF})
    if plan is not None and plan.forms == OFD_ONLY:
        forms -= {PDF}
    return frozenset(forms if edition.state in UNPUBLISHED else forms | {PROOF})


def _against(report: Report) -> bool:
    """Whether anything but the dates speaks against the document."""
    if report.verdict is Verdict.VALID:
        return False
    found = {
        finding.code
        for finding in report.findings
        if finding.severity in (Severity.ERROR, Severity.UNKNOWN)
    }
    return not found <= BY_DATE


class _OwnLists:
    """Our status lists as they stand, signed once each."""

    def __init__(self, session: Session, services: IssuanceServices, at: datetime) -> None:
        self._session, self._services, self._at = session, services, at
        self._public_url = services.public_url
        self._signed: dict[str, bytes] = {}

    def token(self, uri: str) -> bytes:
        """Return the list at `uri`, which must be ours."""
        name = status.own_list_name(self._public_url, uri)
        if name is None:
            raise SourceUnavailableError("not a status list of ours")
        if name not in self._signed:
            self._signed[name] = self._sign(name)
        return self._signed[name]

    def _sign(self, name: str) -> bytes:
        # From the slots themselves, not from what was handed out a moment ago.
        issuer, number = status.list_named(self._session, name)
        states = status_repository.other_than_active(self._session, issuer, number)
        return status.sign_list(self._services, issuer, number, states, at=self._at)


@dataclass(frozen=True, slots=True)
class _OneProof:
    """The proof that lies beside an edition."""

    content: bytes | None
    """None when it was erased."""

    def proof(self, _identifier: str) -> bytes | None:
        if self.content is None:
            raise OpeningErasedError
        return self.content
