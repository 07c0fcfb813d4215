"""What each key is for (密钥用途). A key signs for its purposes and for no other.

* The table goes by the name of a key, which begins like the profile it was certified under.
* A name alone decides nothing: the certificate must allow the purpose too, so that a key
  file put under another name gains nothing.
* A signer asked for without a purpose is for the first one of its key. Certificate authorities
  sign lists by default; whoever means to issue a certificate must say so.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ca.errors import PurposeError
from sealkit import oids
from sealkit.asn1.x509 import Certificate


class Purpose(StrEnum):
    """What is signed."""

    CERTIFICATE = "certificate"
    CRL = "crl"
    OCSP = "ocsp"
    TIMESTAMP = "timestamp"
    SEAL = "seal"
    """Making a seal (制章)."""
    SEAL_USE = "seal_use"
    """Sealing a document (用印)."""
    PDF = "pdf"
    CODE = "code"
    STATUS = "status"
    RECEIPT = "receipt"
    TOKEN = "token"
    LOG = "log"
    AUDIT = "audit"
    TRUST_BUNDLE = "trust_bundle"
    TRUST_ROOT = "trust_root"
    TRUST_TARGETS = "trust_targets"
    TRUST_ONLINE = "trust_online"


_AUTHORITY: Final = (Purpose.CRL, Purpose.CERTIFICATE)

PURPOSES: Final[Mapping[str, tuple[Purpose, ...]]] = MappingProxyType(
    {
        "root": _AUTHORITY,
        "sub_ca": _AUTHORITY,
        "ecdsa_root": _AUTHORITY,
        "ocsp": (Purpose.OCSP,),
        "timestamp": (Purpose.TIMESTAMP,),
        "timestamp_ecdsa": (Purpose.TIMESTAMP,),
        "seal_maker": (Purpose.SEAL,),
        "seal_signer": (Purpose.SEAL_USE,),
        "pdf_signer": (Purpose.PDF,),
        "pdf_signer_ecdsa": (Purpose.PDF,),
        "code_signer": (Purpose.CODE,),
        "status_signer": (Purpose.STATUS,),
        "receipt": (Purpose.RECEIPT,),
        "token": (Purpose.TOKEN,),
        "log": (Purpose.LOG,),
        "audit": (Purpose.AUDIT,),
        "trust_bundle": (Purpose.TRUST_BUNDLE,),
        "trust_root": (Purpose.TRUST_ROOT,),
        "trust_targets": (Purpose.TRUST_TARGETS,),
        "trust_online": (Purpose.TRUST_ONLINE,),
    }
)
"""Purposes by the beginning of a key's name, up to an underscore; the longest one counts."""

_EXTENDED_USAGE: Final = {
    Purpose.TIMESTAMP: oids.EKU_TIME_STAMPING,
    Purpose.OCSP: oids.EKU_OCSP_SIGNING,
    Purpose.TRUST_BUNDLE: oids.EKU_TRUST_BUNDLE,
}
_AUTHORITY_USAGE: Final = {Purpose.CERTIFICATE: "key_cert_sign", Purpose.CRL: "crl_sign"}


def purposes_of(name: str, certificate: Certificate) -> tuple[Purpose, ...]:
    """Return what the key `name` is for, as far as its certificate allows; its main one first."""
    begun = [known for known in PURPOSES if f"{name}_".startswith(f"{known}_")]
    named = PURPOSES[max(begun, key=len)] if begun else ()
    return tuple(purpose for purpose in named if _allows(certificate, purpose))


def chosen(name: str, certificate: Certificate, purpose: Purpose | None) -> Purpose:
    """Return `purpose`, or the key's main one when None is given.

    Raises:
        PurposeError: if the key is not for it, or for nothing at all.
    """
    allowed = purposes_of(name, certificate)
    if not allowed:
        raise PurposeError(f"key {name!r} is for no purpose that we know")
    if purpose is None:
        return allowed[0]
    if purpose not in allowed:
        raise PurposeError(f"key {name!r} is not for {purpose.value}")
    return purpose


def _allows(certificate: Certificate, purpose: Purpose) -> bool:
    if purpose in _AUTHORITY_USAGE:
        return certificate.is_ca and _AUTHORITY_USAGE[purpose] in certificate.key_usage
    wanted = _EXTENDED_USAGE.get(purpose)
    # A key certified for stamps or status answers alone signs nothing else.
    extended = frozenset() if wanted is None else frozenset({wanted})
    return (
        not certificate.is_ca
        and "digital_signature" in certificate.key_usage
        and certificate.extended_key_usage == extended
    )
