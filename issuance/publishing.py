"""Publishing (发布): the log entry, the proof, the live status slot, and who is told.

* The entry commits to the edition by its code, with a salt only we and the holder keep;
  the entry of a later edition is chained to the one before.
* Publishing a later edition supersedes the one before in the same transaction, frees
  numbers it no longer uses, closes the objection that led to it, and leaves a notice for
  everybody who relied on the old one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from issuance import notices, objection_repository, repository, status
from issuance.change_entries import sign_changes
from issuance.edition_steps import step_edition
from issuance.errors import UnknownFileError, UnknownLicenceError
from issuance.licence_record import salt_of
from issuance.ports import IssuanceServices
from issuance.register_rows import Edition, EditionKey, Plan
from issuance.replacements import NOTICES
from issuance.sealing import CODE_TEXT, PROOF, store_files
from issuance.states import IN_FORCE, EditionState
from sealkit.asn1.x509 import parse_certificate
from sealkit.formats.code.container import unwrap
from sealkit.log_leaf import Event, LeafOpening, LogLeaf, chained, commitment, hour_of, parse_leaf
from sealkit.sm import sm3

OBJECTION_SOURCE: Final = "objection:"
CORRECTED: Final = "04"
SUSPENDED: Final = "11"
"""change_reasons of the code lists: 更正, 暂停."""


def log_edition(
    session: Session, services: IssuanceServices, key: EditionKey, *, at: datetime
) -> Edition:
    """Append the entry of a sealed edition to the log."""
    return log_editions(session, services, [key], at=at)[0]


def log_editions(
    session: Session, services: IssuanceServices, keys: Sequence[EditionKey], *, at: datetime
) -> list[Edition]:
    """Append the entries of sealed editions to the log, all at once."""
    found = [_plan_and_edition(session, key) for key in keys]
    entries = [_entry(session, services, plan, edition).to_cbor() for plan, edition in found]
    indexes = services.log.append_all(session, entries, at=at)
    return [
        step_edition(
            session, services, edition, "log", actor=plan.planned_by, at=at, log_index=index
        )
        for (plan, edition), index in zip(found, indexes, strict=True)
    ]


def publish(
    session: Session, services: IssuanceServices, key: EditionKey, *, at: datetime
) -> Edition:
    """Make a logged edition the one in force."""
    plan, edition = _plan_and_edition(session, key)
    proof = store_files(services, edition, {PROOF: _proof(session, services, plan, edition, at)})
    repository.add_files(session, key, proof)
    if plan.source.startswith(OBJECTION_SOURCE):
        objection_repository.finish_correction(
            session,
            key.issuer_code,
            plan.source.removeprefix(OBJECTION_SOURCE),
            version=key.version,
            actor=plan.planned_by,
            at=at,
        )
    # Another objection on this licence may still be open.
    disputed = objection_repository.is_disputed(session, key.issuer_code, key.serial)
    actor = plan.planned_by
    published = step_edition(
        session,
        services,
        edition,
        "publish",
        actor=actor,
        at=at,
        published_at=at,
        disputed=disputed,
    )
    notices.tell_holders(session, published, "licence.published", at=at)
    if _supersede_earlier(session, services, published, actor=actor, at=at):
        # A correction does not lift a suspension; resuming is a decision of its own.
        published = step_edition(
            session, services, published, "suspend", actor=actor, at=at, reason_code=SUSPENDED
        )
        sign_changes(session, services, at=at)
    status.publish_state(session, published, published.state, disputed=disputed, at=at)
    repository.free_numbers(session, key.issuer_code, key.serial, but=edition.number_index)
    repository.finish_plan(session, key, at=at)
    return published


def code_text_of(session: Session, services: IssuanceServices, key: EditionKey) -> str:
    """Return the code of a sealed edition.

    Raises:
        UnknownFileError: if it has none yet.
    """
    file = repository.files(session, key).get(CODE_TEXT)
    if file is None:
        raise UnknownFileError
    return services.files.get(file.key).decode("ascii")


def _supersede_earlier(
    session: Session, services: IssuanceServices, newer: Edition, *, actor: str, at: datetime
) -> bool:
    """Supersede the editions before `newer`; return whether one was suspended."""
    earlier = [
        edition
        for edition in repository.edition_chain(session, newer.issuer_code, newer.serial)
        if edition.version < newer.version and edition.state in IN_FORCE
    ]
    for edition in earlier:
        _supersede(session, services, edition, newer.reason_code, actor=actor, at=at)
    return any(edition.state is EditionState.SUSPENDED for edition in earlier)


def _supersede(
    session: Session,
    services: IssuanceServices,
    earlier: Edition,
    reason_code: str,
    *,
    actor: str,
    at: datetime,
) -> None:
    superseded = step_edition(
        session,
        services,
        earlier,
        "supersede",
        actor=actor,
        at=at,
        reason_code=reason_code,
        disputed=False,
    )
    status.publish_state(session, superseded, superseded.state, disputed=False, at=at)
    organisations = services.reliance.organisations(session, earlier.identifier)
    event = NOTICES.get(reason_code, "licence.corrected")
    notices.tell_organisations(session, superseded, event, organisations, at=at)
    notices.tell_holders(session, superseded, event, at=at)


def _entry(session: Session, services: IssuanceServices, plan: Plan, edition: Edition) -> LogLeaf:
    signer = services.keys.signer(services.key_names.code_signer)
    prior = None
    salt, committed = _commitment(session, services, plan)
    if edition.version > 1:
        before = EditionKey(edition.issuer_code, edition.serial, edition.version - 1)
        prior = chained(salt, _logged_commitment(session, services, before))
    return LogLeaf(
        event=Event.CORRECTED if edition.reason_code == CORRECTED else Event.ISSUED,
        issuer_kid=parse_certificate(signer.certificate_der).sm2_key.kid,
        type_code=edition.kind_code,
        # Of the plan, so that the entry is the same however often it is made.
        hour=hour_of(plan.planned_at),
        commitment=committed,
        prior=prior,
    )


def _commitment(session: Session, services: IssuanceServices, plan: Plan) -> tuple[bytes, bytes]:
    """Return the salt of an edition and its commitment."""
    salt = salt_of(services.vault, plan.key, plan.sealed_salt)
    credential = unwrap(code_text_of(session, services, plan.key))
    return salt, commitment(salt, sm3.digest(credential))


def _logged_commitment(session: Session, services: IssuanceServices, key: EditionKey) -> bytes:
    """Return what the log has of an earlier edition; its salt may have been destroyed."""
    found = repository.edition(session, key)
    if found is None or found.log_index is None:
        raise UnknownLicenceError
    return parse_leaf(services.log.entry(session, found.log_index)).commitment


def _proof(
    session: Session, services: IssuanceServices, plan: Plan, edition: Edition, at: datetime
) -> bytes:
    if edition.log_index is None:
        raise UnknownLicenceError
    signer = services.keys.signer(services.key_names.log)
    note = services.log.checkpoint(session, signer, at=at)
    salt, _committed = _commitment(session, services, plan)
    entry = _entry(session, services, plan, edition).to_cbor()
    return services.log.proof(
        session,
        edition.log_index,
        checkpoint_note=note,
        extra=LeafOpening(entry, salt).to_cbor(),
    )


def _plan_and_edition(session: Session, key: EditionKey) -> tuple[Plan, Edition]:
    plan, edition = repository.plan(session, key), repository.edition(session, key)
    if plan is None or edition is None:
        raise UnknownLicenceError
    return plan, edition
