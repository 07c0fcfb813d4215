"""Answers of the routes that need more than one row."""

from datetime import datetime

from sqlalchemy.orm import Session

from issuance import objection_repository, repository, status
from issuance.claims import decision_of
from issuance.errors import UnknownLicenceError
from issuance.objection_repository import Objection
from issuance.objection_schemas import ObjectionOut
from issuance.ports import IssuanceServices
from issuance.register_rows import Application, Edition, EditionKey
from issuance.schemas import LicenceOut, StatusOut
from issuance.states import UNPUBLISHED


def licence_id_of(session: Session, application: Application) -> str | None:
    """Return the identifier of an application's licence, None while it is not published."""
    source = f"application:{application.id}"
    plan = repository.plan_of_source(session, application.issuer_code, source)
    edition = repository.edition(session, plan.key) if plan else None
    return edition.identifier if edition and edition.state not in UNPUBLISHED else None


def licence_answer(session: Session, services: IssuanceServices, edition: Edition) -> LicenceOut:
    """Return an edition with its place in the chain, its slot and its files."""
    slot = status.slot_of(services, edition.issuer_code, edition.list_number, edition.slot)
    published = edition.state not in UNPUBLISHED
    return LicenceOut.of_licence(
        edition,
        StatusOut(uri=slot.uri, index=slot.index),
        list(repository.files(session, edition.key)) if published else [],
        repository.edition_chain(session, edition.issuer_code, edition.serial),
    )


def objection_answer(
    session: Session, services: IssuanceServices, objection: Objection, *, at: datetime
) -> ObjectionOut:
    """Return an objection with its steps and, once decided, the reasons."""
    decision = decision_of(services.vault, objection)
    version = objection.corrected_version
    key = objection.edition_key
    corrected = EditionKey(key.issuer_code, key.serial, version) if version else None
    return ObjectionOut.of(
        objection,
        objection_repository.events_of(session, objection),
        licence_id=_identifier(session, key),
        corrected_licence_id=_identifier(session, corrected) if corrected else None,
        reasons=decision.reasons if decision else None,
        at=at,
    )


def _identifier(session: Session, key: EditionKey) -> str:
    edition = repository.edition(session, key)
    if edition is None:
        raise UnknownLicenceError
    return edition.identifier
