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
ENCRYPTION_USAGE: Final = ("key_encipherment", "data_encipherment", "key_agreement")
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
    names_hosts: bool = False
    """Whether it names hosts or addresses (subjectAltName): then it must, else it must not."""
    constrains_names: bool = False
    """Whether it says which names may be certified below: then it must, else it must not."""
    approvals: int = 2
    """How many persons approve a request beside who submits it: two for what can issue or seal."""
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
                "trust_bundle",
                SIGNING_USAGE,
                5 * _YEAR,
                extended_key_usage=(oids.EKU_TRUST_BUNDLE,),
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
                "gateway_tls",
                ("digital_signature",),
                _YEAR,
                extended_key_usage=(
                    oids.EKU_SERVER_AUTHENTICATION,
                    oids.EKU_CLIENT_AUTHENTICATION,
                ),
                names_hosts=True,
                approvals=1,
            ),
            Profile(
                "department_client",
                ("digital_signature",),
                2 * _YEAR,
                extended_key_usage=(oids.EKU_CLIENT_AUTHENTICATION,),
                approvals=1,
            ),
            # The pair of one holder: the sheet has the same name, two keys, one validity.
            Profile("dual_signing", SIGNING_USAGE, 5 * _YEAR, approvals=1),
            Profile("dual_encryption", ENCRYPTION_USAGE, 5 * _YEAR, approvals=1),
            Profile(
                "cross_ca",
                CA_USAGE,
                10 * _YEAR,
                is_ca=True,
                path_length=0,
                constrains_names=True,
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
