"""The signed credential in a licence's code: ``CL1:`` text, verifiable without a connection.

Reading: text → container → COSE_Sign1 → claims. All of that is the claim of whoever made
the code; only `CodeCredential.verify` with a trusted key makes it worth anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sealkit.formats.code import container, cose
from sealkit.formats.code.claims import CodeClaims, parse_claims
from sealkit.formats.code.dictionaries import DICTIONARIES
from sealkit.signer import Signer
from sealkit.sm.sm2 import SM2PublicKey

__all__ = ["CodeClaims", "CodeCredential", "decode", "encode"]


@dataclass(frozen=True, slots=True)
class CodeCredential:
    """A credential as it stands in its text, unverified."""

    claims: CodeClaims
    message: cose.Sign1

    @property
    def kid(self) -> bytes:
        """8 bytes: the key to try first; several keys may share it."""
        return self.message.kid

    @property
    def signed(self) -> bytes:
        """What was signed: the Sig_structure over the original bytes."""
        return self.message.signed

    @property
    def signature(self) -> bytes:
        """r‖s, 64 bytes."""
        return self.message.signature

    def verify(self, public_key: SM2PublicKey) -> None:
        """Check the signature.

        Raises:
            InvalidSignatureError: if it does not hold.
        """
        self.message.verify(public_key)


def encode(claims: CodeClaims, signer: Signer) -> str:
    """Return the signed code of a licence.

    Raises:
        InvalidKeyError: if `signer` is not an SM2 key.
        MalformedError: if a date in `claims` is not one.
    """
    return container.wrap(cose.sign(claims.to_cbor(), signer))


def decode(text: str, dictionaries: Mapping[int, bytes] = DICTIONARIES) -> CodeCredential:
    """Read a code exactly as scanned.

    Raises:
        MalformedError: if it is not a code, whatever is wrong with it.
        UnsupportedError: if it is of another version or signed with another algorithm.
        UnknownDictionaryError: if it needs a dictionary that is not among `dictionaries`.
    """
    message = cose.parse(container.unwrap(text, dictionaries))
    return CodeCredential(parse_claims(message.payload), message)
