"""Getting a seal: the form of an application, and a seal of another maker to import."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from issuance.entitlement import SEAL_KEEPER, department_of, require_role
from issuance.routes import Call, Caller
from issuance.seals import importing, making, viewing
from issuance.seals.faces import OwnerKind
from issuance.seals.importing import MAX_UPLOAD_BYTES, TYPES
from issuance.seals.schemas import NewSeal
from issuance.seals.states import ENDED
from issuance.seals.using import BUSINESS_SEAL
from yinxin.console import posting
from yinxin.console.pages import console_page, go
from yinxin.problems import RequestRefusedError
from yinxin.words import words

router = APIRouter()

HOME: Final = "/console/seals"
_TEXTS: Final = ("type", "label", "owner_kind", "second_name", "police_number", "replaces")
_FIXED_LABELS: Final = ("2", "3", "4")
"""Types of seals for finance, invoices and contracts."""


@dataclass(frozen=True, slots=True)
class _Offered:
    """What can be chosen: values and their words."""

    kinds: Sequence[tuple[str, str]]
    ended: Sequence[tuple[str, str]]
    """Seals that a new one may be made in place of."""
    label: str
    """What stands on the department's usual seal."""


@dataclass(frozen=True, slots=True)
class _Entered:
    texts: dict[str, str] = field(default_factory=dict)
    kinds: Sequence[str] = ()


@router.get(f"{HOME}/new")
def new_form(request: Request, call: Caller) -> HTMLResponse:
    """Ask which seal is wanted; at first the one that goes on the department's licences."""
    require_role(call.actor, "apply for a seal", SEAL_KEEPER)
    offered = _offered(call)
    usual = _Entered({"type": str(BUSINESS_SEAL)}, [name for name, _ in offered.kinds])
    return _new_page(request, offered, usual)


@router.post(f"{HOME}/new")
def apply(request: Request, call: Caller) -> Response:
    """Apply for a seal of the caller's department."""
    require_role(call.actor, "apply for a seal", SEAL_KEEPER)
    offered = _offered(call)
    entered = _Entered(
        {name: posting.text(request, name) for name in _TEXTS}, posting.texts(request, "kinds")
    )
    posting.show_again(request, lambda problem: _new_page(request, offered, entered, problem))
    members: dict[str, Any] = {name: value or None for name, value in entered.texts.items()}
    members["kinds"] = list(entered.kinds)
    if entered.texts["type"] in _FIXED_LABELS:
        # The type says what is on it; it must not be called by the department's usual label.
        members["label"] = words().zh(f"console.seal.type.{entered.texts['type']}")
    if entered.texts["type"].isdecimal():
        members["type"] = int(entered.texts["type"])
    seal = making.apply_for_seal(
        call.session,
        call.services,
        call.actor.department,
        actor=call.actor,
        at=call.at,
        wish=posting.parsed(NewSeal, members).wish(),
    )
    return go(f"{HOME}/{seal.id}", "console.done.seal_apply")


@router.get(f"{HOME}/import")
def import_form(request: Request, call: Caller) -> HTMLResponse:
    """Ask for the file of a seal that another maker made."""
    require_role(call.actor, "import a seal", SEAL_KEEPER)
    return _import_page(request)


@router.post(f"{HOME}/import")
def take_in(request: Request, call: Caller) -> Response:
    """Check the seal and register it with what was found, which the next page shows."""
    require_role(call.actor, "import a seal", SEAL_KEEPER)
    posting.show_again(request, lambda problem: _import_page(request, problem))
    chosen = posting.upload(request, "file")
    if chosen is None:
        raise RequestRefusedError("request.invalid")
    content = chosen.file.read(MAX_UPLOAD_BYTES + 1)
    seal = importing.import_seal(call.session, call.services, content, actor=call.actor, at=call.at)
    return go(f"{HOME}/{seal.id}", "console.done.seal_import")


def _offered(call: Call) -> _Offered:
    department = department_of(call.services.departments, call.actor)
    kinds = [(name, call.services.kinds[name].name_zh) for name in department.kinds]
    own = viewing.own_seals(call.session, actor=call.actor)
    ended = [(seal.id, f"{seal.name} {seal.id}") for seal in own if seal.state in ENDED]
    return _Offered(kinds, ended, department.seal_label)


def _new_page(
    request: Request, offered: _Offered, entered: _Entered, problem: posting.Problem | None = None
) -> HTMLResponse:
    say = words()
    return console_page(
        request,
        "console/seal_form.html",
        offered=offered,
        types=[(str(code), say.zh(f"console.seal.type.{code}")) for code in sorted(TYPES)],
        owner_kinds=[
            (kind.value, say.zh(f"console.seal.owner.{kind.value}")) for kind in OwnerKind
        ],
        entered=entered.texts,
        kinds=entered.kinds,
        action=f"{HOME}/new",
        problem=problem,
    )


def _import_page(request: Request, problem: posting.Problem | None = None) -> HTMLResponse:
    return console_page(
        request, "console/seal_import.html", action=f"{HOME}/import", problem=problem
    )
