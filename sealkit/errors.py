"""Errors of sealkit.

* SealkitError
  - MalformedError          foreign bytes are not what they claim to be
  - InvalidSignatureError   a signature does not verify
  - InvalidKeyError         a key is outside the curve or its range
  - UnsupportedError        well formed, but an algorithm or version we do not speak
"""


class SealkitError(Exception):
    """Any refusal by sealkit."""

    code = "sealkit"


class MalformedError(SealkitError):
    """Foreign bytes that cannot be read as the structure asked for."""

    code = "malformed"


class InvalidSignatureError(SealkitError):
    """A signature that does not verify over these bytes with this key."""

    code = "signature.invalid"


class InvalidKeyError(SealkitError):
    """A key that is off the curve, out of range, or does not match its other half."""

    code = "key.invalid"


class UnsupportedError(SealkitError):
    """A well-formed structure that names an algorithm or version we do not accept."""

    code = "unsupported"
