"""The renewal calendar of a running region: its certificates, lists and trust metadata."""

import json
import tomllib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from ca.register_listing import Wanted, listed
from ca.renewal_calendar import Entry, Thing, certificates_ending, within
from ca.repository import newest_list
from sealkit.sm import sm3
from yinxin.trust import AUTHORITIES

ROOTS: Final = frozenset({"root", "ecdsa_root"})
ROOT_LIST_LEAD: Final = timedelta(days=30)
"""How long before its end the root's list is due, where it is made at a ceremony."""
_METADATA_LEAD: Final = {
    "root": timedelta(days=90),
    "targets": timedelta(days=30),
    "snapshot": timedelta(days=2),
    "timestamp": timedelta(hours=12),
}
__all__ = ["described", "entries", "icalendar", "within"]


def entries(session: Session, data_directory: Path, at: datetime) -> tuple[Entry, ...]:
    """Return everything of the region that ends some day."""
    return (
        *certificates_ending(listed(session, Wanted(), at=at)),
        *_lists(session),
        *_metadata(data_directory / "trust_list" / "metadata"),
    )


def described(entry: Entry, at: datetime) -> dict[str, str]:
    """Return an entry in words, with who acts and by which command."""
    words = _words()["things"][_kind(entry)]
    urgency = entry.urgency(at).value
    return {
        "thing": _kind(entry),
        "thing_zh": words["zh"],
        "thing_en": words["en"],
        "name": entry.name,
        "words": entry.words,
        "ends": entry.ends.isoformat(),
        "act_by": entry.act_by.isoformat(),
        "urgency": urgency,
        "urgency_zh": _words()["urgency"][urgency]["zh"],
        "who": words["who"],
        "act": words["act"],
    }


def icalendar(found: Iterable[Entry], *, made_at: datetime) -> bytes:
    """Return entries as an iCalendar file, one event on the day of each `act_by`."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Yinxin//renewal calendar//ZH"]
    for entry in found:
        told = described(entry, made_at)
        uid = sm3.digest(f"{entry.thing}{entry.name}{entry.ends}".encode()).hex()[:32]
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uid}@yinxin",
            f"DTSTAMP:{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{entry.act_by:%Y%m%d}",
            "SUMMARY:" + _escaped(f"更新{told['thing_zh']} {entry.words} {entry.name}"),
            "DESCRIPTION:" + _escaped(f"{told['who']}: {told['act']}"),
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _lists(session: Session) -> Iterator[Entry]:
    for name in AUTHORITIES:
        newest = newest_list(session, authority=name)
        if newest is None:
            continue
        life = newest.next_update - newest.this_update
        # What the service builds by itself is late only when it was not built.
        lead = min(ROOT_LIST_LEAD, life / 4)
        yield Entry(
            Thing.REVOCATION_LIST,
            name,
            f"{newest.number}",
            newest.next_update,
            newest.next_update - lead,
        )


def _metadata(folder: Path) -> Iterator[Entry]:
    for role, lead in _METADATA_LEAD.items():
        names = sorted(folder.glob(f"*{role}.json"), key=_version)
        if not names:
            continue
        signed: dict[str, Any] = json.loads(names[-1].read_bytes())["signed"]
        ends = datetime.fromisoformat(signed["expires"])
        yield Entry(Thing.TRUST_METADATA, role, str(signed["version"]), ends, ends - lead)


def _version(file: Path) -> int:
    number = file.name.partition(".")[0]
    return int(number) if number.isdecimal() else 0


def _kind(entry: Entry) -> str:
    if entry.thing is Thing.REVOCATION_LIST and entry.name in ROOTS:
        return "root_list"
    return entry.thing.value


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(files("yinxin").joinpath("calendar_words.toml").read_text("utf-8"))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[str]:
    """Fold a line so that none has over 75 octets."""
    part = ""
    for character in line:
        if len((part + character).encode()) > 74:
            yield part
            part = " "
        part += character
    yield part
