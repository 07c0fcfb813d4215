"""What a certificate must satisfy before the authority's key is touched.

Each rule is a function of its own with a stable code and its source. The rules look at the
bytes that will be signed, not at the template they came from. A refusal names every rule
that is broken.
"""

from typing import Final

from ca.lint import authorities, extensions, holders, keys, names, serials, usages, validity
from ca.lint.case import Case, Rule
from ca.profiles import Profile
from sealkit.asn1 import certificate_builder
from sealkit.asn1.particulars import read_particulars
from sealkit.asn1.x509 import Certificate, parse_certificate
from sealkit.errors import MalformedError

__all__ = ["RULES", "Case", "Rule", "examined", "lint"]

_ANY_SIGNATURE: Final = bytes(31) + b"\x01" + bytes(31) + b"\x01"

RULES: Final[tuple[Rule, ...]] = (
    *serials.RULES,
    *validity.RULES,
    *usages.RULES,
    *names.RULES,
    *keys.RULES,
    *extensions.RULES,
    *holders.RULES,
    *authorities.RULES,
)


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
        case = Case(certificate, profile, issuer, read_particulars(certificate.extensions))
    except MalformedError:
        return None, ("certificate.malformed",)
    return certificate, tuple(rule.code for rule in RULES if rule.is_broken(case))
