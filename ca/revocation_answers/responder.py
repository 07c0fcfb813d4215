"""The OCSP responder (RFC 6960): a stored answer where there is one, else one signed now.

* One certificate, no nonce: the answer signed in advance, if it may still be served.
* Anything else is signed now from the register: a nonce, several certificates, a serial
  number never issued (`unknown`, never `good`), a certificate without a stored answer.
* An issuer that is not ours gets an unsigned `unauthorized`, so nobody can make the
  responder sign for strangers. Next to one of ours it is `unknown`.
* What cannot be read is answered by a refusal, never by an exception.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from ca.revocation_answers import repository as answers
from sealkit.asn1 import ocsp
from sealkit.asn1.crl import Revocation
from sealkit.asn1.ocsp import Answer, CertificateID, OCSPRequest, ResponseStatus
from sealkit.asn1.x509 import Certificate, parse_certificate
from sealkit.errors import MalformedError
from sealkit.signer import Signer

LIFETIME: Final = timedelta(days=1)
"""Of an answer about a certificate that was issued."""
UNKNOWN_LIFETIME: Final = timedelta(minutes=1)
"""Of an answer about one that was not: it may be issued in a moment."""
_HASHES: Final = ("sm3", "sha1", "sha256")


@dataclass(frozen=True, slots=True)
class AnsweredAuthority:
    """An authority whose certificates are answered for."""

    name: str
    """In the register."""
    certificate: Certificate
    responder: Signer
    """Its certificate was issued by the authority for OCSPSigning."""


@dataclass(frozen=True, slots=True)
class Served:
    """An OCSPResponse and how long caches may know it."""

    response: bytes
    this_update: datetime | None = None
    """None when it must not be kept: refusals, answers with a nonce."""
    next_update: datetime | None = None


class Responder:
    """Answers for a fixed set of authorities."""

    def __init__(self, authorities: Sequence[AnsweredAuthority]) -> None:
        self.authorities = tuple(authorities)
        self._by_digests: Mapping[tuple[str, bytes, bytes], AnsweredAuthority] = {
            (algorithm, *ocsp.issuer_digests(authority.certificate, algorithm)): authority
            for authority in authorities
            for algorithm in _HASHES
        }

    def stored_answer(
        self,
        reading: Callable[[], AbstractContextManager[Session]],
        request: bytes,
        *,
        at: datetime,
    ) -> Served | None:
        """Return the answer signed in advance; None if `answer` must be asked for one.

        The database is opened only for a question that may have one.
        """
        try:
            asked = ocsp.parse_request(request)
        except MalformedError:
            return None
        if asked.nonce is not None or asked.has_unknown_critical or len(asked.certificates) > 1:
            return None
        authority = self._authority(asked.certificates[0])
        if authority is None:
            return None
        with reading() as session:
            return _stored(session, authority, asked.certificates[0], at)

    def answer(self, session: Session, request: bytes, *, at: datetime) -> Served:
        """Return the answer to a DER OCSPRequest as the register is in `session`."""
        try:
            asked = ocsp.parse_request(request)
        except MalformedError:
            return Served(ocsp.build_refusal(ResponseStatus.MALFORMED_REQUEST))
        if asked.has_unknown_critical:
            return Served(ocsp.build_refusal(ResponseStatus.MALFORMED_REQUEST))
        authority = self._answering(asked)
        if authority is None:
            return Served(ocsp.build_refusal(ResponseStatus.UNAUTHORIZED))
        if asked.nonce is None and len(asked.certificates) == 1:
            stored = _stored(session, authority, asked.certificates[0], at)
            if stored is not None:
                return stored
        return self._signed_now(session, authority, asked, at)

    def _answering(self, asked: OCSPRequest) -> AnsweredAuthority | None:
        found = map(self._authority, asked.certificates)
        return next((authority for authority in found if authority), None)

    def _authority(self, certificate: CertificateID) -> AnsweredAuthority | None:
        digests = (certificate.algorithm, certificate.name_digest, certificate.key_digest)
        return self._by_digests.get(digests)

    def _signed_now(
        self, session: Session, authority: AnsweredAuthority, asked: OCSPRequest, at: datetime
    ) -> Served:
        given = [
            Answer(
                entry.der,
                status(session, authority.name, entry.serial)
                if self._authority(entry) is authority
                else ocsp.UNKNOWN,
            )
            for entry in asked.certificates
        ]
        all_known = all(answer.status != ocsp.UNKNOWN for answer in given)
        this_update = at.replace(microsecond=0)
        next_update = end_of_answer(
            authority.responder, this_update, LIFETIME if all_known else UNKNOWN_LIFETIME
        )
        response = ocsp.build_response(
            given,
            signer=authority.responder,
            at=this_update,
            next_update=next_update,
            nonce=asked.nonce,
        )
        if asked.nonce is not None:
            return Served(response)
        return Served(response, this_update, next_update)


def status(session: Session, authority: str, serial: int) -> str | Revocation:
    """Return what the register says of a serial number, as of this transaction."""
    found = answers.standing(session, authority, serial)
    if isinstance(found, Revocation):
        return found
    return ocsp.GOOD if found else ocsp.UNKNOWN


def end_of_answer(responder: Signer, this_update: datetime, lifetime: timedelta) -> datetime:
    """Return nextUpdate: nobody relies on an answer after its responder's certificate."""
    return min(this_update + lifetime, parse_certificate(responder.certificate_der).not_after)


def form_of(certificate: CertificateID) -> str:
    """Return which encoding of a CertID this is: with its serial number it gives its bytes."""
    # DER leaves one choice, whether the digest's parameters are absent or NULL.
    null = "+null" if certificate.has_parameters else ""
    return f"{certificate.algorithm}{null}"


def _stored(
    session: Session, authority: AnsweredAuthority, asked: CertificateID, at: datetime
) -> Served | None:
    found = answers.valid_answer(session, authority.name, asked.serial, form_of(asked), at=at)
    return Served(found.answer, found.this_update, found.next_update) if found else None
