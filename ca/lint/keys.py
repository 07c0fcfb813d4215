"""Keys, their identifiers and algorithms (RFC 5280, 4.1.1.2, 4.1.2.7, 4.2.1.1, 4.2.1.2)."""

from typing import Final

from ca.lint.case import Case, rule
from sealkit import oids
from sealkit.sm.sm2 import SPKI_PREFIX


@rule("subject_key_identifier.absent")
def own_identifier(case: Case) -> bool:
    """GM/T 0015 profile: on all certificates."""
    return not case.certificate.subject_key_identifier


@rule("authority_key_identifier.not_of_authority")
def authority_identifier(case: Case) -> bool:
    """RFC 5280, 4.2.1.1: on all but the root, equal to the identifier of the issuer's key."""
    issuer, found = case.issuer, case.certificate.authority_key_identifier
    return issuer is not None and found != issuer.subject_key_identifier


@rule("key.not_sm2")
def not_sm2(case: Case) -> bool:
    """As deployed (GM/T 0015): ecPublicKey on the named SM2 curve, no explicit parameters."""
    is_sm2 = case.certificate.spki.startswith(SPKI_PREFIX)
    return case.profile.algorithm == oids.SM2_WITH_SM3 and not is_sm2


@rule("key.of_authority")
def of_authority(case: Case) -> bool:
    """An authority's key is not certified again for somebody else by itself."""
    return case.issuer is not None and case.certificate.spki == case.issuer.spki


RULES: Final = (
    own_identifier,
    authority_identifier,
    not_sm2,
    of_authority,
)
