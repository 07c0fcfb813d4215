"""What mutual recognition needs from outside; the roof plugs it in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from mutual_recognition.agreements import Agreement
from verification.ports import VerificationServices


@dataclass(frozen=True, slots=True)
class RecognitionServices:
    """The collaborators of the routes."""

    published: Callable[[Session, str], bytes | None]
    """Our own trust list: path below the mirror → content, None when there is none."""
    verification: VerificationServices
    agreements: Mapping[str, Agreement]
