"""Errors of the certificate authority.

* CAError
  - LintError                a certificate that breaks its profile; nothing was signed
  - UsedTokenError           a prepared certificate that was already issued
  - UnknownKeyError          the keystore has no such key
  - DevelopmentKeyError      a development key in production
  - KeyMismatchError         key and certificate do not belong together
  - FaultySignatureError     a signature that does not verify with its own key
  - UnsoundClockError        the clock is in doubt; no timestamp is given
"""


class CAError(Exception):
    """Any refusal by the certificate authority."""

    code = "ca"


class LintError(CAError):
    """A certificate that breaks a rule of its profile."""

    code = "ca.lint"

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__(f"certificate refused: {', '.join(codes)}")
        self.codes = codes


class UsedTokenError(CAError):
    """A prepared certificate may be issued once."""

    code = "ca.token.used"


class UnknownKeyError(CAError):
    """The keystore has no key of this name."""

    code = "ca.key.unknown"


class DevelopmentKeyError(CAError):
    """A key marked DEV where production keys belong."""

    code = "ca.key.development"


class KeyMismatchError(CAError):
    """A private key and a certificate that do not belong together."""

    code = "ca.key.mismatch"


class FaultySignatureError(CAError):
    """A fresh signature that does not verify; it never leaves the keystore."""

    code = "ca.signature.faulty"


class UnsoundClockError(CAError):
    """The clock is in doubt."""

    code = "ca.clock"
