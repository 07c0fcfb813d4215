"""Certificates beside keys: which of them a keystore lets in."""

import re
from typing import Final

from ca.errors import DevelopmentKeyError, UnknownKeyError
from sealkit.asn1.x509 import Certificate

DEVELOPMENT_MARK: Final = "DEV"
_NAME: Final = re.compile(r"[a-z0-9_]{1,64}")


def require_name(name: str) -> str:
    """Return `name` if a key can be called so: small letters, digits and underscores.

    Raises:
        UnknownKeyError: if not.
    """
    if not _NAME.fullmatch(name):
        raise UnknownKeyError(f"no key {name[:64]!r}")
    return name


def admitted(name: str, certificate: Certificate, *, production: bool) -> Certificate:
    """Return the certificate of the key `name` unless it has no place here.

    Raises:
        DevelopmentKeyError: in production, if it is marked DEV.
    """
    if production and DEVELOPMENT_MARK in certificate.subject:
        raise DevelopmentKeyError(f"{name} is a development key")
    return certificate
