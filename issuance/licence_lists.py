"""Licences of a department as lists show them: the newest first, and one by its number."""

from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from issuance import repository
from issuance.entitlement import AUDITOR, CLERK, OPERATOR, REVIEWER, department_of, require_role
from issuance.personal_data import number_index
from issuance.ports import Actor, IssuanceServices
from issuance.register_rows import Edition, EditionKey
from issuance.tables import editions, numbers


def newest_licences(
    session: Session,
    *,
    actor: Actor,
    limit: int,
    before: tuple[datetime, str] | None = None,
) -> list[Edition]:
    """Return published editions of the caller's department, the newest first.

    `before` is time of publishing and serial of the last one that was seen.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
    """
    require_role(actor, "read licences", CLERK, REVIEWER, OPERATOR, AUDITOR)
    columns = editions.c
    query = select(columns.issuer_code, columns.serial, columns.version).where(
        columns.issuer_code == actor.department, columns.published_at.is_not(None)
    )
    if before is not None:
        last = (before[0].isoformat(), before[1])
        query = query.where(tuple_(columns.published_at, columns.serial) < last)
    order = (columns.published_at.desc(), columns.serial.desc())
    found = session.execute(query.order_by(*order).limit(limit))
    keys = [EditionKey(*row) for row in found]
    return [edition for key in keys if (edition := repository.edition(session, key))]


def licence_by_number(
    session: Session, services: IssuanceServices, number: str, *, actor: Actor
) -> Edition | None:
    """Return the newest edition of the licence in force that has a printed number.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
    """
    require_role(actor, "read licences", CLERK, REVIEWER, OPERATOR, AUDITOR)
    kinds = department_of(services.departments, actor).kinds
    indexes = [number_index(services.vault, kind, number) for kind in kinds]
    query = select(numbers.c.serial).where(
        numbers.c.issuer_code == actor.department, numbers.c.number_index.in_(indexes)
    )
    serial = session.execute(query).scalars().first()
    if serial is None:
        return None
    return repository.edition_chain(session, actor.department, serial)[-1]
