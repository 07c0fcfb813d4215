"""Licence identifiers (电子证照标识) of GB/T 36904, with their check character.

``1.2.156.3005.2 . TYPE . ISSUER . SERIAL . VERSION . CHECK``. What we emit is strict; what
other regions have emitted is read with these allowances:

* TYPE and ISSUER may be shorter codes than a USCC allows, as deployed systems show;
* SERIAL may hold ``_``, which the check ignores;
* the check character may be of one vendor's older rule: then `ParsedIdentifier.legacy_check`.

GB/T 36904 itself was not at hand: form and check follow six deployed identifiers.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from sealkit.errors import CheckCharacterError, MalformedError

ROOT: Final = "1.2.156.3005.2"
MAX_IDENTIFIER_CHARACTERS: Final = 128
MAX_VERSION: Final = 999
SERIAL_CHARACTERS: Final = 20

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TYPE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}[0-9A-Z]{3}")
_ISSUER = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_SERIAL = re.compile(r"[0-9A-Z]{1,32}")
_FOREIGN = re.compile(
    re.escape(ROOT)
    + r"\.(?P<type>[0-9A-Z]{6,21})\.(?P<issuer>[0-9A-Z]{6,18})"
    + r"\.(?P<serial>[0-9A-Z_]{1,32})\.(?P<version>[0-9]{3})\.(?P<check>[0-9A-Z])"
)


@dataclass(frozen=True, slots=True)
class LicenceIdentifier:
    """The parts that name one edition of one licence."""

    type_code: str
    """21 characters: USCC of the authority that defines the type, and a sequence."""
    issuer_code: str
    serial: str
    version: int
    """1 to 999; the editions of one licence differ in nothing else."""

    @property
    def check_character(self) -> str:
        """ISO/IEC 7064 MOD 37,36 over type, issuer, serial and version, without the root."""
        return check_character(self._checked)

    @property
    def next_version(self) -> "LicenceIdentifier":
        """The identifier of the following edition.

        Raises:
            ValueError: after version 999.
        """
        if self.version >= MAX_VERSION:
            raise ValueError("a licence has at most 999 editions")
        return replace(self, version=self.version + 1)

    def __str__(self) -> str:
        return f"{ROOT}.{self.stem}.{self.version:03}.{self.check_character}"

    @property
    def stem(self) -> str:
        """Type, issuer and serial: what all editions of one licence share."""
        return f"{self.type_code}.{self.issuer_code}.{self.serial}"

    @property
    def _checked(self) -> str:
        return f"{self.type_code}{self.issuer_code}{self.serial}{self.version:03}"


@dataclass(frozen=True, slots=True)
class ParsedIdentifier:
    """An identifier as it was read."""

    identifier: LicenceIdentifier
    legacy_check: bool
    """Whether only the vendor's older rule explains its check character: worth a warning."""


def new_identifier(type_code: str, issuer_code: str, serial: str, version: int = 1) -> str:
    """Return the text of an identifier of ours, refusing what we only read from others.

    Raises:
        ValueError: if a part is not of the strict form.
    """
    strict = (
        _TYPE.fullmatch(type_code) and _ISSUER.fullmatch(issuer_code) and _SERIAL.fullmatch(serial)
    )
    if not strict or not 1 <= version <= MAX_VERSION:
        raise ValueError("a part of the licence identifier is not of the form we emit")
    return str(LicenceIdentifier(type_code, issuer_code, serial, version))


def new_serial() -> str:
    """Draw 20 random characters; a serial never holds a person's number."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(SERIAL_CHARACTERS))


def parse_identifier(text: str) -> ParsedIdentifier:
    """Read an identifier; case and surrounding white space do not matter.

    Raises:
        MalformedError: if it is not of the form.
        CheckCharacterError: if neither rule explains the check character.
    """
    if len(text) > 2 * MAX_IDENTIFIER_CHARACTERS:
        raise MalformedError("licence identifier is too long")
    found = _FOREIGN.fullmatch(text.strip().upper())
    if not found or found["version"] == "000":
        raise MalformedError("not a licence identifier")
    identifier = LicenceIdentifier(
        found["type"], found["issuer"], found["serial"], int(found["version"])
    )
    checked = "".join(found.group("type", "issuer", "serial", "version"))
    if found["check"] == check_character(checked):
        return ParsedIdentifier(identifier, legacy_check=False)
    if found["check"] == legacy_check_character(checked):
        return ParsedIdentifier(identifier, legacy_check=True)
    raise CheckCharacterError("the check character of the licence identifier is wrong")


def check_character(text: str) -> str:
    """Return the ISO/IEC 7064 MOD 37,36 character of `text`; other characters are passed over."""
    product = _fold(text, _PRODUCTS)
    return _ALPHABET[(37 - product) % 36]


def legacy_check_character(text: str) -> str:
    """Return what one vendor's older program emits, seen in one province; never emitted by us.

    It takes letters one higher, reduces sums above 37 modulo 37 where a letter takes part,
    and counts down from 36.
    """
    return _ALPHABET[(36 - _fold(text, _LEGACY_PRODUCTS)) % 36]


def _legacy_sum(p: int, value: int) -> int:
    total = p + value + (value >= 10)
    return total % 37 if value >= 10 and total > 37 else total % 36


def _products(add: Callable[[int, int], int]) -> tuple[tuple[int, ...], ...]:
    """Return the next product by the one before it and the value of a character."""
    return tuple(
        tuple(2 * (add(product, value) or 36) % 37 for value in range(36)) for product in range(37)
    )


def _fold(text: str, products: tuple[tuple[int, ...], ...]) -> int:
    # As tables, since every verification of a code comes through here.
    product = 36
    for character in text:
        value = _VALUES.get(character)
        if value is not None:
            product = products[product][value]
    return product


_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET)}
_PRODUCTS: Final = _products(lambda product, value: (product + value) % 36)
_LEGACY_PRODUCTS: Final = _products(_legacy_sum)
