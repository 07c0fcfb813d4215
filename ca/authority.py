"""Issuing certificates: prepare, lint, then issue, so that what was checked is what is signed.

`prepare` returns a token that can be used once; only `issue` touches a key.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ca.errors import LintError, UsedTokenError
from ca.lint import lint
from ca.profiles import Profile
from sealkit.asn1 import certificate_builder
from sealkit.asn1.certificate_builder import CertificateTemplate
from sealkit.asn1.x509 import Certificate, parse_certificate
from sealkit.signer import Signer

# 19 bytes: a 20-byte number whose top bit is set would need 21 octets in DER.
SERIAL_BYTES: Final = 19
_POINT_OFFSET: Final = -65


@dataclass
class PreparedCertificate:
    """A linted certificate waiting for its one signature."""

    tbs: bytes
    profile: Profile
    used: bool = field(default=False, init=False)


def new_serial() -> int:
    """Draw a serial number of 151 random bits."""
    return int.from_bytes(secrets.token_bytes(SERIAL_BYTES)) | 1 << (8 * SERIAL_BYTES - 1)


def key_identifier(spki: bytes) -> bytes:
    """Return SHA-1 over the 65-byte point (RFC 5280, 4.2.1.2), an identifier, not a proof."""
    return hashlib.sha1(spki[_POINT_OFFSET:], usedforsecurity=False).digest()


def prepare(
    profile: Profile,
    *,
    subject: dict[str, str],
    spki: bytes,
    issuer: Certificate | None,
    not_before: datetime,
    not_after: datetime,
    serial: int,
) -> PreparedCertificate:
    """Build and lint the certificate of `spki`; `issuer` is None for a root.

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
        subject_key_identifier=key_identifier(spki),
        authority_key_identifier=issuer.subject_key_identifier if issuer else None,
        is_ca=profile.is_ca,
        path_length=profile.path_length,
        extended_key_usage=profile.extended_key_usage,
        extended_key_usage_critical=profile.extended_key_usage_critical,
        algorithm=profile.algorithm,
    )
    tbs = certificate_builder.to_be_signed(template)
    codes = lint(tbs, profile, issuer)
    if codes:
        raise LintError(codes)
    return PreparedCertificate(tbs, profile)


def issue(prepared: PreparedCertificate, signer: Signer) -> Certificate:
    """Sign what was prepared and return the certificate.

    Raises:
        UsedTokenError: if it was issued before.
    """
    if prepared.used:
        raise UsedTokenError("this prepared certificate was issued already")
    prepared.used = True
    signature = signer.sign(prepared.tbs)
    return parse_certificate(
        certificate_builder.assemble(prepared.tbs, prepared.profile.algorithm, signature)
    )
