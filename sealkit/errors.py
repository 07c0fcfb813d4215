"""Errors of sealkit.

* SealkitError
  - MalformedError          foreign bytes are not what they claim to be
    - CheckCharacterError   a licence identifier whose check character is wrong
  - InvalidSignatureError   a signature does not verify
  - InvalidProofError       a Merkle proof does not lead to the root
  - InvalidKeyError         a key is outside the curve or its range
  - DecryptionError         a ciphertext that is for another key, or changed
  - UnsupportedError        well formed, but an algorithm or version we do not speak
    - UnknownDictionaryError  a code compressed with a dictionary we do not have
  - UnknownSlotError        a status list has no such entry
  - TokenTimeError          a token outside the time it is good for
"""


class SealkitError(Exception):
    """Any refusal by sealkit."""

    code = "sealkit"


class MalformedError(SealkitError):
    """Foreign bytes that cannot be read as the structure asked for."""

    code = "malformed"


class CheckCharacterError(MalformedError):
    """A licence identifier that is well formed but for its check character."""

    code = "identifier.check_character"


class InvalidSignatureError(SealkitError):
    """A signature that does not verify over these bytes with this key."""

    code = "signature.invalid"


class InvalidProofError(SealkitError):
    """A Merkle proof that does not lead from the leaf, or the old root, to the root."""

    code = "proof.invalid"


class InvalidKeyError(SealkitError):
    """A key that is off the curve, out of range, or does not match its other half."""

    code = "key.invalid"


class DecryptionError(SealkitError):
    """A ciphertext that does not open: made for another key, or changed."""

    code = "decryption"


class UnsupportedError(SealkitError):
    """A well-formed structure that names an algorithm or version we do not accept."""

    code = "unsupported"


class UnknownDictionaryError(UnsupportedError):
    """A code compressed with a preset dictionary that this verifier does not have (yet)."""

    code = "code.dictionary_unknown"


class UnknownSlotError(SealkitError):
    """An entry outside the status list."""

    code = "status_list.slot"


class TokenTimeError(SealkitError):
    """A token that is expired, or not yet good, at the time asked about."""

    code = "token.time"
