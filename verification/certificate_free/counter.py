"""Consent at a counter (standards/e-licence, 8.2): show, scan, agree, check.

1. The holder's phone shows a code: random, nothing personal in it, replaced every 60 s,
   good for 90 s and for one scan.
2. The counter scans it and asks for an item, fields and a case. It learns a transaction,
   and not who the holder is.
3. The holder sees on the phone who asks what, and agrees or refuses.
4. The counter learns the decision. The transaction is then the code of a consent: for this
   organisation, item, case and fields, once, for ten minutes.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from verification.certificate_free import counter_repository as repository
from verification.certificate_free.consent_repository import Through
from verification.certificate_free.consents import (
    Terms,
    add_consent,
    id_of_code,
    new_code,
    require_holder,
)
from verification.certificate_free.counter_repository import (
    ConsentRequest,
    RequestState,
    ShownCode,
)
from verification.certificate_free.items import item_of
from verification.certificate_free.questions import index_of, require_asker
from verification.errors import (
    DecidedRequestError,
    OverAskingError,
    StaleShownCodeError,
    TooManyConsentsError,
    UnknownRequestError,
    UnknownShownCodeError,
    UsedShownCodeError,
)
from verification.ports import Actor, VerificationServices

REFRESHED_AFTER: Final = timedelta(seconds=60)
GOOD_FOR: Final = timedelta(seconds=90)
DECIDED_WITHIN: Final = timedelta(minutes=10)
USED_WITHIN: Final = timedelta(minutes=10)
MAX_LIVE_CODES: Final = 10
_PREFIX: Final = "YXS1:"


@dataclass(frozen=True, slots=True)
class CounterQuestion:
    """What a counter asks the holder in front of it to allow."""

    item: str
    fields: tuple[str, ...]
    case_number: str
    operator: str


def show_code(
    session: Session, *, actor: Actor, services: VerificationServices, at: datetime
) -> tuple[str, ShownCode]:
    """Return a fresh code for the caller's phone, and when it ends.

    Raises:
        HolderOnlyError: if the caller is no holder.
        TooManyConsentsError: if too many of the caller's codes could be scanned now.
    """
    holder = index_of(require_holder(actor), services)
    if repository.live_codes(session, services.region, holder, at) >= MAX_LIVE_CODES:
        raise TooManyConsentsError
    code = _PREFIX + new_code()
    shown = ShownCode(services.region, id_of_code(code), holder, at, at + GOOD_FOR)
    repository.add_code(session, shown)
    return code, shown


def ask_consent(
    session: Session,
    code: str,
    question: CounterQuestion,
    *,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> tuple[str, ConsentRequest]:
    """Ask whoever shows `code`; return the transaction, and the request as it waits.

    Raises:
        NotEntitledError: if the caller may not ask for checks.
        UnknownItemError: if the catalogue has no such item.
        OverAskingError: if a field is asked for that the item does not list.
        UnknownShownCodeError: if the code was never shown.
        StaleShownCodeError: if it is too old.
        UsedShownCodeError: if it was scanned before.
    """
    require_asker(actor)
    item = item_of(services.items, question.item)
    surplus = sorted(set(question.fields) - set(item.fields))
    if surplus:
        raise OverAskingError(item.code, surplus)
    shown = _scanned(session, code, services, at)
    transaction = new_code()
    request = ConsentRequest(
        region=services.region,
        id=id_of_code(transaction),
        holder=shown.holder,
        organisation=actor.department,
        operator=question.operator,
        item=item.code,
        fields=question.fields,
        case_number=question.case_number,
        asked_at=at,
        expires_at=at + DECIDED_WITHIN,
    )
    repository.add_request(session, request)
    _record(session, services, actor, "consent.asked", request, at)
    return transaction, request


def state_of(
    session: Session,
    transaction: str,
    *,
    actor: Actor,
    services: VerificationServices,
) -> ConsentRequest:
    """Return how a request of the caller's own organisation stands.

    Raises:
        NotEntitledError: if the caller may not ask for checks.
        UnknownRequestError: if there is none of this transaction there.
    """
    require_asker(actor)
    found = repository.find_request(session, services.region, id_of_code(transaction))
    if found is None or found.organisation != actor.department:
        raise UnknownRequestError
    return found


def requests_for(
    session: Session, *, actor: Actor, services: VerificationServices, at: datetime
) -> list[ConsentRequest]:
    """Return what the caller, a holder, is asked to allow now.

    Raises:
        HolderOnlyError: if the caller is no holder.
    """
    holder = index_of(require_holder(actor), services)
    return repository.waiting_requests(session, services.region, holder, at)


def decide(
    session: Session,
    request_id: str,
    *,
    agrees: bool,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> ConsentRequest:
    """Agree to a request, or refuse it.

    Raises:
        HolderOnlyError: if the caller is no holder.
        UnknownRequestError: if the caller is not asked this.
        DecidedRequestError: if it was decided before, or its time has run out.
    """
    holder = index_of(require_holder(actor), services)
    found = repository.find_request(session, services.region, request_id)
    if found is None or found.holder != holder:
        raise UnknownRequestError
    state = RequestState.AGREED if agrees else RequestState.REFUSED
    if at >= found.expires_at or not repository.decide(session, found, state, at):
        raise DecidedRequestError
    if agrees:
        terms = Terms(
            items=(found.item,),
            fields=found.fields,
            organisations=(found.organisation,),
            valid_from=at,
            expires_at=at + USED_WITHIN,
        )
        add_consent(session, found.id, terms, holder, Through.COUNTER, actor, services, at)
    else:
        _record(session, services, actor, "consent.refused", found, at)
    return replace(found, state=state, decided_at=at)


def _scanned(
    session: Session, code: str, services: VerificationServices, at: datetime
) -> ShownCode:
    """Return the code as one that was scanned now, for the first time and in time."""
    shown = repository.find_code(session, services.region, id_of_code(code))
    if shown is None:
        raise UnknownShownCodeError
    if at >= shown.expires_at:
        raise StaleShownCodeError
    if not repository.scan(session, shown, at):
        raise UsedShownCodeError
    return shown


def _record(
    session: Session,
    services: VerificationServices,
    actor: Actor,
    act: str,
    request: ConsentRequest,
    at: datetime,
) -> None:
    services.audit.record(
        session,
        actor=actor.id,
        act=act,
        subject=request.id,
        at=at,
        detail={
            "organisation": request.organisation,
            "item": request.item,
            "fields": ",".join(request.fields),
        },
    )
