"""Who did something, as pages name them: the account's name where it has one, and its id."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from yinxin.accounts import accounts


def names_of(session: Session, ids: Iterable[str | None]) -> Mapping[str | None, str]:
    """Return how to name each account; a system or a removed one has its id alone."""
    wanted = {one for one in ids if one}
    found = select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(wanted))
    names = {row.id: row.name for row in session.execute(found)}
    told = {one: f"{names[one]}（{one}）" if names.get(one) else one for one in wanted}
    return {None: ""} | told
