"""What the key may be used for (RFC 5280, 4.2.1.3, 4.2.1.9, 4.2.1.12; GM/T 0015)."""

from typing import Final

from ca.lint.case import Case, rule
from sealkit import oids
from sealkit.asn1.x509 import BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE, KEY_USAGE


@rule("key_usage.not_as_profiled")
def key_usage(case: Case) -> bool:
    """GM/T 0015 profile: signing and encryption keys are two, authorities' keys a third kind."""
    return case.certificate.key_usage != frozenset(case.profile.key_usage)


@rule("key_usage.not_critical")
def key_usage_not_critical(case: Case) -> bool:
    """GM/T 0015 profile: KeyUsage is critical; RFC 5280, 4.2.1.3 asks for it too."""
    found = case.certificate.extension(KEY_USAGE)
    return found is not None and not found.critical


@rule("extended_key_usage.not_as_profiled")
def extended_key_usage(case: Case) -> bool:
    """GM/T 0015 profile: a timestamp signer exactly timeStamping, a responder OCSPSigning."""
    return case.certificate.extended_key_usage != frozenset(case.profile.extended_key_usage)


@rule("extended_key_usage.critical_not_as_profiled")
def extended_key_usage_critical(case: Case) -> bool:
    """RFC 3161, 2.3: of a timestamp signer it must be critical; of others it is not."""
    found = case.certificate.extension(EXTENDED_KEY_USAGE)
    return found is not None and found.critical != case.profile.extended_key_usage_critical


@rule("ocsp_no_check.not_as_profiled")
def ocsp_no_check(case: Case) -> bool:
    """RFC 6960, 4.2.2.2.1: responders say that nobody need ask about them, and nobody else."""
    return (case.certificate.extension(oids.OCSP_NO_CHECK) is not None) != (
        case.profile.ocsp_no_check
    )


@rule("basic_constraints.not_as_profiled")
def basic_constraints(case: Case) -> bool:
    """RFC 5280, 4.2.1.9: an authority says so, and a sub-authority its path length."""
    certificate, profile = case.certificate, case.profile
    return certificate.is_ca != profile.is_ca or certificate.path_length != profile.path_length


@rule("basic_constraints.not_critical")
def basic_constraints_not_critical(case: Case) -> bool:
    """RFC 5280, 4.2.1.9: an authority's must be critical."""
    found = case.certificate.extension(BASIC_CONSTRAINTS)
    return found is not None and case.certificate.is_ca and not found.critical


@rule("basic_constraints.empty")
def basic_constraints_empty(case: Case) -> bool:
    """GmSSL refuses an end entity with an empty one, so it is left out."""
    found = case.certificate.extension(BASIC_CONSTRAINTS)
    return found is not None and not case.profile.is_ca and not case.certificate.is_ca


RULES: Final = (
    key_usage,
    key_usage_not_critical,
    extended_key_usage,
    extended_key_usage_critical,
    ocsp_no_check,
    basic_constraints,
    basic_constraints_not_critical,
    basic_constraints_empty,
)
