"""What a shown code or identifier proves (亮证), beside the verdict on the licence.

A printed code is static: it carries the offline credential and leads to the public state
check. It proves that the licence exists and is in force, never that its bearer is the
holder; whoever needs that compares the holder's own document.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from verification.detect import Format
from verification.report import Message, Report, messages

_NOTES: Final[Mapping[str, str]] = MappingProxyType(
    {
        Format.CODE: "printed_code",
        Format.IMAGE: "printed_code",
        Format.IDENTIFIER: "identifier",
    }
)


def note_on(report: Report) -> Message | None:
    """Return what an officer must know of this form of showing; None for a file."""
    key = _NOTES.get(report.format)
    return messages()["presentations"][key] if key else None
