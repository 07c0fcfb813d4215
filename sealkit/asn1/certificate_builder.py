"""Building what a certificate authority signs (RFC 5280, GB/T 20518 profile).

`to_be_signed` gives the exact bytes, so that they can be linted, compared and approved
before a key is touched; `assemble` puts the signature beside them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sealkit import oids
from sealkit.asn1 import encode
from sealkit.asn1.extensions import build_extension
from sealkit.asn1.particulars import NOTHING_MORE, Particulars, distribution_points, extensions
from sealkit.asn1.x509 import (
    AUTHORITY_KEY_IDENTIFIER,
    BASIC_CONSTRAINTS,
    EXTENDED_KEY_USAGE,
    KEY_USAGE,
    KEY_USAGES,
    SUBJECT_KEY_IDENTIFIER,
)
from sealkit.sm import signature as encodings

_NAME_OIDS: Final = {
    "C": "2.5.4.6",
    "ST": "2.5.4.8",
    "L": "2.5.4.7",
    "O": "2.5.4.10",
    "OU": "2.5.4.11",
    "CN": "2.5.4.3",
}
_NAME_ORDER: Final = tuple(_NAME_OIDS)


@dataclass(frozen=True, slots=True)
class CertificateTemplate:
    """Everything a certificate will say but its signature."""

    serial: int
    issuer: bytes
    """DER Name, byte for byte the issuer's subject."""
    subject: bytes
    """DER Name."""
    not_before: datetime
    not_after: datetime
    spki: bytes
    """DER SubjectPublicKeyInfo."""
    key_usage: tuple[str, ...]
    """Names from `sealkit.asn1.x509.KEY_USAGES`."""
    subject_key_identifier: bytes
    authority_key_identifier: bytes | None = None
    """None for a root only."""
    is_ca: bool = False
    path_length: int | None = None
    extended_key_usage: tuple[str, ...] = ()
    extended_key_usage_critical: bool = False
    crl_address: str | None = None
    ocsp_address: str | None = None
    ocsp_no_check: bool = False
    """Nobody need ask whether this responder's own certificate is revoked (RFC 6960)."""
    particulars: Particulars = NOTHING_MORE
    algorithm: str = oids.SM2_WITH_SM3


def name(parts: dict[str, str]) -> bytes:
    """Return a DER Name of `parts` (C, ST, L, O, OU, CN), in that order.

    C is a PrintableString, the rest UTF8String (GM/T 0015).
    """
    sets = []
    for kind in _NAME_ORDER:
        if kind in parts:
            text = encode.printable_string if kind == "C" else encode.utf8_string
            attribute = encode.sequence(
                encode.object_identifier(_NAME_OIDS[kind]), text(parts[kind])
            )
            sets.append(encode.set_of(attribute))
    return encode.sequence(*sets)


def to_be_signed(template: CertificateTemplate) -> bytes:
    """Return the DER TBSCertificate of `template`."""
    return encode.sequence(
        encode.context(0, encode.integer(2)),
        encode.integer(template.serial),
        encode.algorithm(template.algorithm),
        template.issuer,
        encode.sequence(encode.time(template.not_before), encode.time(template.not_after)),
        template.subject,
        template.spki,
        encode.context(3, encode.sequence(*_extensions(template))),
    )


def assemble(tbs: bytes, algorithm: str, raw_signature: bytes) -> bytes:
    """Return the certificate of `tbs` and a signature r‖s over it."""
    value = encodings.to_der(raw_signature)
    return encode.sequence(tbs, encode.algorithm(algorithm), encode.bit_string(value))


def _extensions(template: CertificateTemplate) -> list[bytes]:
    found = []
    if template.is_ca:
        # Left out on end entities: GmSSL refuses leaves with an empty basicConstraints.
        length = [] if template.path_length is None else [encode.integer(template.path_length)]
        constraints = encode.sequence(encode.boolean(True), *length)
        found.append(build_extension(BASIC_CONSTRAINTS, constraints, critical=True))
    usages = encode.named_bits(*(KEY_USAGES.index(usage) for usage in template.key_usage))
    found.append(build_extension(KEY_USAGE, usages, critical=True))
    found.append(
        build_extension(
            SUBJECT_KEY_IDENTIFIER, encode.octet_string(template.subject_key_identifier)
        )
    )
    if template.authority_key_identifier is not None:
        identifier = encode.value(0x80, template.authority_key_identifier)
        found.append(build_extension(AUTHORITY_KEY_IDENTIFIER, encode.sequence(identifier)))
    if template.extended_key_usage:
        purposes = encode.sequence(*map(encode.object_identifier, template.extended_key_usage))
        critical = template.extended_key_usage_critical
        found.append(build_extension(EXTENDED_KEY_USAGE, purposes, critical=critical))
    found.extend(extensions(template.particulars))
    own = (template.crl_address,) if template.crl_address else ()
    addresses = (*own, *template.particulars.crl_addresses)
    if addresses:
        found.append(distribution_points(addresses))
    if template.ocsp_address:
        responder = encode.sequence(
            encode.object_identifier(oids.ACCESS_OCSP), _address(template.ocsp_address)
        )
        found.append(build_extension(oids.AUTHORITY_INFORMATION_ACCESS, encode.sequence(responder)))
    if template.ocsp_no_check:
        found.append(build_extension(oids.OCSP_NO_CHECK, encode.null()))
    return found


def _address(address: str) -> bytes:
    return encode.value(0x86, address.encode("ascii"))  # uniformResourceIdentifier [6]
