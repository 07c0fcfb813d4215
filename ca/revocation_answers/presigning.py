"""OCSP answers signed in advance, in bulk, and renewed by half of their life.

Three steps, so that no transaction is open while keys work: `due` reads what needs answers,
`sign` signs them, `store` keeps them. The roof repeats them chunk by chunk. A certificate
revoked between `due` and `store` keeps no answer of this round; it is answered live.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from ca import repository
from ca.revocation_answers import repository as answers
from ca.revocation_answers.repository import StoredAnswer
from ca.revocation_answers.responder import LIFETIME, AnsweredAuthority, end_of_answer
from sealkit.asn1 import ocsp
from sealkit.asn1.crl import Revocation

CHUNK: Final = 250
"""Certificates in one round: some 1,000 signatures, half a second of one core."""
FORMS: Final[Mapping[str, tuple[str, bool]]] = {
    "sm3": ("sm3", False),
    "sm3+null": ("sm3", True),
    "sha1+null": ("sha1", True),
    "sha256+null": ("sha256", True),
}
"""Encodings of a CertID that are answered in advance: digest, and whether NULL beside it.

What OpenSSL writes for each digest, and SM3 as we write it. Others are answered live.
"""


@dataclass(frozen=True, slots=True)
class Due:
    """Certificates of one authority that need answers, and what holds of them."""

    serials: tuple[int, ...]
    """In rising order; never empty."""
    revoked: Mapping[int, Revocation]


def due(
    session: Session,
    authority: AnsweredAuthority,
    *,
    at: datetime,
    after: int = 0,
    limit: int = CHUNK,
) -> Due | None:
    """Return the next certificates whose answers are missing or half used up.

    Args:
        session: open transaction, which may be one that only reads.
        authority: whose certificates.
        at: now.
        after: serial number to go on after.
        limit: how many at most.
    """
    serials = answers.due_serials(
        session, authority.name, made_before=at - LIFETIME / 2, after=after, limit=limit
    )
    if not serials:
        return None
    revoked = repository.revocations_of(session, authority=authority.name, serials=serials)
    return Due(tuple(serials), revoked)


def sign(authority: AnsweredAuthority, found: Due, *, at: datetime) -> list[StoredAnswer]:
    """Return signed answers in every form for the certificates of `found`."""
    this_update = at.replace(microsecond=0)
    next_update = end_of_answer(authority.responder, this_update, LIFETIME)
    signed = []
    for serial in found.serials:
        status = found.revoked.get(serial, ocsp.GOOD)
        for form, (algorithm, null_parameters) in FORMS.items():
            identifier = ocsp.certificate_id(
                authority.certificate, serial, algorithm, null_parameters=null_parameters
            )
            response = ocsp.build_response(
                [ocsp.Answer(identifier, status)],
                signer=authority.responder,
                at=this_update,
                next_update=next_update,
            )
            is_revoked = isinstance(status, Revocation)
            signed.append(
                StoredAnswer(serial, form, is_revoked, this_update, next_update, response)
            )
    return signed


def store(session: Session, authority: AnsweredAuthority, signed: Sequence[StoredAnswer]) -> int:
    """Keep signed answers, but none that says good of what is revoked by now; count them."""
    serials = sorted({entry.serial for entry in signed})
    revoked = repository.revocations_of(session, authority=authority.name, serials=serials)
    kept = [entry for entry in signed if entry.revoked or entry.serial not in revoked]
    answers.replace_answers(session, authority.name, kept)
    return len(kept)
