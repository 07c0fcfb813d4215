"""A ceremony under way: its plan, its transcript so far, and the files it will leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ca.ceremonies.plan import Plan
from ca.ceremonies.ports import Room
from ca.ceremonies.transcript import Recorder
from ca.keystores.certificates import DEVELOPMENT_MARK

ROOT_CERTIFICATE: Final = "root.cert.pem"
ROOT_KEYSTORE: Final = "root.sealed"
SUB_CA_CERTIFICATE: Final = "sub_ca.cert.pem"
SUB_CA_KEYSTORE: Final = "sub_ca.sealed"
ROOT_LIST: Final = "root.crl"
CEREMONY_CERTIFICATE: Final = "ceremony.cert.pem"
PLAN: Final = "plan.toml"
TRANSCRIPT: Final = "transcript.jsonl"
PRINTED: Final = "transcript.txt"
CLOSING: Final = "transcript.note"
_GROUP: Final = 4


@dataclass(frozen=True, slots=True)
class Materials:
    """What is brought into the room, as bytes; what the plan names and no more."""

    plan: bytes
    root_keystore: bytes | None = None
    previous_list: bytes | None = None
    """DER."""
    request: bytes | None = None
    """DER."""


@dataclass(slots=True)
class Ceremony:
    """One ceremony under way."""

    plan: Plan
    materials: Materials
    room: Room
    recorder: Recorder = field(default_factory=Recorder)
    files: dict[str, bytes] = field(default_factory=dict)

    def agree(self, step: str, people: Sequence[str], **told: str) -> None:
        """Have a step confirmed, and record that it was."""
        self.room.confirm(step, people, told)
        self.recorder.record(step, people, self.room.now(), **told)

    def note(self, step: str, **told: str) -> None:
        """Record and show what was done."""
        self.recorder.record(step, (self.plan.leader,), self.room.now(), **told)
        self.room.tell(step, told)

    def add(self, name: str, content: bytes) -> None:
        """Leave a file."""
        self.files[name] = content

    def subject(self, name: Mapping[str, str]) -> dict[str, str]:
        """Return a name; what a rehearsal makes is marked, and refused in production."""
        if not self.plan.rehearsal:
            return dict(name)
        return dict(name) | {"CN": f"{name['CN']} {DEVELOPMENT_MARK}"}


def grouped(octets: bytes) -> str:
    """Return hexadecimal in groups of four, to be read aloud and compared."""
    text = octets.hex()
    return " ".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))
