"""One value of one field: what is accepted, and the one form in which it is kept."""

import re
import unicodedata
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from issuance.kind import KindField
from issuance.pictures import PictureError, kept_form
from issuance.render.arabic import is_arabic_name
from issuance.typed_values import READERS, FieldValueError, iso_day
from sealkit.check_digits import citizen_number_problem, uscc_problem
from sealkit.names import name_problem, normalise_name
from sealkit.record import LONG_TERM

__all__ = ["FieldValueError", "cleaned_value", "document_number", "holder_name"]

CITIZEN_NUMBER: Final = "111"
USCC: Final = "001"
_BEIJING: Final = timezone(timedelta(hours=8))
_LONG_TERM_FORMS: Final = frozenset({"长期", LONG_TERM, "2099-12-31"})
_OTHER_DOCUMENT = re.compile(r"[0-9A-Z][0-9A-Z()（）·-]{0,63}")
_REFUSED: Final = frozenset({"Cc", "Cs"})
"""Control characters and halves of a pair; what else has no glyph is named when it is printed."""
_PRIVATE_USE: Final = "Co"


def cleaned_value(field: KindField, value: Any, code_type: str | None, at: datetime) -> str:
    """Return `value` as the register keeps it.

    `code_type` is that of the holder whose number the field is, where it is one. A date
    field that says "long-term" comes back as `LONG_TERM`.

    Raises:
        FieldValueError: if the field does not take it.
    """
    if field.type in ("integer", "number") and type(value) in (int, float):
        value = str(value)
    if not isinstance(value, str):
        raise FieldValueError("data.field.not_text")
    if field.type == "image":
        return _picture(value)
    text = _text(field, value)
    if len(text) > field.longest:
        raise FieldValueError("data.field.too_long")
    if field.type == "date":
        text = _date(field, text, at)
    elif field.type == "uscc":
        text = document_number(text.upper(), USCC, at)
    elif field.type == "id_number":
        text = document_number(text.upper(), code_type or CITIZEN_NUMBER, at)
    elif field.type == "code":
        text = _code(field, text)
    elif field.type in READERS:
        text = READERS[field.type](field, text, at)
    if field.script == "arabic" and not is_arabic_name(text):
        raise FieldValueError("data.field.script")
    if field.pattern and not re.fullmatch(field.pattern, text):
        raise FieldValueError("data.field.form")
    return text


def document_number(number: str, code_type: str, at: datetime) -> str:
    """Return `number`, capital letters, if it can be one of a document of `code_type`.

    Raises:
        FieldValueError: with the code of what is wrong with it.
    """
    if code_type == USCC:
        problem = uscc_problem(number)
    elif code_type == CITIZEN_NUMBER:
        problem = citizen_number_problem(number, at)
    else:
        problem = None if _OTHER_DOCUMENT.fullmatch(number) else "document.form"
    if problem:
        raise FieldValueError(f"data.{problem}")
    return number


def holder_name(name: str) -> str:
    """Return `name` in the form in which names are kept and compared.

    Raises:
        FieldValueError: if it cannot be put on a licence.
    """
    # A department may have supplied its picture; without one the page refuses it by name.
    standing = "".join("〇" if unicodedata.category(c) == _PRIVATE_USE else c for c in name)
    problem = name_problem(standing)
    if problem:
        raise FieldValueError(f"data.{problem}")
    return normalise_name(name)


def _text(field: KindField, value: str) -> str:
    if field.mask == "person_name":
        return holder_name(value)
    text = unicodedata.normalize("NFC", value).strip()
    allowed = {"text": "\n", "list": "\n\t"}.get(field.type, "")
    if any(
        unicodedata.category(character) in _REFUSED and character not in allowed
        for character in text
    ):
        raise FieldValueError("data.field.characters")
    if not text:
        raise FieldValueError("data.field.blank")
    return text


def _date(field: KindField, text: str, at: datetime) -> str:
    if text in _LONG_TERM_FORMS and not field.required:
        return LONG_TERM
    day = iso_day(text)
    if field.not_future and day > at.astimezone(_BEIJING).date().isoformat():
        raise FieldValueError("data.date.future")
    return day


def _code(field: KindField, text: str) -> str:
    """Return a code that was given as itself, or as what it stands for: tables say the latter."""
    codes = field.codes or {}
    if text in codes:
        return text
    meant = [code for code, meaning in codes.items() if meaning == text]
    if len(meant) != 1:
        raise FieldValueError("data.field.not_a_code")
    return meant[0]


def _picture(value: str) -> str:
    try:
        return kept_form(value)
    except PictureError as error:
        raise FieldValueError(f"data.{error.code}") from error
