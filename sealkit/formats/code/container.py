"""The text of a code around its COSE bytes: ``CL1:`` + Base45(container).

The first byte of the container tells its form: 0xD2 bare COSE, 0x78 a zlib stream
(RFC 1950), 0x01 the number of a preset dictionary and a raw DEFLATE stream.
"""

import re
import zlib
from collections.abc import Mapping
from typing import Final

from sealkit.errors import MalformedError, UnsupportedError
from sealkit.formats.code import base45, cose
from sealkit.formats.code.dictionaries import CURRENT, DICTIONARIES, dictionary

PREFIX: Final = "CL1:"
MAX_CHARACTERS: Final = 4296  # what the largest QR symbol holds
MAX_INFLATED_BYTES: Final = 8 * 1024  # 3 KB in a symbol could inflate a thousandfold

_ZLIB: Final = 0x78
_MEMORY_LEVEL: Final = 9  # zlib's highest
_PRESET: Final = 0x01
_OTHER_VERSION = re.compile(r"CL[2-9A-Z]:")


def wrap(message: bytes) -> str:
    """Return the text that carries `message`, compressed where that makes it shorter."""
    preset = dictionary(CURRENT)
    streams = (
        bytes((_PRESET, CURRENT)) + _deflate(message, preset, strategy)
        for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED)
    )
    return PREFIX + base45.encode(min(message, *streams, key=len))


def unwrap(text: str, dictionaries: Mapping[int, bytes] = DICTIONARIES) -> bytes:
    """Return the COSE bytes in `text`.

    Raises:
        MalformedError: if it is not such a text, or inflates beyond 8 KiB.
        UnsupportedError: if it is of another version of the container.
        UnknownDictionaryError: if its dictionary is not among `dictionaries`.
    """
    if not text.startswith(PREFIX):
        if _OTHER_VERSION.match(text):
            raise UnsupportedError("the code is of a version that we do not read")
        raise MalformedError("not a licence code")
    if len(text) > MAX_CHARACTERS:
        raise MalformedError("the code is longer than any QR symbol")
    container = base45.decode(text[len(PREFIX) :])
    form = container[0] if container else None
    if form == cose.TAG:
        return container
    if form == _PRESET and len(container) > 2:
        preset = dictionary(container[1], dictionaries)
        return _inflate(container[2:], zlib.decompressobj(-zlib.MAX_WBITS, zdict=preset))
    if form == _ZLIB:
        return _inflate(container, zlib.decompressobj())
    raise MalformedError("the code's container is of no known form")


def _deflate(message: bytes, preset: bytes, strategy: int) -> bytes:
    compressor = zlib.compressobj(
        9, zlib.DEFLATED, -zlib.MAX_WBITS, _MEMORY_LEVEL, strategy, preset
    )
    return compressor.compress(message) + compressor.flush()


def _inflate(stream: bytes, inflater: "zlib._Decompress") -> bytes:
    try:
        message = inflater.decompress(stream, MAX_INFLATED_BYTES)
    except zlib.error as error:
        raise MalformedError("the code's stream does not inflate") from error
    if not inflater.eof or inflater.unused_data:
        raise MalformedError("the code's stream is cut, too large, or followed by bytes")
    return message
