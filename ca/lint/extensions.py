"""Extensions as such: which there may be, and which may be critical (RFC 5280, 4.2)."""

from typing import Final

from ca.lint.case import Case, rule
from sealkit import oids
from sealkit.asn1 import der
from sealkit.asn1.x509 import (
    AUTHORITY_KEY_IDENTIFIER,
    BASIC_CONSTRAINTS,
    EXTENDED_KEY_USAGE,
    KEY_USAGE,
    SUBJECT_KEY_IDENTIFIER,
)

_NEVER_CRITICAL: Final = frozenset(
    {
        SUBJECT_KEY_IDENTIFIER,
        AUTHORITY_KEY_IDENTIFIER,
        oids.AUTHORITY_INFORMATION_ACCESS,
        oids.CRL_DISTRIBUTION_POINTS,
        oids.ORGANISATION_CODE,
    }
)
KNOWN: Final = _NEVER_CRITICAL | {
    BASIC_CONSTRAINTS,
    KEY_USAGE,
    EXTENDED_KEY_USAGE,
    oids.SUBJECT_ALTERNATIVE_NAME,
    oids.NAME_CONSTRAINTS,
    oids.CERTIFICATE_POLICIES,
    oids.OCSP_NO_CHECK,
}
_MEMBERS_WITHOUT_IDENTIFIERS: Final = 8  # version to extensions


@rule("extension.unknown")
def unknown(case: Case) -> bool:
    """What we do not know we do not sign, whoever asked for it."""
    return any(extension.oid not in KNOWN for extension in case.certificate.extensions)


@rule("extension.critical")
def critical(case: Case) -> bool:
    """RFC 5280, 4.2.1.1, 4.2.1.2, 4.2.1.13, 4.2.2.1; GM/T 0015: these are non-critical."""
    return any(
        extension.critical and extension.oid in _NEVER_CRITICAL
        for extension in case.certificate.extensions
    )


@rule("unique_identifier.present")
def unique_identifier(case: Case) -> bool:
    """RFC 5280, 4.1.2.8: conforming authorities never write unique identifiers."""
    # Walked already when the certificate was read.
    members = der.Reader(case.certificate.tbs).sequence()
    return sum(1 for _ in members) > _MEMBERS_WITHOUT_IDENTIFIERS


RULES: Final = (unknown, critical, unique_identifier)
