"""What caches are told about answers that were signed in advance, and their questions back.

* `max-age` is short although an answer holds for a day: a cache on the way must not keep a
  revocation from being seen for longer than a minute. Asking again costs it a 304.
* Only If-None-Match gets a 304: its tag is the digest of the bytes. A date has whole seconds,
  and an answer that changed within one, as by a revocation, would look unchanged.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Final

MAX_AGE: Final = timedelta(seconds=60)
KEEP_NOTHING: Final = "no-store"


def entity_tag(content: bytes) -> str:
    """Return the ETag of these bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def headers(
    content: bytes, *, at: datetime, this_update: datetime, next_update: datetime
) -> dict[str, str]:
    """Return the headers of an answer that caches may keep.

    Args:
        content: the bytes served.
        at: now.
        this_update: since when the answer holds.
        next_update: until when; nothing is kept longer.
    """
    kept = max(timedelta(0), min(MAX_AGE, next_update - at))
    return {
        "Cache-Control": f"public, max-age={int(kept.total_seconds())}, must-revalidate",
        "ETag": entity_tag(content),
        "Last-Modified": format_datetime(this_update, usegmt=True),
        "Expires": format_datetime((at + kept).replace(microsecond=0), usegmt=True),
        # Verifiers in browsers of other regions may read these; nothing here is personal.
        "Access-Control-Allow-Origin": "*",
    }


def is_unchanged(asked: Mapping[str, str], answer: Mapping[str, str]) -> bool:
    """Tell whether a cache that sent these headers has the very bytes already."""
    tags = asked.get("if-none-match", "")
    known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    return "*" in known or answer["ETag"] in known
