"""COSE_Sign1 (RFC 9052) signed with SM2, and nothing else of COSE.

* Tag 18, four members; algorithm and kid in the protected header.
* What is signed is ``["Signature1", protected, h'', payload]`` with the protected bytes as
  they came. SM2 then signs SM3(Z‖that), so the key is needed before hashing.
* The algorithm number is of private use: no registration of SM2 was found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from sealkit import cbor
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import InvalidKeyError, MalformedError, UnsupportedError
from sealkit.signer import SM2_SM3, Signer
from sealkit.sm.signature import RAW_BYTES
from sealkit.sm.sm2 import KID_BYTES, SM2PublicKey

ALG_SM2_SM3: Final = -65537  # private use: less than -65536
TAG: Final = 0xD2  # CBOR tag 18 in its shortest form
MAX_BYTES: Final = 2 * 1024 * 1024  # a status list of a million entries fits

LABEL_ALG: Final = 1
LABEL_CRIT: Final = 2
LABEL_KID: Final = 4
LABEL_TYP: Final = 16  # RFC 9596
_UNDERSTOOD: Final = frozenset({LABEL_ALG, 3, LABEL_KID, LABEL_TYP})

_EMPTY_EXTERNAL: Final = b"\x40"
_STRUCTURE_HEAD: Final = b"\x84" + cbor.encode("Signature1")


@dataclass(frozen=True)
class Sign1:
    """A signed message as it stands in its bytes, unverified."""

    kid: bytes
    """8 bytes: which key to try first, not who signed."""
    typ: str | None
    """The protected header's type (RFC 9596)."""
    payload: bytes
    signature: bytes = field(repr=False)
    """r‖s, 64 bytes."""
    signed: bytes = field(repr=False)
    """The Sig_structure over the original bytes."""

    def verify(self, key: SM2PublicKey) -> None:
        """Check the signature.

        Raises:
            InvalidSignatureError: if it does not hold.
        """
        key.verify(self.signature, self.signed)


def sign(payload: bytes, signer: Signer, *, typ: str | None = None) -> bytes:
    """Return a tagged COSE_Sign1 over `payload`.

    Raises:
        InvalidKeyError: if `signer` is not an SM2 key.
    """
    header: dict[int, Any] = {LABEL_ALG: ALG_SM2_SM3, LABEL_KID: key_of(signer).kid}
    if typ is not None:
        header[LABEL_TYP] = typ
    protected = cbor.encode(header)
    signature = signer.sign(_structure(protected, payload))
    return bytes((TAG,)) + cbor.encode([protected, {}, payload, signature])


def parse(document: bytes) -> Sign1:
    """Read a COSE_Sign1.

    Raises:
        MalformedError: if it is not one, or its payload is detached.
        UnsupportedError: if it names another algorithm, or a critical header we do not know.
    """
    if len(document) > MAX_BYTES or document[:1] != bytes((TAG,)):
        raise MalformedError("not a COSE_Sign1")
    members = cbor.decode(document[1:])
    if not isinstance(members, list) or len(members) != 4:
        raise MalformedError("a COSE_Sign1 has four members")
    protected, unprotected, payload, signature = members
    if not isinstance(protected, bytes) or not isinstance(unprotected, dict):
        raise MalformedError("a header of the COSE_Sign1 has the wrong type")
    if not isinstance(payload, bytes) or not isinstance(signature, bytes):
        raise MalformedError("payload and signature of a COSE_Sign1 are byte strings")
    header = _read_protected(protected)
    if header.keys() & unprotected.keys():
        raise MalformedError("a label stands in both headers")
    if header[LABEL_ALG] != ALG_SM2_SM3:
        raise UnsupportedError("the COSE_Sign1 is not signed with SM2")
    if len(signature) != RAW_BYTES:
        raise MalformedError("an SM2 signature has 64 bytes")
    return Sign1(
        kid=_kid(header),
        typ=_typ(header),
        payload=payload,
        signature=signature,
        signed=_structure(protected, payload),
    )


def key_of(signer: Signer) -> SM2PublicKey:
    """Return the public key in the certificate of `signer`.

    Raises:
        InvalidKeyError: if it does not sign with SM2.
    """
    if signer.algorithm != SM2_SM3:
        raise InvalidKeyError("this signature needs an SM2 key")
    return _key_in(signer.certificate_der)


@lru_cache(maxsize=256)
def _key_in(certificate_der: bytes) -> SM2PublicKey:
    return parse_certificate(certificate_der).sm2_key


def _structure(protected: bytes, payload: bytes) -> bytes:
    return _STRUCTURE_HEAD + cbor.encode(protected) + _EMPTY_EXTERNAL + cbor.encode(payload)


def _read_protected(protected: bytes) -> Mapping[Any, Any]:
    header = cbor.decode(protected, indefinite=False) if protected else {}
    if not isinstance(header, dict) or LABEL_ALG not in header:
        raise MalformedError("the protected header names no algorithm")
    if LABEL_CRIT in header:
        critical = header[LABEL_CRIT]
        if not isinstance(critical, list) or not critical:
            raise MalformedError("crit is not a list of labels")
        if any(label not in _UNDERSTOOD for label in critical if isinstance(label, int | str)):
            raise UnsupportedError("a critical header that we do not know")
        if not all(isinstance(label, int | str) and label in header for label in critical):
            raise MalformedError("crit lists what is not in the protected header")
    return header


def _kid(header: Mapping[Any, Any]) -> bytes:
    kid = header.get(LABEL_KID)
    if not isinstance(kid, bytes) or len(kid) != KID_BYTES:
        raise MalformedError("the protected header has no kid of 8 bytes")
    return kid


def _typ(header: Mapping[Any, Any]) -> str | None:
    typ = header.get(LABEL_TYP)
    if typ is not None and not isinstance(typ, str):
        raise MalformedError("typ is not a text")
    return typ
