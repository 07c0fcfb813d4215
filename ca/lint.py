"""What a certificate must satisfy before the authority's key is touched.

Each rule is a function that yields stable codes. The rules look at the bytes that will be
signed, not at the template they came from.
"""

from collections.abc import Callable, Iterator
from typing import Final

from ca.profiles import Profile
from sealkit import oids
from sealkit.asn1 import certificate_builder
from sealkit.asn1.x509 import EXTENDED_KEY_USAGE, Certificate, parse_certificate
from sealkit.errors import MalformedError
from sealkit.sm.sm2 import SPKI_PREFIX

MIN_SERIAL_BITS: Final = 64
MAX_SERIAL_BYTES: Final = 20
_ANY_SIGNATURE: Final = bytes(31) + b"\x01" + bytes(31) + b"\x01"

Rule = Callable[[Certificate, Profile, Certificate | None], Iterator[str]]


def lint(tbs: bytes, profile: Profile, issuer: Certificate | None) -> tuple[str, ...]:
    """Return the codes of every rule that `tbs` breaks; `issuer` is None for a root."""
    return examined(tbs, profile, issuer)[1]


def examined(
    tbs: bytes, profile: Profile, issuer: Certificate | None
) -> tuple[Certificate | None, tuple[str, ...]]:
    """Return `tbs` as it reads, under a signature of nobody, and the codes it breaks.

    It is None when it cannot be read.
    """
    # What we cannot read strictly ourselves, or that names another algorithm inside than it
    # will carry outside, nobody should have to read.
    try:
        certificate = parse_certificate(
            certificate_builder.assemble(tbs, profile.algorithm, _ANY_SIGNATURE)
        )
    except MalformedError:
        return None, ("certificate.malformed",)
    codes = tuple(code for rule in RULES for code in rule(certificate, profile, issuer))
    return certificate, codes


def _serial(
    certificate: Certificate, _profile: Profile, _issuer: Certificate | None
) -> Iterator[str]:
    if certificate.serial <= 0:
        yield "serial.not_positive"
    if certificate.serial.bit_length() < MIN_SERIAL_BITS:
        yield "serial.too_short"
    if certificate.serial.bit_length() // 8 + 1 > MAX_SERIAL_BYTES:
        yield "serial.too_long"


def _validity(
    certificate: Certificate, profile: Profile, issuer: Certificate | None
) -> Iterator[str]:
    if certificate.not_after <= certificate.not_before:
        yield "validity.negative"
    if certificate.not_after - certificate.not_before > profile.longest:
        yield "validity.too_long"
    if issuer and certificate.not_after > issuer.not_after:
        yield "validity.beyond_issuer"


def _usage(
    certificate: Certificate, profile: Profile, _issuer: Certificate | None
) -> Iterator[str]:
    if certificate.key_usage != frozenset(profile.key_usage):
        yield "key_usage.not_as_profiled"
    if certificate.extended_key_usage != frozenset(profile.extended_key_usage):
        yield "extended_key_usage.not_as_profiled"
    purposes = certificate.extension(EXTENDED_KEY_USAGE)
    if purposes and purposes.critical != profile.extended_key_usage_critical:
        yield "extended_key_usage.critical_not_as_profiled"
    if (certificate.extension(oids.OCSP_NO_CHECK) is not None) != profile.ocsp_no_check:
        yield "ocsp_no_check.not_as_profiled"
    if certificate.is_ca != profile.is_ca or certificate.path_length != profile.path_length:
        yield "basic_constraints.not_as_profiled"


def _names(
    certificate: Certificate, _profile: Profile, issuer: Certificate | None
) -> Iterator[str]:
    parts = dict(certificate.subject_parts)
    if parts.get("C") != "CN":
        yield "subject.country"
    for kind, word in (("O", "organisation"), ("CN", "common_name")):
        if not parts.get(kind, "").strip():
            yield f"subject.{word}"
    if issuer and certificate.issuer_der != issuer.subject_der:
        yield "issuer.not_subject_of_authority"


def _identifiers(
    certificate: Certificate, profile: Profile, issuer: Certificate | None
) -> Iterator[str]:
    if not certificate.subject_key_identifier:
        yield "subject_key_identifier.absent"
    if issuer and certificate.authority_key_identifier != issuer.subject_key_identifier:
        yield "authority_key_identifier.not_of_authority"
    if profile.algorithm == oids.SM2_WITH_SM3 and not certificate.spki.startswith(SPKI_PREFIX):
        yield "key.not_sm2"


def _authority(
    certificate: Certificate, profile: Profile, issuer: Certificate | None
) -> Iterator[str]:
    """The issuer may do this: a CA with room below it (RFC 5280, 4.2.1.9)."""
    if issuer is None:
        if not profile.is_ca:
            yield "issuer.absent"
        return
    if not issuer.is_ca or "key_cert_sign" not in issuer.key_usage:
        yield "issuer.not_a_ca"
    if issuer.path_length == 0 and profile.is_ca:
        yield "issuer.path_length"
    if not issuer.not_before <= certificate.not_before:
        yield "validity.before_issuer"


RULES: Final[tuple[Rule, ...]] = (_serial, _validity, _usage, _names, _identifiers, _authority)
