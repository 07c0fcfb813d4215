"""Values of a PDF (ISO 32000-1, 7.3), read strictly from its bytes.

* Each value as common writers write it; no comments, no escapes in names but of blank and
  delimiters, no parentheses in strings, no key twice. Everything else is `UnusualPDFError`.
* Linear in the bytes read; the number of values is paid for from a purse that the document
  holds, and nesting is bounded.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

MAX_DEPTH: Final = 16
MAX_VALUES: Final = 20_000  # of one document; a licence with one signature takes 200
MAX_NUMBER_DIGITS: Final = 10

_SPACE: Final = rb"[\0\t\n\f\r ]"
_END: Final = rb"(?=[\0\t\n\f\r ()<>\[\]{}/%]|\Z)"
_TOKEN: Final = re.compile(
    _SPACE
    + rb"*(?:(?P<open><<)|(?P<close>>>)|(?P<begin>\[)|(?P<end>\])"
    + rb"|(?P<name>/(?:[!$&'*+,\-.0-9:;=?@A-Z\\^_`a-z|~]|#2[0389FAfa]){1,127})"
    + _END
    + rb"|(?P<number>[0-9]{1,10}) (?P<generation>[0-9]{1,5}) R"
    + _END
    + rb"|(?P<integer>[+-]?[0-9]{1,10})"
    + _END
    + rb"|(?P<real>[+-]?(?:[0-9]{1,10}\.[0-9]{0,10}|\.[0-9]{1,10}))"
    + _END
    + rb"|<(?P<hex>(?:[0-9A-Fa-f]{2})*)>"
    + rb"|\((?P<text>(?:[^()\\\r]|\\[^\r])*)\)"
    + rb"|(?P<word>true|false|null)"
    + _END
    + rb")",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPED_OCTET: Final = re.compile(r"#(2[0389FAfa])")
_ESCAPED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"} | {
    bytes((octet,)): bytes((octet,)) for octet in b"()\\"
}
_WORDS: Final = {b"true": True, b"false": False, b"null": None}


class UnusualPDFError(Exception):
    """A PDF that is not of the plain form; whether it is malformed is for pyHanko to say."""


class Name(str):
    """A name, with its slash."""

    __slots__ = ()


class Reference(NamedTuple):
    """An indirect reference of generation 0."""

    number: int


@dataclass(slots=True)
class Purse:
    """How many values may still be read in one document."""

    left: int = MAX_VALUES

    def pay(self) -> None:
        """Take off one value.

        Raises:
            UnusualPDFError: if none is left.
        """
        self.left -= 1
        if self.left < 0:
            raise UnusualPDFError("more values than a licence has")


def read_value(document: bytes, position: int, purse: Purse) -> tuple[Any, int]:
    """Return the value that begins at `position` or after white space, and where it ends.

    Dictionaries come as `dict` by name, arrays as `list`, strings as `bytes`.

    Raises:
        UnusualPDFError: if it is not of the plain form.
    """
    holders: list[Any] = []
    keys: list[str | None] = []
    while True:
        purse.pay()
        token = _TOKEN.match(document, position)
        if token is None:
            raise UnusualPDFError(f"no plain value at {position}")
        position = token.end()
        kind = token.lastgroup
        if kind in ("open", "begin"):
            if len(holders) >= MAX_DEPTH:
                raise UnusualPDFError("values nested too deep")
            holders.append({} if kind == "open" else [])
            keys.append(None)
            continue
        if kind in ("close", "end"):
            if not holders or isinstance(holders[-1], dict) != (kind == "close"):
                raise UnusualPDFError(f"unbalanced at {position}")
            if keys.pop() is not None:
                raise UnusualPDFError("a key without a value")
            value = holders.pop()
        else:
            value = _simple(token, kind)
        if not holders:
            return value, position
        _put(holders[-1], keys, value)


def _put(holder: Any, keys: list[str | None], value: Any) -> None:
    if isinstance(holder, list):
        holder.append(value)
    elif keys[-1] is None:
        if not isinstance(value, Name) or value in holder:
            raise UnusualPDFError("a key that is no name, or stands twice")
        keys[-1] = value
    else:
        holder[keys[-1]] = value
        keys[-1] = None


def _simple(token: re.Match[bytes], kind: str | None) -> Any:
    match kind:
        case "name":
            return _name(token["name"].decode("ascii"))
        case "generation":
            if token["generation"] != b"0":
                raise UnusualPDFError("an object of another generation")
            return Reference(int(token["number"]))
        case "integer":
            return int(token["integer"])
        case "real":
            return float(token["real"])
        case "hex":
            return bytes.fromhex(token["hex"].decode("ascii"))
        case "text":
            return _ESCAPE.sub(_unescaped, token["text"])
        case _:
            return _WORDS[token["word"]]


def _name(written: str) -> Name:
    return Name(_ESCAPED_OCTET.sub(lambda octet: chr(int(octet[1], 16)), written))


def _unescaped(escape: re.Match[bytes]) -> bytes:
    written = escape[1]
    if written.isdigit():
        if len(written) != 3 or written > b"377":
            raise UnusualPDFError("an octal escape that is not three digits of one octet")
        return bytes((int(written, 8),))
    if written not in _ESCAPED:
        raise UnusualPDFError("an escape that readers take differently")
    return _ESCAPED[written]
