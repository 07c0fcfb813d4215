"""What must hold of erasures: each destroyed salt was decided, each decision carried out."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Table, and_, select
from sqlalchemy.orm import Session

from issuance.erasures.rows import ERASED
from issuance.erasures.tables import erasures
from issuance.register_rows import NO_SALT
from issuance.sealing import PROOF
from issuance.tables import edition_files, editions, plans

_OF_PLAN = and_(
    erasures.c.issuer_code == plans.c.issuer_code,
    erasures.c.serial == plans.c.serial,
    erasures.c.version == plans.c.version,
    erasures.c.state.in_([state.value for state in ERASED]),
)


def find_erasure_faults(session: Session) -> Iterator[tuple[str, str]]:
    """Yield rule and identifier where salts, proofs and decisions contradict."""
    undecided = (
        select(editions.c.identifier)
        .join(plans, _same(editions, plans))
        .outerjoin(erasures, _OF_PLAN)
        .where(plans.c.sealed_salt == NO_SALT, erasures.c.id.is_(None))
    )
    for identifier in session.execute(undecided).scalars():
        yield "erasure.undecided", identifier
    salt_left = (
        select(erasures.c.identifier).join(plans, _OF_PLAN).where(plans.c.sealed_salt != NO_SALT)
    )
    proof_left = (
        select(erasures.c.identifier)
        .join(plans, _OF_PLAN)
        .join(edition_files, _same(edition_files, plans))
        .where(edition_files.c.form == PROOF)
    )
    left = set(session.execute(salt_left).scalars()) | set(session.execute(proof_left).scalars())
    for identifier in sorted(left):
        yield "erasure.not_carried_out", identifier


def _same(one: Table, other: Table) -> ColumnElement[bool]:
    return and_(
        one.c.issuer_code == other.c.issuer_code,
        one.c.serial == other.c.serial,
        one.c.version == other.c.version,
    )
