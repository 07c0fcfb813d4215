"""Errors of the certificate authority.

* CAError
  - LintError                a certificate that breaks its profile; nothing was signed
  - UnknownProfileError      no profile for that purpose
  - UsedTokenError           a prepared certificate that was already issued
  - UnknownKeyError          the keystore has no such key
    - OfflineKeyError        a key that is used at ceremonies only
  - DevelopmentKeyError      a development key in production
  - KeyMismatchError         key and certificate do not belong together
  - FaultySignatureError     a signature that does not verify with its own key
  - PurposeError             a key asked to sign what it is not for
  - KeystoreError            a keystore that cannot be opened or used
    - WrongSecretError       a wrong passphrase
    - ShareError             a share that is wrong, or too few of them
    - SealBrokenError        a sealed keystore that was changed
    - SpentSecretError       a secret that was wiped already
    - DeviceError            a cryptographic device that fails
  - SignerUnavailableError   the signer process does not answer in time
  - SignerRefusedError       the signer process will not do this
    - SignerBusyError        more signatures asked for than the signer allows
    - RequestReusedError     one request number, two requests
  - UseLogError              the signer's log of uses does not hold
  - UnsoundClockError        the clock is in doubt; no timestamp is given
  - UnknownCertificateError  the authority has issued no such certificate
  - SerialInUseError         one serial number, two certificates
  - UnknownListError         no revocation list of that name
  - PartitionsChangedError   the number of an authority's list partitions was changed
  - OldListError             a list brought in that does not go on from the one known
  - RevocationDateError      a key said to be lost after its certificate was revoked
  - EnrolmentError           a request for a certificate that goes no further
    - UnknownEnrolmentError      no such request, or not the caller's
    - EnrolmentTransitionError   a step that its state does not allow
    - SeparationOfDutiesError    the same person may not do both
    - ProofOfPossessionError     whoever asks has not shown to have the key
    - PredecessorError           an earlier certificate that cannot be followed by another
    - KeyInUseError              a key that was certified before, or is asked for twice
    - IdempotencyConflictError   an idempotency key used for another request
    - InvalidSubmissionError     a request that does not say what its profile needs
  - CeremonyError            a key ceremony that goes no further
    - CeremonyPlanError          a plan that does not say what its kind needs
    - CeremonyAbortedError       somebody does not agree
    - CeremonyMaterialError      something brought along is not what it should be
    - ConnectedRoomError         the machine of a ceremony is connected to a network
  - IdentityRequiredError    nobody has signed in, and somebody must
  - NotEntitledError         the caller's role does not allow this
  - UnknownLeafError         the log has no such leaf, tile or tree
  - LeafTooLongError         a log entry over its limit
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


class CAError(Exception):
    """Any refusal by the certificate authority."""

    code = "ca"


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule of `ca.lint` that a certificate would break."""

    code: str

    @property
    def zh(self) -> str:
        """What it means, in Chinese."""
        return _rules()[self.code]["zh"]

    @property
    def en(self) -> str:
        """What it means, in English."""
        return _rules()[self.code]["en"]


@cache
def _rules() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("ca").joinpath("lint", "messages.toml").read_text("utf-8"))


class LintError(CAError):
    """A certificate that breaks a rule of its profile."""

    code = "ca.lint"

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__(f"certificate refused: {', '.join(codes)}")
        self.codes = codes
        self.problems = tuple(BrokenRule(code) for code in codes)


class UnknownProfileError(CAError):
    """There is no profile for this purpose."""

    code = "ca.profile.unknown"

    def __init__(self, purpose: str) -> None:
        super().__init__(f"there is no certificate profile {purpose!r}")


class UsedTokenError(CAError):
    """A prepared certificate may be issued once."""

    code = "ca.token.used"


class UnknownKeyError(CAError):
    """The keystore has no key of this name."""

    code = "ca.key.unknown"


class OfflineKeyError(UnknownKeyError):
    """A key that lies offline and is used at ceremonies only."""

    code = "ca.key.offline"


class DevelopmentKeyError(CAError):
    """A key marked DEV where production keys belong."""

    code = "ca.key.development"


class KeyMismatchError(CAError):
    """A private key and a certificate that do not belong together."""

    code = "ca.key.mismatch"


class FaultySignatureError(CAError):
    """A fresh signature that does not verify; it never leaves the keystore."""

    code = "ca.signature.faulty"


class PurposeError(CAError):
    """A key asked to sign what it is not for."""

    code = "ca.key.purpose"


class KeystoreError(CAError):
    """A keystore that cannot be opened or used."""

    code = "ca.keystore"


class WrongSecretError(KeystoreError):
    """A passphrase that does not open the keystore."""

    code = "ca.keystore.wrong_secret"


class ShareError(KeystoreError):
    """A share that is wrong, of another set or given twice, or too few shares."""

    code = "ca.keystore.share"


class SealBrokenError(KeystoreError):
    """A sealed keystore that was changed since it was sealed, or is none."""

    code = "ca.keystore.seal_broken"


class SpentSecretError(KeystoreError):
    """A secret or keystore that was wiped or closed already."""

    code = "ca.keystore.spent"


class DeviceError(KeystoreError):
    """A cryptographic device that fails, or cannot do what is asked of it."""

    code = "ca.keystore.device"


class SignerUnavailableError(CAError):
    """The signer process cannot be reached, or does not answer in time."""

    code = "ca.signer.unavailable"


class SignerRefusedError(CAError):
    """The signer process will not do what it was asked."""

    code = "ca.signer.refused"


class SignerBusyError(SignerRefusedError):
    """More signatures were asked for than the signer allows."""

    code = "ca.signer.busy"


class RequestReusedError(SignerRefusedError):
    """A request number that was used for another request."""

    code = "ca.signer.request_reused"


class UseLogError(CAError):
    """The signer's log of uses does not hold, or cannot be written."""

    code = "ca.signer.log"


class UnsoundClockError(CAError):
    """The clock is in doubt."""

    code = "ca.clock"


class UnknownCertificateError(CAError):
    """No certificate of that serial number in the register."""

    code = "ca.certificate.unknown"

    def __init__(self, authority: str, serial: int) -> None:
        super().__init__(f"{authority} has issued no certificate {serial:x}")


class SerialInUseError(CAError):
    """A serial number that the register has with another certificate."""

    code = "ca.certificate.serial_in_use"

    def __init__(self, authority: str, serial: int) -> None:
        super().__init__(f"{authority} has issued another certificate {serial:x}")


class UnknownListError(CAError):
    """No revocation list was published under that name."""

    code = "ca.crl.unknown"


class PartitionsChangedError(CAError):
    """Certificates name the partition they are in, so the number can never change."""

    code = "ca.crl.partitions_changed"


class OldListError(CAError):
    """A list that does not go on from the one that is known."""

    code = "ca.crl.old"


class RevocationDateError(CAError):
    """An invalidity date that lies after the revocation."""

    code = "ca.revocation.date"


class EnrolmentError(CAError):
    """A request for a certificate that goes no further."""

    code = "ca.enrolment"


class UnknownEnrolmentError(EnrolmentError):
    """No such enrolment, or one of another department."""

    code = "ca.enrolment.unknown"


class EnrolmentTransitionError(EnrolmentError):
    """A step that the enrolment's present state does not allow."""

    code = "ca.enrolment.transition"

    def __init__(self, enrolment: str, state: str, step: str) -> None:
        super().__init__(f"enrolment {enrolment} is {state}: cannot {step}")


class SeparationOfDutiesError(EnrolmentError):
    """The same person may not do both steps, nor one of them twice."""

    code = "ca.enrolment.separation_of_duties"


class ProofOfPossessionError(EnrolmentError):
    """Whoever asks has not shown to have the key."""

    code = "ca.enrolment.possession"


class PredecessorError(EnrolmentError):
    """An earlier certificate that is unknown, ended, revoked, or of another key."""

    code = "ca.enrolment.predecessor"


class KeyInUseError(EnrolmentError):
    """A key that was certified before, or that an open request is about."""

    code = "ca.enrolment.key_in_use"


class IdempotencyConflictError(EnrolmentError):
    """An idempotency key that was used for another request."""

    code = "ca.enrolment.idempotency"


class InvalidSubmissionError(EnrolmentError):
    """A request that does not say what its profile needs, or says what it cannot."""

    code = "ca.enrolment.invalid"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class CeremonyError(CAError):
    """A key ceremony that goes no further; it leaves nothing."""

    code = "ca.ceremony"


class CeremonyPlanError(CeremonyError):
    """A plan that does not say what its kind needs, or says what has no place in it."""

    code = "ca.ceremony.plan"

    def __init__(self, member: str, reason: str) -> None:
        super().__init__(f"{member}: {reason}")
        self.member = member


class CeremonyAbortedError(CeremonyError):
    """A person in the room does not agree."""

    code = "ca.ceremony.aborted"


class CeremonyMaterialError(CeremonyError):
    """A keystore, list or request brought along that is not what it should be."""

    code = "ca.ceremony.material"


class ConnectedRoomError(CeremonyError):
    """The machine is connected to a network."""

    code = "ca.ceremony.connected"

    def __init__(self, interfaces: tuple[str, ...]) -> None:
        super().__init__(f"the machine is connected: {', '.join(interfaces)}")


class IdentityRequiredError(CAError):
    """The caller is anonymous."""

    code = "ca.identity.required"


class NotEntitledError(CAError):
    """The caller has not the role that this needs."""

    code = "ca.not_entitled"


class UnknownLeafError(CAError):
    """The log has no such leaf, tile or tree size."""

    code = "ca.log.unknown"


class LeafTooLongError(CAError):
    """A log entry that does not fit an entry bundle."""

    code = "ca.log.leaf_too_long"
