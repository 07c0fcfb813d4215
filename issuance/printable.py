"""Can an application be printed: tried when it is sent, so that no plan ever fails on it.

The page is composed as it will be, but for identifier, slot and code, which have their
length. What fails is told as a problem of its field.
"""

import secrets
from datetime import datetime
from typing import Final

from issuance.application_data import LicenceData, today
from issuance.errors import DataProblem, InvalidDataError
from issuance.kind import Kind
from issuance.licence_record import make_record
from issuance.ports import Department
from issuance.render.composition import compose
from issuance.render.errors import MissingGlyphError, TextDoesNotFitError
from issuance.sentences import sentence
from issuance.status import list_address
from sealkit.errors import UnsupportedError
from sealkit.formats.code.claims import CodeClaims
from sealkit.formats.code.container import wrap
from sealkit.formats.code.qr import qr_side
from sealkit.identifiers import LicenceIdentifier, new_serial
from sealkit.record import LicenceRecord, StatusSlot

_SIGNATURE_AND_HEADER_BYTES: Final = 112
"""A little more than they take, since random text packs now better, now worse."""


def require_printable(
    kind: Kind,
    data: LicenceData,
    *,
    department: Department,
    region: str,
    public_url: str,
    at: datetime,
) -> None:
    """Refuse data that the page or the code of a licence cannot hold.

    Raises:
        InvalidDataError: naming the field.
    """
    identifier = LicenceIdentifier(kind.code, department.code, new_serial(), 1)
    record = make_record(
        kind,
        data,
        identifier=identifier,
        department=department,
        region=region,
        issued_on=today(at).isoformat(),
        status=StatusSlot(list_address(public_url, department.code, 99), 99_999),
    )
    try:
        compose(record, _code_like(record, at), demonstration=True)
    except UnsupportedError as error:
        raise InvalidDataError([_problem(kind, "holders", "data.code.too_long")]) from error
    except MissingGlyphError as error:
        problem = _problem(kind, error.place, "data.print.missing_glyph", error.shown)
        raise InvalidDataError([problem]) from error
    except TextDoesNotFitError as error:
        problem = _problem(kind, error.place, "data.print.too_long")
        raise InvalidDataError([problem]) from error


def _code_like(record: LicenceRecord, at: datetime) -> tuple[tuple[bool, ...], ...]:
    """Return a light square of the size that the licence's code will have."""
    claims = CodeClaims.from_record(record, at=at).to_cbor()
    side = qr_side(wrap(claims + secrets.token_bytes(_SIGNATURE_AND_HEADER_BYTES)))
    return ((False,) * side,) * side


def _problem(kind: Kind, place: str, code: str, character: str = "") -> DataProblem:
    named = (field for field in kind.fields if place in (field.name, field.short))
    field = next(named, None)
    zh, en = sentence(
        code,
        {"label": field.label_zh if field else place, "character": character},
        {"label": field.label_en if field else place, "character": character},
    )
    return DataProblem(field.name if field else place, code, zh, en)
