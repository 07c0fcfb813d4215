"""Revoking certificates, and the lists that say so (RFC 5280, section 5).

* A revocation is final. Asking again changes nothing; it cannot get another reason.
* cRLNumber grows by one with each list of an authority, also over restarts.
* A list is renewed when it is half used up, or when a revocation is not yet in it.
* OCSP knows of a revocation from the moment its transaction is committed.
"""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from sqlalchemy.orm import Session

from ca import repository
from ca.errors import OldListError, RevocationDateError, UnknownCertificateError
from ca.repository import StoredList
from ca.revocation_answers import repository as answers
from sealkit.asn1 import crl
from sealkit.asn1.crl import Revocation
from sealkit.asn1.x509 import Certificate
from sealkit.signer import Signer

CRL_LIFETIME: Final = timedelta(days=7)


class Reason(IntEnum):
    """Why a certificate is revoked (RFC 5280, 5.3.1); without hold, which can be undone."""

    UNSPECIFIED = 0
    KEY_COMPROMISE = 1
    CA_COMPROMISE = 2
    AFFILIATION_CHANGED = 3
    SUPERSEDED = 4
    CESSATION_OF_OPERATION = 5
    PRIVILEGE_WITHDRAWN = 9


def revoke(
    session: Session,
    *,
    ca_name: str,
    serial: int,
    reason: Reason,
    at: datetime,
    invalid_since: datetime | None = None,
) -> datetime:
    """Revoke a certificate of the register and return since when it is revoked.

    Args:
        session: open transaction.
        ca_name: name of the authority in the register.
        serial: of the certificate.
        reason: why.
        at: the revocation, cut to whole seconds.
        invalid_since: when the key is thought to have been lost, if known.

    Raises:
        UnknownCertificateError: if the authority has issued no such certificate.
        RevocationDateError: if `invalid_since` is after `at`.
    """
    if invalid_since is not None and invalid_since > at:
        raise RevocationDateError("the key cannot have been lost later")
    found = repository.registered(session, authority=ca_name, serial=serial)
    if found is None:
        raise UnknownCertificateError(ca_name, serial)
    earlier = repository.revocation(session, authority=ca_name, serial=serial)
    if earlier is not None:
        return earlier.at
    # A list carries whole seconds; the register must not say anything finer.
    revoked_at = at.replace(microsecond=0)
    repository.add_revocation(
        session,
        authority=ca_name,
        serial=serial,
        at=revoked_at,
        reason=int(reason),
        invalid_since=invalid_since.replace(microsecond=0) if invalid_since else None,
    )
    # In the same transaction, so that none that says good outlives it.
    answers.drop_answers(session, ca_name, (serial,))
    return revoked_at


def revocation_of(session: Session, *, ca_name: str, serial: int) -> Revocation:
    """Return how a certificate is revoked.

    Raises:
        UnknownCertificateError: if no such certificate is revoked.
    """
    found = repository.revocation(session, authority=ca_name, serial=serial)
    if found is None:
        raise UnknownCertificateError(ca_name, serial)
    return found


def build_crl(
    session: Session,
    ca_name: str,
    signer: Signer,
    at: datetime,
    *,
    lifetime: timedelta = CRL_LIFETIME,
) -> bytes:
    """Build, store and return the next revocation list of an authority, DER.

    Args:
        session: open transaction.
        ca_name: name of the authority in the register.
        signer: its key.
        at: thisUpdate, cut to whole seconds.
        lifetime: until nextUpdate.
    """
    newest = repository.newest_list(session, authority=ca_name)
    revoked = repository.all_revocations(session, authority=ca_name)
    this_update = at.replace(microsecond=0)
    number = newest.number + 1 if newest else 1
    encoded = crl.build_crl(
        signer=signer,
        number=number,
        this_update=this_update,
        next_update=this_update + lifetime,
        revoked=revoked,
    )
    stored = StoredList(number, this_update, this_update + lifetime, len(revoked), encoded)
    repository.add_list(session, authority=ca_name, stored=stored)
    return encoded


def current_crl(session: Session, ca_name: str, signer: Signer, at: datetime) -> bytes:
    """Return the newest revocation list, building one first if it is due."""
    newest = repository.newest_list(session, authority=ca_name)
    if newest is None or _is_due(session, ca_name, newest, at):
        return build_crl(session, ca_name, signer, at)
    return newest.crl


def take_list(
    session: Session, *, ca_name: str, issuer: Certificate, content: bytes, at: datetime
) -> bool:
    """Take a list that an offline authority signed at a ceremony; tell whether it is new.

    What it revokes of the register's certificates is revoked in the register too.

    Raises:
        MalformedError, InvalidSignatureError: if it is no list of `issuer`.
        OldListError: if it is a delta, has no number, is of the future, or its number or date
            does not go on from the newest one.
    """
    newest = repository.newest_list(session, authority=ca_name)
    if newest is not None and newest.crl == content:
        return False
    found = crl.parse_crl(content)
    found.verify_signed_by(issuer)
    if found.number is None or found.base_number is not None or found.next_update is None:
        raise OldListError("no full list with a number and an end")
    if found.this_update > at:
        raise OldListError("the list is of the future")
    if newest and (found.number <= newest.number or found.this_update < newest.this_update):
        raise OldListError(f"list {found.number} does not follow list {newest.number}")
    for serial, entry in found.revoked.items():
        known = repository.registered(session, authority=ca_name, serial=serial)
        if known and not repository.revocation(session, authority=ca_name, serial=serial):
            repository.add_revocation(
                session,
                authority=ca_name,
                serial=serial,
                at=entry.at,
                reason=entry.reason or 0,
                invalid_since=entry.invalid_since,
            )
            answers.drop_answers(session, ca_name, (serial,))
    stored = StoredList(
        found.number, found.this_update, found.next_update, len(found.revoked), content
    )
    repository.add_list(session, authority=ca_name, stored=stored)
    return True


def _is_due(session: Session, ca_name: str, newest: StoredList, at: datetime) -> bool:
    half = newest.this_update + (newest.next_update - newest.this_update) / 2
    return at >= half or newest.revoked != repository.count_revocations(session, authority=ca_name)
