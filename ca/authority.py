"""Issuing certificates: prepare, lint, then issue, so that what was checked is what is signed.

`prepare` returns a token that can be used once; only `issue` touches a key, and only the key
of the authority that the token was prepared for. Certificates issued while the service runs
go through `ca.register`, which keeps the serial number before anything is signed.
"""

import hashlib
import secrets
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Final

from ca.errors import KeyMismatchError, LintError, UsedTokenError
from ca.lint import examined
from ca.profiles import Profile
from sealkit.asn1 import algorithms, certificate_builder
from sealkit.asn1.certificate_builder import CertificateTemplate
from sealkit.asn1.particulars import NOTHING_MORE, Particulars
from sealkit.asn1.x509 import Certificate, parse_certificate
from sealkit.signer import Signer
from sealkit.sm.signature import to_der

# 19 bytes: a 20-byte number whose top bit is set would need 21 octets in DER.
SERIAL_BYTES: Final = 19
_POINT_BYTES: Final = 65


@dataclass(frozen=True, slots=True)
class PreparedCertificate:
    """A linted certificate waiting for its one signature."""

    unsigned: Certificate = field(repr=False)
    """What was linted; its `tbs` will be signed, its signature is nobody's."""

    profile: Profile
    issuer: Certificate | None
    """None for a root."""

    _ticket: deque[None] = field(default_factory=lambda: deque((None,)), init=False, repr=False)

    @property
    def tbs(self) -> bytes:
        """What will be signed."""
        return self.unsigned.tbs

    def spend(self) -> None:
        """Use the token up; two threads cannot both succeed.

        Raises:
            UsedTokenError: if it was used before.
        """
        try:
            self._ticket.pop()
        except IndexError as error:
            raise UsedTokenError("this prepared certificate was issued already") from error


def new_serial() -> int:
    """Draw a serial number: 151 random bits below a set top bit."""
    return int.from_bytes(secrets.token_bytes(SERIAL_BYTES)) | 1 << (8 * SERIAL_BYTES - 1)


def key_identifier(spki: bytes) -> bytes:
    """Return SHA-1 over the 65-byte point (RFC 5280, 4.2.1.2), an identifier, not a proof."""
    return hashlib.sha1(spki[-_POINT_BYTES:], usedforsecurity=False).digest()


def prepare(
    profile: Profile,
    *,
    subject: dict[str, str],
    spki: bytes,
    issuer: Certificate | None,
    not_before: datetime,
    not_after: datetime,
    serial: int,
    crl_address: str | None = None,
    ocsp_address: str | None = None,
    particulars: Particulars = NOTHING_MORE,
) -> PreparedCertificate:
    """Build and lint the certificate of `spki`; `issuer` is None for a root.

    Args:
        profile: from `ca.profiles`.
        subject: C, ST, L, O, OU, CN.
        spki: DER SubjectPublicKeyInfo of the new key.
        issuer: the certificate authority's certificate.
        not_before: start of validity, whole seconds.
        not_after: end of validity, included.
        serial: from `new_serial`.
        crl_address: where the revocation list that speaks of it is served.
        ocsp_address: where its status can be asked for.
        particulars: what it says of its holder beyond that.

    Raises:
        LintError: naming every rule it breaks; no key was touched.
    """
    own_name = certificate_builder.name(subject)
    template = CertificateTemplate(
        serial=serial,
        issuer=issuer.subject_der if issuer else own_name,
        subject=own_name,
        not_before=not_before,
        not_after=not_after,
        spki=spki,
        key_usage=profile.key_usage,
        subject_key_identifier=particulars.key_identifier or key_identifier(spki),
        authority_key_identifier=issuer.subject_key_identifier if issuer else None,
        is_ca=profile.is_ca,
        path_length=profile.path_length,
        extended_key_usage=profile.extended_key_usage,
        extended_key_usage_critical=profile.extended_key_usage_critical,
        crl_address=crl_address,
        ocsp_address=ocsp_address,
        ocsp_no_check=profile.ocsp_no_check,
        particulars=particulars,
        algorithm=profile.algorithm,
    )
    return admit(certificate_builder.to_be_signed(template), profile, issuer)


def admit(tbs: bytes, profile: Profile, issuer: Certificate | None) -> PreparedCertificate:
    """Lint what is to be signed and return the token for it.

    Raises:
        LintError: naming every rule it breaks.
    """
    read, codes = _examined(tbs, profile, issuer.der if issuer else None)
    if read is None or codes:
        raise LintError(codes)
    return PreparedCertificate(read, profile, issuer)


@lru_cache(maxsize=1024)  # the same bytes are linted when planned and again when signed
def _examined(
    tbs: bytes, profile: Profile, issuer: bytes | None
) -> tuple[Certificate | None, tuple[str, ...]]:
    return examined(tbs, profile, parse_certificate(issuer) if issuer else None)


def issue(prepared: PreparedCertificate, signer: Signer) -> Certificate:
    """Sign what was prepared and return the certificate, its signature checked.

    Raises:
        UsedTokenError: if it was issued before.
        KeyMismatchError: if `signer` is not the authority it was prepared for.
        InvalidSignatureError: if the signature does not verify with the authority's key.
    """
    issuer = prepared.issuer
    if issuer is not None and signer.certificate_der != issuer.der:
        raise KeyMismatchError("prepared for another certificate authority")
    if algorithms.signature_algorithm(signer) != prepared.profile.algorithm:
        raise KeyMismatchError("the authority's key is not of the profile's algorithm")
    prepared.spend()
    signature = signer.sign(prepared.tbs)
    # Read once, when it was linted: only the signature is another.
    certificate = replace(
        prepared.unsigned,
        der=certificate_builder.assemble(prepared.tbs, prepared.profile.algorithm, signature),
        signature=to_der(signature),
    )
    certificate.verify_signed_by(issuer or certificate)
    return certificate
