"""The demonstration's people and seals: accounts, and a seal for each department.

The seals go the whole way, as real ones do: one person applies, another reviews, a third
makes, and the seal is filed before it may be used.
"""

import json
import tomllib
from dataclasses import asdict
from importlib.resources import files

from issuance.ports import Actor
from issuance.seals import making
from issuance.seals.register import seals_of
from sealkit.record import Holder
from yinxin.accounts import Account, add_account, holder_context
from yinxin.context import Context

SECRET = "demonstration"
"""The secret of every demonstration account; public, like the accounts."""
_KEEPERS = ("seal-applicant", "seal-reviewer", "seal-maker")


def set_up(context: Context) -> None:
    """Make accounts and seals that are not there yet."""
    _make_accounts(context)
    for code in context.issuance.departments:
        _make_seal(context, code)


def _make_accounts(context: Context) -> None:
    text = files("yinxin.demonstration").joinpath("accounts.toml").read_text("utf-8")
    with context.database.writing() as session:
        for entry in tomllib.loads(text)["accounts"]:
            holder = Holder(**entry["holder"]) if "holder" in entry else None
            department = context.region.departments.get(entry.get("department", ""))
            box = None
            if holder:
                plain = json.dumps(asdict(holder), ensure_ascii=False).encode()
                box = context.vault.seal(plain, holder_context(entry["id"]))
            account = Account(
                id=entry["id"],
                name=entry["name"],
                department=department.code if department else "",
                roles=frozenset(entry["roles"]),
                sealed_holder=box,
            )
            add_account(session, account, SECRET)


def _make_seal(context: Context, issuer_code: str) -> None:
    at = context.now()
    applicant, reviewer, maker = (
        Actor(f"{name}-{issuer_code}", name, issuer_code, frozenset({"seal_keeper"}))
        for name in _KEEPERS
    )
    with context.database.writing() as session:
        if seals_of(session, issuer_code):
            return
        services = context.issuance
        seal = making.apply_for_seal(session, services, issuer_code, actor=applicant, at=at)
        making.review_seal(session, services, issuer_code, seal.id, actor=reviewer, at=at)
        making.make_seal(session, services, issuer_code, seal.id, actor=maker, at=at)
        making.put_into_service(session, services, issuer_code, seal.id, actor=maker, at=at)
