"""CBOR (RFC 8949): written deterministically, read within limits.

Reading refuses duplicate keys, trailing bytes, more than `MAX_DEPTH` levels and every tag:
the library would turn tags into dates, expressions and large numbers before anybody asked.
Non-deterministic encodings are accepted, since signatures cover the bytes as they came.
"""

import io
from collections.abc import Callable
from typing import Any, Final

import cbor2

from sealkit.errors import MalformedError

MAX_DEPTH: Final = 8  # levels of arrays and maps


def encode(value: Any) -> bytes:
    """Return the deterministic encoding (RFC 8949, 4.2.1): map keys sorted by their bytes.

    `value` is built from int, bytes, str, bool, None, list, tuple and dict.
    """
    return cbor2.dumps(_ordered(value))


def decode(document: bytes, *, indefinite: bool = True) -> Any:
    """Read one item that fills `document`; `indefinite` lengths may be refused.

    Raises:
        MalformedError: if it is not CBOR, or not within the rules above.
    """
    decoder = cbor2.CBORDecoder(
        io.BytesIO(document),
        semantic_decoders=_NO_TAGS,
        # The library counts what is inside an item, we count the outermost as well.
        max_depth=MAX_DEPTH - 1,
        allow_duplicate_keys=False,
        allow_indefinite=indefinite,
    )
    try:
        value = decoder.decode()
    except cbor2.CBORDecodeError as error:
        raise MalformedError("not CBOR, or not CBOR that we read") from error
    try:
        decoder.read(1)
    except cbor2.CBORDecodeEOF:
        return value
    raise MalformedError("bytes follow the CBOR item")


class _NoTags(dict[int, Callable[[Any, bool], Any]]):
    def __missing__(self, tag: int) -> Callable[[Any, bool], Any]:
        return _refuse_tag


def _refuse_tag(_value: Any, _immutable: bool) -> Any:
    raise cbor2.CBORDecodeError("a tag where none belongs")


_NO_TAGS: Final = _NoTags()


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        pairs = sorted((cbor2.dumps(key), key) for key in value)
        return {key: _ordered(value[key]) for _, key in pairs}
    if isinstance(value, list | tuple):
        return [_ordered(member) for member in value]
    return value
