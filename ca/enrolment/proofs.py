"""What a request must prove before anybody looks at it.

* The request is signed with the key that it asks a certificate for (proof of possession).
* A renewal is for the key of its predecessor, which still holds.
* A new key for an earlier holder is vouched for by the old key, over the very request.
* A cross-certificate is for an authority's certificate of another region. Possession is not
  proven by it: the approvers compare its fingerprint with the other region's, out of band.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from ca import repository
from ca.enrolment.model import Enrolment, Submission, Way
from ca.enrolment.ports import EnrolmentServices
from ca.errors import InvalidSubmissionError, PredecessorError, ProofOfPossessionError
from sealkit import oids
from sealkit.asn1.certification_request import CertificationRequest, parse_request
from sealkit.asn1.particulars import NOTHING_MORE, Particulars, read_particulars
from sealkit.asn1.x509 import NAME_TYPES, Certificate, parse_certificate
from sealkit.errors import InvalidSignatureError, UnsupportedError

NAME_KINDS: Final = frozenset(NAME_TYPES.values())


@dataclass(frozen=True, slots=True)
class Proven:
    """What a request was found to be about."""

    subject: Mapping[str, str]
    spki: bytes
    particulars: Particulars = NOTHING_MORE
    """What a request asks for itself, a wish; or what the earlier certificate says."""


def prove(
    session: Session,
    services: EnrolmentServices,
    authority: str,
    submission: Submission,
    *,
    at: datetime,
) -> Proven:
    """Return what a submission is about, all of it proven.

    Raises:
        MalformedError: if the request is no PKCS#10 request, or no certificate.
        ProofOfPossessionError: if its signature, or the old key's, does not hold.
        PredecessorError: if the earlier certificate does not hold now, or is of another key.
        InvalidSubmissionError: if the name has parts twice or others than ours.
    """
    if submission.way is Way.CROSS:
        return _authority(services, authority, submission, at=at)
    request = parse_request(submission.request)
    _possessed(request)
    if submission.way is Way.NEW:
        hosts = (
            extension
            for extension in request.extensions
            if extension.oid == oids.SUBJECT_ALTERNATIVE_NAME
        )
        return Proven(_named_once(request.subject), request.spki, read_particulars(hosts))
    purpose, serial = submission.purpose, submission.predecessor
    predecessor = _predecessor(session, authority, purpose, serial, at=at)
    if submission.way is Way.RENEWAL:
        if predecessor.spki != request.spki:
            raise PredecessorError("a renewal is for the key of the earlier certificate")
    else:
        _vouched(predecessor, submission, request)
    # Names are the earlier ones: whoever renews does not become somebody else.
    said = replace(read_particulars(predecessor.extensions), crl_addresses=())
    return Proven(_named_once(predecessor.subject_parts), request.spki, said)


def _possessed(request: CertificationRequest) -> None:
    try:
        request.verify_possession()
    except (InvalidSignatureError, UnsupportedError) as error:
        raise ProofOfPossessionError("the request is not signed with its own SM2 key") from error


def require_predecessor_holds(session: Session, enrolment: Enrolment, *, at: datetime) -> None:
    """Refuse to follow an earlier certificate that has ended since it was named.

    Raises:
        PredecessorError: if it has.
    """
    if enrolment.predecessor is not None:
        authority, purpose = enrolment.key.authority, enrolment.purpose
        _predecessor(session, authority, purpose, enrolment.predecessor, at=at)


def _predecessor(
    session: Session, authority: str, purpose: str, serial: int | None, *, at: datetime
) -> Certificate:
    if serial is None:
        raise InvalidSubmissionError("the earlier certificate is not named")
    found = repository.registered(session, authority=authority, serial=serial)
    if found is None or found.certificate is None:
        raise PredecessorError(f"{authority} has issued no certificate {serial:x}")
    if found.purpose != purpose:
        raise PredecessorError(f"the earlier certificate is for {found.purpose}")
    if repository.revocation(session, authority=authority, serial=serial):
        raise PredecessorError("the earlier certificate is revoked")
    certificate = parse_certificate(found.certificate)
    if not certificate.valid_at(at):
        raise PredecessorError("the earlier certificate does not hold now")
    return certificate


def _vouched(
    predecessor: Certificate, submission: Submission, request: CertificationRequest
) -> None:
    if predecessor.spki == request.spki:
        raise PredecessorError("a new key is another than the earlier one")
    if submission.old_key_signature is None:
        raise ProofOfPossessionError("the old key has not signed the request")
    try:
        predecessor.sm2_key.verify_der(submission.old_key_signature, submission.request)
    except (InvalidSignatureError, UnsupportedError) as error:
        raise ProofOfPossessionError("the old key has not signed this request") from error


def _authority(
    services: EnrolmentServices, authority: str, submission: Submission, *, at: datetime
) -> Proven:
    certificate = parse_certificate(submission.request)
    if not (certificate.is_ca and "key_cert_sign" in certificate.key_usage):
        raise InvalidSubmissionError("not the certificate of an authority")
    if not certificate.valid_at(at):
        raise InvalidSubmissionError("the other authority's certificate does not hold now")
    if certificate.subject_der == services.certificate(authority).subject_der:
        raise InvalidSubmissionError("an authority does not certify itself across")
    if certificate.is_self_issued:
        try:
            certificate.verify_signed_by(certificate)
        except (InvalidSignatureError, UnsupportedError) as error:
            raise ProofOfPossessionError("the certificate's own signature fails") from error
    known = Particulars(key_identifier=certificate.subject_key_identifier)
    return Proven(_named_once(certificate.subject_parts), certificate.spki, known)


def _named_once(parts: tuple[tuple[str, str], ...]) -> dict[str, str]:
    named = dict(parts)
    if len(named) != len(parts) or not named.keys() <= NAME_KINDS:
        raise InvalidSubmissionError("a name has C, ST, L, O, OU, CN, each once at most")
    return named
