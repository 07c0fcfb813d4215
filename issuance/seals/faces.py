"""Which picture a seal gets: by the kind of its owner and its type (standards/e-licence, 10.2).

National emblems are never drawn: where the law puts one in the centre, a seal of ours cannot
be made, and must be imported from its maker.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from issuance.render.seal_picture import SealFace, Shape
from issuance.seals.register import RegisteredSeal


class OwnerKind(StrEnum):
    """Who owns a seal, as far as the picture depends on it."""

    PROVINCE = "province"
    """Provincial people's government or ministry: national emblem, 50 mm."""
    GOVERNMENT = "government"
    """Government of an autonomous prefecture, city, county or district: emblem, 45 mm."""
    ADMINISTRATIVE_OFFICE = "administrative_office"
    """Regional administrative office (地区行署)."""
    TOWNSHIP = "township"
    DEPARTMENT = "department"
    """Department or internal body of a government."""
    ORGANISATION = "organisation"
    """Enterprise, institution or social body."""


@dataclass(frozen=True, slots=True)
class Official:
    """What the official seal of an owner looks like."""

    diameter_mm: int
    emblem: bool = False
    """The national emblem in the centre."""


OFFICIAL: Final[Mapping[OwnerKind, Official]] = {
    OwnerKind.PROVINCE: Official(50, emblem=True),
    OwnerKind.GOVERNMENT: Official(45, emblem=True),
    OwnerKind.ADMINISTRATIVE_OFFICE: Official(45),
    OwnerKind.TOWNSHIP: Official(42),
    OwnerKind.DEPARTMENT: Official(42),
    OwnerKind.ORGANISATION: Official(40),
}
"""国发〔1999〕25号; where it names a largest size only, the usual one."""

LEGAL_NAME, FINANCE, INVOICE, CONTRACT, NAME = 1, 2, 3, 4, 5
"""seal_types of the code lists."""
BUSINESS_MM: Final = 42
OTHER_ROUND_MM: Final = 38
INVOICE_MM: Final = (40, 30)
NAME_MM: Final = 18
_USES: Final = {FINANCE: "财务专用章", INVOICE: "发票专用章", CONTRACT: "合同专用章"}


def face_for(seal: RegisteredSeal, *, specimen: bool) -> SealFace:
    """Return what stands on the picture of `seal`.

    Raises:
        ValueError: if the law wants the national emblem on it, or words that it cannot do
            without are missing.
    """
    kind = OwnerKind(seal.owner_kind)
    official = OFFICIAL[kind]
    label, second = seal.label, seal.second_name or ""
    if seal.type == NAME:
        if not 2 <= len(label) <= 12:
            raise ValueError("a name seal needs the name of the person, as its label")
        if second:
            raise ValueError("a name seal has no ring for a second name")
        return SealFace(label, "", NAME_MM, specimen, shape=Shape.SQUARE)
    label = _USES.get(seal.type, label)
    if seal.type == INVOICE:
        width, height = INVOICE_MM
        return SealFace(
            seal.owner_name,
            label,
            width,
            specimen,
            shape=Shape.OVAL,
            height_mm=height,
            number=seal.issuer_code,
            second_name=second,
        )
    if seal.type == LEGAL_NAME:
        if official.emblem:
            raise ValueError("this seal bears the national emblem: import it from its maker")
        return SealFace(seal.owner_name, "", official.diameter_mm, specimen, second_name=second)
    if seal.type in _USES:
        return SealFace(
            seal.owner_name, label, OTHER_ROUND_MM, specimen, star=False, second_name=second
        )
    if not label:
        raise ValueError("a seal for a special use says which")
    diameter = BUSINESS_MM if kind is not OwnerKind.ORGANISATION else official.diameter_mm
    return SealFace(seal.owner_name, label, diameter, specimen, second_name=second)
