"""Certificate revocation lists (RFC 5280, section 5), read and built.

* A full list says everything of its scope; a delta list only what a base list of at least
  the number it names may not say yet. Deltas say so critically, so that nobody who does not
  know them takes one for a full list.
* A list of one partition names its distribution point critically; it is silent about
  certificates that do not name the same.
"""

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
INVALIDITY_DATE: Final = "2.5.29.24"
DELTA_CRL_INDICATOR: Final = "2.5.29.27"
ISSUING_DISTRIBUTION_POINT: Final = "2.5.29.28"
FRESHEST_CRL: Final = "2.5.29.46"
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
    invalid_since: datetime | None = None
    """When the key is thought to have been lost, if that was before `at` (invalidityDate)."""


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
        return self._number_in(CRL_NUMBER)

    @cached_property
    def base_number(self) -> int | None:
        """The oldest list that this delta adds to; None for a list that stands by itself."""
        return self._number_in(DELTA_CRL_INDICATOR)

    def _number_in(self, oid: str) -> int | None:
        found = next((entry for entry in self.extensions if entry.oid == oid), None)
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
    # Decoded once here, so that it is MalformedError here or never.
    parsed.number, parsed.base_number  # noqa: B018
    return parsed


def build_crl(
    *,
    signer: Signer,
    number: int,
    this_update: datetime,
    next_update: datetime,
    revoked: Mapping[int, Revocation],
    base_number: int | None = None,
    distribution_point: str | None = None,
    freshest_address: str | None = None,
) -> bytes:
    """Return the DER of a CRL, signed by the certificate authority `signer`.

    Args:
        signer: the authority.
        number: cRLNumber.
        this_update: whole seconds count.
        next_update: when there will be another one.
        revoked: by serial number.
        base_number: makes it a delta to lists from this number on.
        distribution_point: address of the partition; None when all certificates are in scope.
        freshest_address: where the delta to this list is served.
    """
    issuer = parse_certificate(signer.certificate_der)
    identifier = issuer.subject_key_identifier or b""
    extensions = encode.sequence(
        build_extension(AUTHORITY_KEY_IDENTIFIER, encode.sequence(encode.value(0x80, identifier))),
        build_extension(CRL_NUMBER, encode.integer(number)),
        # Our lists keep a revocation after its certificate has ended, so they say so:
        # else they would be silent about the licences signed before.
        build_extension(EXPIRED_CERTIFICATES, encode.generalized_time(issuer.not_before)),
        *_scope(base_number, distribution_point, freshest_address),
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


def build_invalidity_date(invalid_since: datetime) -> bytes:
    """Return the invalidityDate extension of an entry (RFC 5280, 5.3.2)."""
    return build_extension(INVALIDITY_DATE, encode.generalized_time(invalid_since))


def _entries(entries: der.Element) -> dict[int, Revocation]:
    found: dict[int, Revocation] = {}
    for entry in entries.children():
        reader = entry.children()
        serial, at = reader.integer(), reader.time()
        extensions = reader.take_if(der.SEQUENCE)
        reason, invalid_since = None, None
        for extension in read_extensions(extensions.children()) if extensions else ():
            if extension.oid == CRL_REASON:
                reason = der.integer(der.parse(extension.value, der.ENUMERATED))
            elif extension.oid == INVALIDITY_DATE:
                invalid_since = der.time(der.parse(extension.value, der.GENERALIZED_TIME))
        reader.finish()
        found[serial] = Revocation(at, reason, invalid_since)
    return found


def _scope(
    base_number: int | None, distribution_point: str | None, freshest_address: str | None
) -> list[bytes]:
    found = []
    if base_number is not None:
        indicator = encode.integer(base_number)
        found.append(build_extension(DELTA_CRL_INDICATOR, indicator, critical=True))
    if distribution_point is not None:
        point = encode.sequence(_point(distribution_point))
        found.append(build_extension(ISSUING_DISTRIBUTION_POINT, point, critical=True))
    if freshest_address is not None:
        points = encode.sequence(encode.sequence(_point(freshest_address)))
        found.append(build_extension(FRESHEST_CRL, points))
    return found


def _point(address: str) -> bytes:
    # distributionPoint [0] { fullName [0] { uniformResourceIdentifier [6] } }
    uri = encode.value(0x86, address.encode("ascii"))
    return encode.context(0, encode.context(0, uri))


def _list_extensions(wrapper: der.Element) -> tuple[Extension, ...]:
    inner = wrapper.children()
    found = read_extensions(inner.sequence())
    inner.finish()
    return found


def _entry(serial: int, entry: Revocation) -> bytes:
    parts = [encode.integer(serial), encode.time(entry.at)]
    extensions = []
    if entry.reason:
        reason = encode.value(der.ENUMERATED, bytes((entry.reason,)))
        extensions.append(build_extension(CRL_REASON, reason))
    if entry.invalid_since is not None:
        extensions.append(build_invalidity_date(entry.invalid_since))
    if extensions:
        parts.append(encode.sequence(*extensions))
    return encode.sequence(*parts)
