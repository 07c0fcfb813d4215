"""Bringing a request (提交申请): proven, linted as it would be issued, and kept.

The same request under the same idempotency key is the same enrolment.
"""

import json
import secrets
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from ca.enrolment import repository
from ca.enrolment.entitlement import require_submitter
from ca.enrolment.model import Enrolment, EnrolmentKey, Submission, Way
from ca.enrolment.orders import authority_for, rehearse
from ca.enrolment.planning import require_escrow
from ca.enrolment.ports import EnrolmentServices, Person
from ca.enrolment.proofs import Proven, prove
from ca.enrolment.states import EnrolmentState
from ca.errors import (
    IdempotencyConflictError,
    InvalidSubmissionError,
    KeyInUseError,
    UnknownProfileError,
)
from ca.profiles import PROFILES
from sealkit import oids
from sealkit.asn1.particulars import NOTHING_MORE, Particulars
from sealkit.sm import sm3

_CROSS: Final = "cross_ca"
ENROLLABLE: Final = frozenset(
    name
    for name, profile in PROFILES.items()
    # Roots are made at a ceremony; the encryption key of a pair comes with the signing key.
    if name not in ("root", "ecdsa_root", "dual_encryption")
    and profile.algorithm == oids.SM2_WITH_SM3
)


def submit(
    session: Session,
    services: EnrolmentServices,
    submission: Submission,
    *,
    idempotency_key: str,
    person: Person,
    at: datetime,
) -> Enrolment:
    """Store a request and return its enrolment; sent again, return the first one.

    Raises:
        NotEntitledError: if the caller may not ask for certificates.
        UnknownProfileError: if nobody can enrol for that profile.
        IdempotencyConflictError: if the key was used for another request.
        MalformedError, ProofOfPossessionError, PredecessorError, InvalidSubmissionError:
            as `ca.enrolment.proofs.prove`.
        KeyInUseError: if the key was certified before, or is asked for already.
        LintError: naming every rule that the certificate would break.
    """
    require_submitter(person)
    _require_enrollable(services, submission)
    authority, digest = authority_for(submission.purpose), _digest(submission)
    found = repository.by_idempotency_key(session, authority, person.id, idempotency_key)
    if found is not None:
        return _same_request(found, digest)
    enrolment = _enrolment(session, services, authority, submission, person, at)
    rehearse(services, enrolment, at=at)
    if not repository.add(session, enrolment, idempotency_key):
        # Another request with this key was faster.
        found = repository.by_idempotency_key(session, authority, person.id, idempotency_key)
        if found is None:
            raise IdempotencyConflictError("this key belongs to another request")
        return _same_request(found, digest)
    services.audit.record(
        session,
        actor=person.id,
        act="enrolment.submit",
        subject=str(enrolment.key),
        at=at,
        detail={
            "purpose": enrolment.purpose,
            "way": enrolment.way.value,
            "request": sm3.digest(enrolment.request).hex(),
        },
    )
    return enrolment


def _require_enrollable(services: EnrolmentServices, submission: Submission) -> None:
    if submission.purpose not in ENROLLABLE:
        raise UnknownProfileError(submission.purpose)
    if (submission.way is Way.CROSS) != (submission.purpose == _CROSS):
        raise InvalidSubmissionError("a cross-certificate is for another authority's certificate")
    require_escrow(services, submission.purpose)


def _same_request(found: Enrolment, digest: bytes) -> Enrolment:
    if found.submission_digest != digest:
        raise IdempotencyConflictError("this key belongs to another request")
    return found


def _enrolment(
    session: Session,
    services: EnrolmentServices,
    authority: str,
    submission: Submission,
    person: Person,
    at: datetime,
) -> Enrolment:
    proven = prove(session, services, authority, submission, at=at)
    _require_free_key(session, authority, submission.way, proven.spki)
    return Enrolment(
        key=EnrolmentKey(authority, _new_id(at)),
        state=EnrolmentState.SUBMITTED,
        way=submission.way,
        purpose=submission.purpose,
        subject=proven.subject,
        spki=proven.spki,
        request=submission.request,
        particulars=_particulars(submission, proven, services.policies),
        not_after=submission.not_after,
        predecessor=submission.predecessor,
        submitted_by=person.id,
        department=person.department,
        submitted_at=at,
        approvals_needed=PROFILES[submission.purpose].approvals,
        submission_digest=_digest(submission),
    )


def _require_free_key(session: Session, authority: str, way: Way, spki: bytes) -> None:
    """A key has one holder and one purpose: it is certified again for these alone."""
    if way in (Way.RENEWAL, Way.CROSS):
        taken = repository.is_asked_for(session, authority, spki)
    else:
        taken = repository.key_is_taken(session, authority, spki)
    if taken:
        raise KeyInUseError("the key was certified before, or is asked for already")


def _particulars(submission: Submission, proven: Proven, policies: tuple[str, ...]) -> Particulars:
    asked, known = submission.particulars, proven.particulars
    if submission.way in (Way.RENEWAL, Way.REKEY):
        if asked != NOTHING_MORE:
            raise InvalidSubmissionError("a renewal says what the earlier certificate says")
        return replace(known, policies=policies)
    return replace(
        asked,
        # What was said beside the request counts; what stands in it is only a wish.
        dns_names=asked.dns_names or known.dns_names,
        ip_addresses=asked.ip_addresses or known.ip_addresses,
        policies=policies,
        key_identifier=known.key_identifier,
    )


def _new_id(at: datetime) -> str:
    """Ids sort by time, so that a list can be read on from where it was left."""
    return f"{at:%Y%m%d%H%M%S}{secrets.token_hex(5)}"


def _digest(submission: Submission) -> bytes:
    said = [
        submission.purpose,
        submission.way.value,
        submission.request.hex(),
        submission.predecessor,
        (submission.old_key_signature or b"").hex(),
        submission.not_after.isoformat() if submission.not_after else None,
        repr(submission.particulars),
    ]
    return sm3.digest(json.dumps(said).encode())
