"""Certificate revocation lists (RFC 5280, section 5), read and built."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from sealkit.asn1 import algorithms, der, encode
from sealkit.asn1.extensions import Extension, build_extension, read_extensions
from sealkit.asn1.x509 import (
    AUTHORITY_KEY_IDENTIFIER,
    Certificate,
    parse_certificate,
    verify_with,
)
from sealkit.errors import MalformedError
from sealkit.signer import Signer
from sealkit.sm import signature as encodings

MAX_CRL_BYTES: Final = 4 * 1024 * 1024
MAX_CRL_ELEMENTS: Final = 400_000
CRL_NUMBER: Final = "2.5.29.20"
CRL_REASON: Final = "2.5.29.21"
EXPIRED_CERTIFICATES: Final = "2.5.29.60"
"""expiredCertsOnCRL of X.509: since when ended certificates stay on the list."""
_VERSION_2: Final = 1
_TIMES: Final = (der.UTC_TIME, der.GENERALIZED_TIME)


@dataclass(frozen=True, slots=True)
class Revocation:
    """When and why a certificate was revoked."""

    at: datetime
    reason: int | None = None
    """CRLReason number; None when not said. 0 is never written."""


@dataclass(frozen=True)
class CertificateList:
    """A CRL as it stands in its bytes, unverified."""

    der: bytes = field(repr=False)
    tbs: bytes = field(repr=False)
    signature_algorithm: str
    signature: bytes = field(repr=False)
    issuer_der: bytes = field(repr=False)
    this_update: datetime
    next_update: datetime | None
    revoked: Mapping[int, Revocation] = field(repr=False)
    """By serial number."""
    extensions: tuple[Extension, ...] = field(repr=False)

    @cached_property
    def number(self) -> int | None:
        """The cRLNumber; None when absent."""
        found = next((entry for entry in self.extensions if entry.oid == CRL_NUMBER), None)
        return der.integer(der.parse(found.value, der.INTEGER)) if found else None

    def verify_signed_by(self, issuer: Certificate) -> None:
        """Check the signature with the key of `issuer`.

        Raises:
            InvalidSignatureError: if it does not hold.
        """
        verify_with(issuer, self.signature_algorithm, self.signature, self.tbs)


def parse_crl(content: bytes) -> CertificateList:
    """Read one DER CRL.

    Raises:
        MalformedError: if it is not a strict CRL, or over 4 MiB.
    """
    outer = der.parse(
        content, der.SEQUENCE, max_bytes=MAX_CRL_BYTES, max_elements=MAX_CRL_ELEMENTS
    ).children()
    tbs, algorithm, signature = outer.take(der.SEQUENCE), outer.take(der.SEQUENCE), outer.bits()
    outer.finish()
    reader = tbs.children()
    version = reader.take_if(der.INTEGER)
    if version is not None and der.integer(version) != _VERSION_2:
        raise MalformedError("CRL is not of version 2")
    if reader.take(der.SEQUENCE).der != algorithm.der:
        raise MalformedError("CRL names two signature algorithms")
    issuer = reader.take(der.SEQUENCE)
    this_update = reader.time()
    next_update = reader.time() if reader.next_tag() in _TIMES else None
    entries = reader.take_if(der.SEQUENCE)
    extensions = reader.take_if(der.context(0))
    reader.finish()
    parsed = CertificateList(
        der=content,
        tbs=tbs.der,
        signature_algorithm=algorithm.children().object_identifier(),
        signature=signature,
        issuer_der=issuer.der,
        this_update=this_update,
        next_update=next_update,
        revoked=_entries(entries) if entries else {},
        extensions=_list_extensions(extensions) if extensions else (),
    )
    parsed.number  # noqa: B018  # decoded once here, so that it is MalformedError here or never
    return parsed


def build_crl(
    *,
    signer: Signer,
    number: int,
    this_update: datetime,
    next_update: datetime,
    revoked: Mapping[int, Revocation],
) -> bytes:
    """Return the DER of a full CRL, signed by the certificate authority `signer`."""
    issuer = parse_certificate(signer.certificate_der)
    identifier = issuer.subject_key_identifier or b""
    extensions = encode.sequence(
        build_extension(AUTHORITY_KEY_IDENTIFIER, encode.sequence(encode.value(0x80, identifier))),
        build_extension(CRL_NUMBER, encode.integer(number)),
        # Our lists keep a revocation after its certificate has ended, so they say so:
        # else they would be silent about the licences signed before.
        build_extension(EXPIRED_CERTIFICATES, encode.generalized_time(issuer.not_before)),
    )
    entries = [_entry(serial, entry) for serial, entry in sorted(revoked.items())]
    algorithm = encode.algorithm(algorithms.signature_algorithm(signer))
    tbs = encode.sequence(
        encode.integer(_VERSION_2),
        algorithm,
        issuer.subject_der,
        encode.time(this_update),
        encode.time(next_update),
        # RFC 5280, 5.1.2.6: absent when nothing is revoked, never empty.
        *([encode.sequence(*entries)] if entries else []),
        encode.context(0, extensions),
    )
    value = encodings.to_der(signer.sign(tbs))
    return encode.sequence(tbs, algorithm, encode.bit_string(value))


def _entries(entries: der.Element) -> dict[int, Revocation]:
    found: dict[int, Revocation] = {}
    for entry in entries.children():
        reader = entry.children()
        serial, at = reader.integer(), reader.time()
        extensions = reader.take_if(der.SEQUENCE)
        reason = None
        for extension in read_extensions(extensions.children()) if extensions else ():
            if extension.oid == CRL_REASON:
                reason = der.integer(der.parse(extension.value, der.ENUMERATED))
        reader.finish()
        found[serial] = Revocation(at, reason)
    return found


def _list_extensions(wrapper: der.Element) -> tuple[Extension, ...]:
    inner = wrapper.children()
    found = read_extensions(inner.sequence())
    inner.finish()
    return found


def _entry(serial: int, entry: Revocation) -> bytes:
    parts = [encode.integer(serial), encode.time(entry.at)]
    if entry.reason:
        reason = encode.value(der.ENUMERATED, bytes((entry.reason,)))
        parts.append(encode.sequence(build_extension(CRL_REASON, reason)))
    return encode.sequence(*parts)
