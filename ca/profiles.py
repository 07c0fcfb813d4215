"""Certificate profiles, frozen: what a key of each purpose may do and for how long.

GM/T 0015 and RFC 5280 as listed in `docs/standards.md`. End entities carry no
basicConstraints, since GmSSL refuses an empty one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from sealkit import oids

_YEAR: Final = timedelta(days=365, hours=6)
CA_USAGE: Final = ("key_cert_sign", "crl_sign")
SIGNING_USAGE: Final = ("digital_signature", "non_repudiation")


@dataclass(frozen=True, slots=True)
class Profile:
    """What certificates of one purpose look like."""

    purpose: str
    key_usage: tuple[str, ...]
    longest: timedelta
    is_ca: bool = False
    path_length: int | None = None
    extended_key_usage: tuple[str, ...] = ()
    extended_key_usage_critical: bool = False
    ocsp_no_check: bool = False
    algorithm: str = oids.SM2_WITH_SM3


def _signing(purpose: str, years: int = 5) -> Profile:
    return Profile(purpose, SIGNING_USAGE, years * _YEAR)


PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        profile.purpose: profile
        for profile in (
            Profile("root", CA_USAGE, 30 * _YEAR, is_ca=True),
            Profile("sub_ca", CA_USAGE, 20 * _YEAR, is_ca=True, path_length=0),
            _signing("seal_maker"),
            _signing("seal_signer"),
            _signing("pdf_signer"),
            _signing("code_signer"),
            _signing("status_signer"),
            _signing("receipt"),
            _signing("audit", years=10),
            _signing("log", years=10),
            _signing("token"),
            _signing("trust_list", years=10),
            Profile(
                "timestamp",
                SIGNING_USAGE,
                10 * _YEAR,
                extended_key_usage=(oids.EKU_TIME_STAMPING,),
                extended_key_usage_critical=True,
            ),
            Profile(
                "ocsp",
                ("digital_signature",),
                _YEAR,  # short, since nobody asks whether it is revoked
                extended_key_usage=(oids.EKU_OCSP_SIGNING,),
                ocsp_no_check=True,
            ),
            Profile(
                "ecdsa_root",
                CA_USAGE,
                30 * _YEAR,
                is_ca=True,
                algorithm=oids.ECDSA_WITH_SHA256,
            ),
            Profile(
                "timestamp_ecdsa",
                SIGNING_USAGE,
                10 * _YEAR,
                extended_key_usage=(oids.EKU_TIME_STAMPING,),
                extended_key_usage_critical=True,
                algorithm=oids.ECDSA_WITH_SHA256,
            ),
            Profile("pdf_signer_ecdsa", SIGNING_USAGE, 5 * _YEAR, algorithm=oids.ECDSA_WITH_SHA256),
        )
    }
)
