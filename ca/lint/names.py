"""Subject and issuer (RFC 5280, 4.1.2.4 and 4.1.2.6; GM/T 0015)."""

import re
from collections.abc import Mapping
from typing import Final

from ca.lint.case import Case, rule
from sealkit.asn1 import certificate_builder
from sealkit.check_digits import citizen_check_character

LONGEST: Final[Mapping[str, int]] = {"C": 2, "ST": 128, "L": 128, "O": 64, "OU": 64, "CN": 64}
"""Characters, RFC 5280, appendix A.1 (ub-…)."""
# A citizen's number as GB 11643 writes it: place, day of birth, sequence, check character.
_CITIZEN_NUMBER: Final = re.compile(
    r"(?<![0-9])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"[0-9]{3}[0-9Xx](?![0-9])"
)


def _part(case: Case, kind: str) -> str:
    return next((text for found, text in case.certificate.subject_parts if found == kind), "")


@rule("subject.country")
def country(case: Case) -> bool:
    """GM/T 0015 profile: C is CN."""
    return _part(case, "C") != "CN"


@rule("subject.organisation")
def organisation(case: Case) -> bool:
    """GM/T 0015 profile: O is mandatory in government profiles."""
    return not _part(case, "O").strip()


@rule("subject.common_name")
def common_name(case: Case) -> bool:
    """People tell certificates apart by it."""
    return not _part(case, "CN").strip()


@rule("subject.form")
def form(case: Case) -> bool:
    """GM/T 0015 profile: C, ST, L, O, OU, CN in order, once; C printable, all other text UTF-8."""
    parts = dict(case.certificate.subject_parts)
    if not parts.get("C", "").isascii():
        return True
    return certificate_builder.name(parts) != case.certificate.subject_der


@rule("subject.too_long")
def too_long(case: Case) -> bool:
    """RFC 5280, appendix A.1: upper bounds of the parts of a name."""
    parts = case.certificate.subject_parts
    return any(len(text) > LONGEST.get(kind, 64) for kind, text in parts)


@rule("subject.personal_number")
def personal_number(case: Case) -> bool:
    """GM/T 0015 profile: an identity number in a certificate is public for ever."""
    return any(
        citizen_check_character(number[:17]) == number[17].upper()
        for _kind, text in case.certificate.subject_parts
        for number in _CITIZEN_NUMBER.findall(text)
    )


@rule("issuer.not_subject_of_authority")
def issuer_name(case: Case) -> bool:
    """RFC 5280, 6.1.3: names chain; GM/T 0015 profile: byte for byte. A root names itself."""
    expected = case.issuer.subject_der if case.issuer else case.certificate.subject_der
    return case.certificate.issuer_der != expected


RULES: Final = (
    country,
    organisation,
    common_name,
    form,
    too_long,
    personal_number,
    issuer_name,
)
