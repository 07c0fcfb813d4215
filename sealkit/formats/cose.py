"""COSE_Sign1 with SM2 (RFC 9052), small: one signer, one algorithm.

The protected header is used exactly as received. `SM2` is a private-use algorithm number,
since none is registered; the signature is r‖s, 64 bytes, under the default signer ID.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

import cbor2

from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import MalformedError, UnsupportedError
from sealkit.signer import Signer
from sealkit.sm.sm2 import KID_BYTES, SM2PublicKey

SM2: Final = -65537
SIGN1_TAG: Final = 18

ALG: Final = 1
CRIT: Final = 2
KID: Final = 4
TYP: Final = 16

MAX_DEPTH: Final = 8
_SIGNATURE_BYTES: Final = 64


@dataclass(frozen=True, slots=True)
class Sign1:
    """A COSE_Sign1 as it stands, unverified."""

    protected: bytes = field(repr=False)
    header: Mapping[Any, Any]
    payload: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def kid(self) -> bytes:
        """First 8 bytes of SM3 over the signer's SubjectPublicKeyInfo; a routing hint."""
        kid: bytes = self.header[KID]
        return kid

    def verify(self, key: SM2PublicKey) -> None:
        """Check the signature.

        Raises:
            InvalidSignatureError: if it does not hold.
        """
        key.verify(self.signature, to_be_signed(self.protected, self.payload))


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Return the Sig_structure (RFC 9052, 4.4) with empty external data."""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def sign(payload: bytes, signer: Signer, *, typ: str | None = None) -> bytes:
    """Return the tagged COSE_Sign1 over `payload`."""
    kid = parse_certificate(signer.certificate_der).sm2_key.kid
    header: dict[int, Any] = {ALG: SM2, KID: kid} | ({TYP: typ} if typ else {})
    protected = cbor2.dumps(header, canonical=True)
    signature = signer.sign(to_be_signed(protected, payload))
    return cbor2.dumps(cbor2.CBORTag(SIGN1_TAG, [protected, {}, payload, signature]))


def parse(message: bytes) -> Sign1:
    """Read a tagged COSE_Sign1 signed with SM2.

    Raises:
        MalformedError: if it is none, or its header is not strictly encoded.
        UnsupportedError: for another algorithm, or a critical label we do not know.
    """
    tagged = load(message)
    if not isinstance(tagged, cbor2.CBORTag) or tagged.tag != SIGN1_TAG:
        raise MalformedError("not a COSE_Sign1")
    members = tagged.value
    if not isinstance(members, list | tuple) or len(members) != 4:
        raise MalformedError("COSE_Sign1 has four members")
    protected, unprotected, payload, signature = members
    if not (
        isinstance(protected, bytes)
        and isinstance(unprotected, Mapping)
        and isinstance(payload, bytes)
        and isinstance(signature, bytes)
        and len(signature) == _SIGNATURE_BYTES
    ):
        raise MalformedError("COSE_Sign1 has a member of the wrong type")
    return Sign1(protected, _header(protected), payload, signature)


def load(encoded: bytes) -> Any:
    """Return the one CBOR value of `encoded`.

    Raises:
        MalformedError: if it is not CBOR, repeats a map key, nests over 8 deep, or is
            followed by other bytes.
    """
    stream = BytesIO(encoded)
    try:
        value = cbor2.load(stream, max_depth=MAX_DEPTH, allow_duplicate_keys=False)
    except (cbor2.CBORError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise MalformedError("not CBOR") from error
    if stream.tell() != len(encoded):
        raise MalformedError("bytes after the CBOR value")
    return value


def _header(protected: bytes) -> Mapping[Any, Any]:
    header = load(protected)
    # Strict: only what a canonical encoder writes, so that no two readers differ.
    if not isinstance(header, Mapping) or cbor2.dumps(header, canonical=True) != protected:
        raise MalformedError("COSE protected header is not canonical CBOR")
    if CRIT in header:
        raise UnsupportedError("COSE header names critical labels")
    if header.get(ALG) != SM2:
        raise UnsupportedError("COSE algorithm is not SM2")
    kid = header.get(KID)
    if not isinstance(kid, bytes) or len(kid) != KID_BYTES:
        raise MalformedError("COSE kid has 8 bytes")
    return header
