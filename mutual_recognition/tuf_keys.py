"""SM2 as a key type of The Update Framework.

python-tuf does the checking of roles, versions and expiry; here it learns to verify and make
SM2 signatures. The key value is the hexadecimal point; a signature is r‖s in hexadecimal.
"""

from typing import Any, Final

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import KEY_FOR_TYPE_AND_SCHEME, Key, Signature
from securesystemslib.signer import Signer as TUFSigner

from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import SealkitError
from sealkit.signer import Signer
from sealkit.sm.sm2 import SM2PublicKey

KEY_TYPE: Final = "sm2"
SCHEME: Final = "sm2-sm3"


class SM2Key(Key):
    """The public half of an SM2 key in TUF metadata."""

    @classmethod
    def from_point(cls, point: bytes) -> "SM2Key":
        """Return the key of a 65-byte point; its id is the key's kid in hexadecimal."""
        keyid = SM2PublicKey(point).kid.hex()
        return cls(keyid, KEY_TYPE, SCHEME, {"public": point.hex()})

    @classmethod
    def from_dict(cls, keyid: str, key_dict: dict[str, Any]) -> "SM2Key":
        """Read the key from metadata."""
        keytype, scheme, keyval = cls._from_dict(key_dict)
        return cls(keyid, keytype, scheme, keyval, key_dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the key as metadata carries it."""
        members: dict[str, Any] = self._to_dict()
        return members

    def verify_signature(self, signature: Signature, data: bytes) -> None:
        """Check `signature` over `data`.

        Raises:
            UnverifiedSignatureError: if it does not hold, whatever the cause.
        """
        try:
            key = SM2PublicKey(bytes.fromhex(self.keyval["public"]))
            key.verify(bytes.fromhex(signature.signature), data)
        except (SealkitError, ValueError, KeyError, TypeError) as error:
            raise UnverifiedSignatureError("SM2 signature does not verify") from error


class SM2Signer(TUFSigner):
    """A `sealkit.signer.Signer` as TUF wants it."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._key = SM2Key.from_point(parse_certificate(signer.certificate_der).sm2_key.point)

    @property
    def public_key(self) -> SM2Key:
        """The public half."""
        return self._key

    @classmethod
    def from_priv_key_uri(cls, *_arguments: object) -> "SM2Signer":
        """Refuse: keys come from a keystore, never from an address."""
        raise UnverifiedSignatureError("SM2 keys are used through a keystore only")

    def sign(self, payload: bytes) -> Signature:
        """Return the signature over `payload`."""
        return Signature(self._key.keyid, self._signer.sign(payload).hex())


KEY_FOR_TYPE_AND_SCHEME[(KEY_TYPE, SCHEME)] = SM2Key
