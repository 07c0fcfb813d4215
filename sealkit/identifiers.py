"""Licence identifiers (电子证照标识) as GB/T 36904 lays them out.

``1.2.156.3005.2 . TYPE . ISSUER . SERIAL . VERSION . CHECK``; the check character is ISO/IEC
7064 MOD 37,36 over the four middle parts, the root left out. Ours are strict; foreign ones
may carry the variant of one older product, and are accepted with a warning.
"""

import re
from dataclasses import dataclass
from typing import Final

from sealkit.errors import MalformedError

ROOT: Final = "1.2.156.3005.2"
MAX_CHARACTERS: Final = 128
MAX_VERSION: Final = 999
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FORM = re.compile(
    r"1\.2\.156\.3005\.2"
    r"\.([0-9A-Z]{6,21})\.([0-9A-Z]{6,18})\.([0-9A-Z_]{1,36})\.([0-9]{3})\.([0-9A-Z])",
    re.ASCII,
)


class CheckCharacterError(MalformedError):
    """An identifier whose check character does not fit: mistyped or made up."""

    code = "identifier.check_character"


@dataclass(frozen=True, slots=True)
class LicenceIdentifier:
    """The parts of an identifier, without root and check character."""

    type_code: str
    """21 characters: USCC of the defining authority and a sequence."""
    issuer_code: str
    """USCC of the issuer."""
    serial: str
    version: int

    @property
    def check(self) -> str:
        """The check character."""
        return check_character(self._checked())

    def __str__(self) -> str:
        parts = (self.type_code, self.issuer_code, self.serial, f"{self.version:03d}")
        return ".".join((ROOT, *parts, self.check))

    def next_version(self) -> "LicenceIdentifier":
        """Return the identifier of the edition after this one.

        Raises:
            ValueError: after version 999.
        """
        if self.version >= MAX_VERSION:
            raise ValueError("a licence has at most 999 editions")
        return LicenceIdentifier(self.type_code, self.issuer_code, self.serial, self.version + 1)

    def _checked(self) -> str:
        return f"{self.type_code}{self.issuer_code}{self.serial}{self.version:03d}"


@dataclass(frozen=True, slots=True)
class ParsedIdentifier:
    """An identifier read from text."""

    identifier: LicenceIdentifier
    legacy_check: bool
    """It carries the older product's check character; only foreign ones may."""


def check_character(text: str) -> str:
    """Return the ISO/IEC 7064 MOD 37,36 character of `text`; other characters do not count."""
    product = 36
    for character in text:
        if character in _ALPHABET:
            total = (product + _ALPHABET.index(character)) % 36 or 36
            product = 2 * total % 37
    return _ALPHABET[(37 - product) % 36]


def parse_identifier(text: str) -> ParsedIdentifier:
    """Read an identifier; lower case is raised, nothing else is mended.

    Raises:
        CheckCharacterError: if its form is right but neither check character fits.
        MalformedError: if its form is wrong.
    """
    if len(text) > MAX_CHARACTERS:
        raise MalformedError("licence identifier is too long")
    found = _FORM.fullmatch(text.upper())
    if found is None:
        raise MalformedError("not a licence identifier")
    type_code, issuer_code, serial, version, check = found.groups()
    identifier = LicenceIdentifier(type_code, issuer_code, serial, int(version))
    if check == identifier.check:
        return ParsedIdentifier(identifier, legacy_check=False)
    if check == _legacy_check(f"{type_code}{issuer_code}{serial}{version}"):
        return ParsedIdentifier(identifier, legacy_check=True)
    raise CheckCharacterError("the check character of the licence identifier does not fit")


def _legacy_check(text: str) -> str:
    # One vendor's older code: letters one higher (A = 11 … Z = 36), sums above 37 taken
    # modulo 37 when the letter value exceeds 10, and 36 − p at the end.
    product = 36
    for character in text:
        if character not in _ALPHABET:
            continue
        value = _ALPHABET.index(character) + (not character.isdigit())
        total = product + value
        if value > 10 and total > 37:
            total %= 37
        else:
            total = total % 36
        product = 2 * (total or 36) % 37
    return _ALPHABET[(36 - product) % 36]
