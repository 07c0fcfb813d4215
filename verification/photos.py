"""Licence codes in a photo or screenshot (PNG or JPEG).

The number of pixels is looked at before any is decoded, so that a small file cannot
unfold into a large picture. Decoding and searching are done by `verification.photo_reader`
in a process of its own, which ends at the latest after two seconds of work.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from sealkit.errors import MalformedError, UnsupportedError
from verification import photo_reader

MAX_PIXELS: Final = photo_reader.MAX_PIXELS
_PREFIX: Final = "CL"
_MAX_WAIT_SECONDS: Final = 30
"""Of a machine so busy that two seconds of work take long; then nothing can be said."""
_READER: Final = (sys.executable, "-I", str(Path(photo_reader.__file__)))


def codes_in(picture: bytes) -> tuple[str, ...]:
    """Return the texts of the licence codes in `picture`, each once, in the order found.

    Other codes that happen to be in the picture are passed over.

    Raises:
        MalformedError: if it is no PNG or JPEG, is damaged, or takes too long to search.
        UnsupportedError: if it has more than `MAX_PIXELS` pixels.
    """
    answer = _answer(picture)
    if answer.get("refused") == "pixels":
        raise UnsupportedError("the picture has too many pixels")
    if "refused" in answer:
        raise MalformedError("the picture cannot be decoded")
    texts: list[str] = answer["texts"]
    return tuple(text for text in texts if text.startswith(_PREFIX) and text[3:4] == ":")


def _answer(picture: bytes) -> dict[str, Any]:
    try:
        done = subprocess.run(
            _READER, input=picture, capture_output=True, check=True, timeout=_MAX_WAIT_SECONDS
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise MalformedError("the picture takes too long or too much to search") from error
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
