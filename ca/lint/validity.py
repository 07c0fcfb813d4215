"""How long a certificate holds (RFC 5280, 4.1.2.5)."""

from typing import Final

from ca.lint.case import Case, rule
from sealkit.asn1 import encode


@rule("validity.negative")
def negative(case: Case) -> bool:
    """It ends after it begins."""
    return case.certificate.not_after <= case.certificate.not_before


@rule("validity.too_long")
def too_long(case: Case) -> bool:
    """Our profiles: no longer than keys of its purpose are trusted for."""
    return case.certificate.not_after - case.certificate.not_before > case.profile.longest


@rule("validity.before_issuer")
def before_issuer(case: Case) -> bool:
    """It does not begin before its authority's certificate does."""
    return case.issuer is not None and case.certificate.not_before < case.issuer.not_before


@rule("validity.beyond_issuer")
def beyond_issuer(case: Case) -> bool:
    """It does not outlive its authority's certificate."""
    return case.issuer is not None and case.certificate.not_after > case.issuer.not_after


@rule("validity.encoding")
def encoding(case: Case) -> bool:
    """RFC 5280, 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050, no fraction."""
    certificate = case.certificate
    if certificate.not_before.microsecond or certificate.not_after.microsecond:
        return True
    both = encode.time(certificate.not_before) + encode.time(certificate.not_after)
    # Right before the subject, in a SEQUENCE of their own.
    return encode.value(0x30, both) + certificate.subject_der not in certificate.tbs


RULES: Final = (negative, too_long, before_issuer, beyond_issuer, encoding)
