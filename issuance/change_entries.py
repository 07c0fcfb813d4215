"""Log entries for what befalls a published licence: suspended, resumed, ended.

An ending that stood in the register alone could be made or taken back by whoever has the
database. So each of these steps appends an entry in the transaction of the step:

* It says what, which kind, in which hour, and nothing about whom; its commitment is salted
  with a salt of its own, drawn from the edition's, so that without that it cannot be tied to the
  licence, and it is chained to the entry before of the same licence.
* It follows from the rows of the register alone, so `yinxin doctor` makes it again and holds the
  log to the register and the register to the log.
* The signed checkpoint comes with it; a bulk shares one.

See docs/adr/0026-changes-in-the-log.md.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from ca.errors import UnknownLeafError
from issuance import repository
from issuance.licence_record import salt_of
from issuance.ports import IssuanceServices
from issuance.register_rows import NO_SALT, Edition, EditionEvent
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import MalformedError
from sealkit.log_leaf import Event, LogLeaf, chained, commitment, hour_of, parse_leaf
from sealkit.sm import sm3

LOGGED_STEPS: Final = {
    "suspend": Event.SUSPENDED,
    "resume": Event.RESTORED,
    "cancel": Event.ENDED,
    "revoke": Event.ENDED,
    "forfeit": Event.ENDED,
}
CHANGES: Final = frozenset(LOGGED_STEPS.values())
_SALT_LABEL: Final = b"lic-change/v1"


def log_change(
    session: Session, services: IssuanceServices, edition: Edition, event: EditionEvent
) -> int | None:
    """Append the entry of a step and return its index; None for a step that has none."""
    if event.step not in LOGGED_STEPS or edition.log_index is None:
        return None
    signer = services.keys.signer(services.key_names.code_signer)
    kid = parse_certificate(signer.certificate_der).sm2_key.kid
    entry = change_entry(session, services, edition, event, kid)
    return services.log.append(session, entry.to_cbor(), at=event.at)


def change_entry(
    session: Session,
    services: IssuanceServices,
    edition: Edition,
    event: EditionEvent,
    issuer_kid: bytes,
) -> LogLeaf:
    """Return the entry of a step, as it follows from the register.

    Raises:
        LookupError: if the register lacks the plan of the edition.
        UnknownLeafError: if the log lacks the entry before.
        MalformedError: if the edition's salt cannot be opened.
    """
    plan = repository.plan(session, edition.key)
    if plan is None:
        raise LookupError(edition.identifier)
    salt = salt_of(services.vault, plan.key, plan.sealed_salt)
    own_salt = sm3.digest(_SALT_LABEL + salt + event.sequence.to_bytes(4))
    # Steps of one edition stand in order, so the entry before has an index already.
    before = [
        earlier.log_index
        for earlier in repository.events(session, edition.key)
        if earlier.sequence < event.sequence and earlier.log_index is not None
    ]
    index = before[-1] if before else edition.log_index
    previous = parse_leaf(services.log.entry(session, index if index is not None else -1))
    said = f"{edition.identifier}\n{event.step}\n{event.sequence}\n{event.at.isoformat()}"
    return LogLeaf(
        event=LOGGED_STEPS[event.step],
        issuer_kid=issuer_kid,
        type_code=edition.kind_code,
        hour=hour_of(event.at),
        commitment=commitment(own_salt, sm3.digest(said.encode())),
        prior=chained(own_salt, previous.commitment),
    )


def sign_changes(session: Session, services: IssuanceServices, *, at: datetime) -> None:
    """Sign a checkpoint over the entries that were appended."""
    services.log.checkpoint(session, services.keys.signer(services.key_names.log), at=at)


def log_earlier_changes(session: Session, services: IssuanceServices, *, at: datetime) -> int:
    """Append entries for steps that were taken before there were any; return how many."""
    done = 0
    for key, event in repository.unlogged_events(session, tuple(LOGGED_STEPS)):
        edition = repository.edition(session, key)
        if edition is None:
            continue
        index = log_change(session, services, edition, event)
        if index is not None:
            repository.set_event_index(session, key, event.sequence, index)
            done += 1
    if done:
        sign_changes(session, services, at=at)
    return done


def find_change_faults(
    session: Session, services: IssuanceServices, edition: Edition
) -> Iterator[tuple[str, str]]:
    """Yield rule and detail of what the steps of an edition and the log say differently."""
    plan = repository.plan(session, edition.key)
    erased = plan is not None and plan.sealed_salt == NO_SALT
    events = repository.events(session, edition.key)
    if events and events[-1].state_after != edition.state.value:
        yield "state.contradicts_steps", f"{events[-1].state_after}, now {edition.state.value}"
    for event in events:
        if event.step not in LOGGED_STEPS:
            continue
        if event.log_index is None:
            yield "change_entry.absent", f"{event.sequence} {event.step}"
            continue
        try:
            found = parse_leaf(services.log.entry(session, event.log_index))
            if erased:
                # Without the salt an entry shows what befell a licence, and not which one.
                expected = replace(
                    found,
                    event=LOGGED_STEPS[event.step],
                    type_code=edition.kind_code,
                    hour=hour_of(event.at),
                )
            else:
                expected = change_entry(session, services, edition, event, found.issuer_kid)
        except (LookupError, UnknownLeafError, MalformedError):
            yield "change_entry.unreadable", f"{event.sequence} {event.step}"
            continue
        if found != expected:
            yield "change_entry.differs", f"{event.sequence} {event.step}"


def find_unregistered_changes(session: Session, services: IssuanceServices) -> Iterator[int]:
    """Yield the index of each entry of a change that the register knows nothing of."""
    known = repository.logged_change_indexes(session)
    for index, entry in enumerate(services.log.entries(session)):
        try:
            event = parse_leaf(entry).event
        except MalformedError:
            continue  # an entry of another sort, such as a day's status list
        if event in CHANGES and index not in known:
            yield index


def with_index(event: EditionEvent, index: int | None) -> EditionEvent:
    """Return the step with the place of its entry."""
    return replace(event, log_index=index)
