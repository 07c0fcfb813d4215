"""Consents (授权): what a holder allows, to whom, how long and how often.

* A consent names items, the fields that may be handed out, organisations, a time of at most
  thirty days and a number of uses. A check is refused for whatever it does not name.
* The holder passes its code on; here only the SM3 of the code is kept. Whoever has the code
  still needs to be one of the organisations, and to ask about this very holder.
* One use answers one item of one case, however often that question is repeated.
* It ends by its time, its last use, or when the holder withdraws it. A use is spent in the
  transaction of the check: two checks at once cannot spend the same last use.
"""

import base64
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from sealkit.record import Holder
from sealkit.sm import sm3
from verification.certificate_free import consent_repository as repository
from verification.certificate_free.consent_repository import Consent, ConsentUse, Through
from verification.certificate_free.questions import index_of
from verification.errors import (
    ConsentTermsError,
    ExpiredConsentError,
    HolderOnlyError,
    OtherConsentError,
    SpentConsentError,
    TooManyConsentsError,
    UnknownConsentError,
    WithdrawnConsentError,
)
from verification.ports import Actor, VerificationServices

LONGEST: Final = timedelta(days=30)  # standards/e-licence, 8.1
USUAL: Final = timedelta(hours=24)
MAX_USES: Final = 100
MAX_LIVE: Final = 100  # consents of one holder that are good at one time
_CODE_BYTES: Final = 16
_MAX_CODE_CHARACTERS: Final = 200
_USCC: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a consent allows."""

    items: tuple[str, ...]
    fields: tuple[str, ...]
    """``requirement.field``; empty allows answers and no value."""
    organisations: tuple[str, ...]
    """USCC of each that may use it."""
    valid_from: datetime
    expires_at: datetime
    uses: int = 1


@dataclass(frozen=True, slots=True)
class Use:
    """What a consent is to be used for."""

    holder: bytes
    """Keyed digest of the person asked about."""
    organisation: str
    item: str
    fields: tuple[str, ...]
    """Those of this person's licences that are asked for."""
    case_number: str


def new_code() -> str:
    """Return 128 random bits as people and machines can pass them on."""
    return base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().rstrip("=")


def id_of_code(code: str) -> str:
    """Return the name under which a code's row is kept: its SM3, hexadecimal."""
    return sm3.digest(code.strip().upper()[:_MAX_CODE_CHARACTERS].encode()).hex()


def require_holder(actor: Actor) -> Holder:
    """Return the holder that the caller is proven to be.

    Raises:
        HolderOnlyError: if the caller is not signed in as a holder.
    """
    if "holder" not in actor.roles or actor.identified_as is None:
        raise HolderOnlyError
    return actor.identified_as


def give_consent(
    session: Session, terms: Terms, *, actor: Actor, services: VerificationServices, at: datetime
) -> tuple[Consent, str]:
    """Record what the caller allows; return it with its code, which is not kept.

    Raises:
        HolderOnlyError: if the caller is no holder.
        ConsentTermsError: if the terms are not ones that can be given.
        TooManyConsentsError: if the holder has too many that are good now.
    """
    holder = index_of(require_holder(actor), services)
    _require_possible(terms, services, at)
    if repository.live_consents(session, services.region, holder, at) >= MAX_LIVE:
        raise TooManyConsentsError
    code = new_code()
    consent = add_consent(
        session, id_of_code(code), terms, holder, Through.BEFOREHAND, actor, services, at
    )
    return consent, code


def add_consent(
    session: Session,
    consent_id: str,
    terms: Terms,
    holder: bytes,
    through: Through,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> Consent:
    """Store a consent that its holder gave, with its line in the audit chain."""
    consent = Consent(
        region=services.region,
        id=consent_id,
        holder=holder,
        items=terms.items,
        fields=terms.fields,
        organisations=terms.organisations,
        given_at=at,
        given_through=through,
        valid_from=terms.valid_from,
        expires_at=terms.expires_at,
        uses=terms.uses,
        uses_left=terms.uses,
    )
    repository.add(session, consent)
    _record(session, services, actor, "consent.given", consent, at)
    return consent


def withdraw_consent(
    session: Session,
    consent_id: str,
    *,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> Consent:
    """Take a consent back; what was answered stays answered. Again changes nothing.

    Raises:
        HolderOnlyError: if the caller is no holder.
        UnknownConsentError: if the caller gave no such consent.
    """
    holder = index_of(require_holder(actor), services)
    found = repository.find(session, services.region, consent_id)
    if found is None or found.holder != holder:
        raise UnknownConsentError
    if found.withdrawn_at is not None:
        return found
    repository.withdraw(session, found, at)
    _record(session, services, actor, "consent.withdrawn", found, at)
    return replace(found, withdrawn_at=at)


def consents_of(
    session: Session, *, actor: Actor, services: VerificationServices
) -> list[tuple[Consent, list[ConsentUse]]]:
    """Return the caller's consents, newest first, each with what it was used for.

    Raises:
        HolderOnlyError: if the caller is no holder.
    """
    holder = index_of(require_holder(actor), services)
    return [
        (consent, repository.uses_of_consent(session, consent))
        for consent in repository.of_holder(session, services.region, holder)
    ]


def require_usable(
    session: Session, code: str, use: Use, *, services: VerificationServices, at: datetime
) -> Consent:
    """Return the consent of this code if it allows `use` at `at`; nothing is spent yet.

    Raises:
        UnknownConsentError: if there is none of this holder for this organisation.
        WithdrawnConsentError: if it was taken back.
        ExpiredConsentError: if it is not good at `at`.
        OtherConsentError: if it does not name the item or a field, or is for another case.
        SpentConsentError: if no use is left.
    """
    found = repository.find(session, services.region, id_of_code(code))
    if found is None or found.holder != use.holder or use.organisation not in found.organisations:
        raise UnknownConsentError
    if found.withdrawn_at is not None:
        raise WithdrawnConsentError
    if not found.valid_from <= at < found.expires_at:
        raise ExpiredConsentError
    case = repository.case_asked_for(session, found)
    if (
        use.item not in found.items
        or not set(use.fields) <= set(found.fields)
        or case not in (None, use.case_number)
    ):
        raise OtherConsentError
    if found.uses_left < 1 and not _is_spent_on(session, found, use):
        raise SpentConsentError
    return found


def spend(session: Session, consent: Consent, use: Use, *, check_id: str, at: datetime) -> None:
    """Spend one use on one item of one case, unless it was spent on that already.

    Raises:
        SpentConsentError: if another check took the last use meanwhile, or the holder
            withdrew it.
    """
    spent_on = ConsentUse(use.organisation, use.case_number, use.item, check_id, at)
    if not _is_spent_on(session, consent, use) and not repository.take_use(
        session, consent, spent_on
    ):
        raise SpentConsentError


def _is_spent_on(session: Session, consent: Consent, use: Use) -> bool:
    return repository.is_spent_on(
        session,
        consent,
        organisation=use.organisation,
        case_number=use.case_number,
        item=use.item,
    )


def _require_possible(terms: Terms, services: VerificationServices, at: datetime) -> None:
    known = [services.items[code] for code in terms.items if code in services.items]
    listed = {field for item in known for field in item.fields}
    possible = (
        len(known) == len(terms.items) > 0
        and set(terms.fields) <= listed
        and 0 < len(terms.organisations)
        and all(map(_USCC.fullmatch, terms.organisations))
        and _is_distinct(terms.items)
        and _is_distinct(terms.organisations)
        and 1 <= terms.uses <= MAX_USES
        and terms.valid_from < terms.expires_at
        and at < terms.expires_at <= at + LONGEST
    )
    if not possible:
        raise ConsentTermsError


def _is_distinct(entries: Iterable[str]) -> bool:
    listed = list(entries)
    return len(set(listed)) == len(listed)


def _record(
    session: Session,
    services: VerificationServices,
    actor: Actor,
    act: str,
    consent: Consent,
    at: datetime,
) -> None:
    services.audit.record(
        session,
        actor=actor.id,
        act=act,
        subject=consent.id,
        at=at,
        detail={
            "items": ",".join(consent.items),
            "fields": ",".join(consent.fields),
            "organisations": ",".join(consent.organisations),
            "expires_at": consent.expires_at.isoformat(),
            "uses": str(consent.uses),
            "through": consent.given_through.value,
        },
    )
