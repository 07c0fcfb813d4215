"""Errors of issuance.

* IssuanceError
  - KindFileError               a kind file with a mistake; stops the start
  - CalendarFileError           a calendar file with a mistake
  - UnknownKindError            no such kind
  - InvalidDataError            application data that break rules of their kind, all listed
  - InvalidObjectionError       a claim or decision that cannot be examined, all listed
  - IdentityRequiredError       nobody has signed in
  - NotEntitledError            the caller's role or department does not allow it
  - SeparationOfDutiesError     the same person may not do both steps
  - TransitionError             the state does not allow this step
  - IdempotencyConflictError    a key used again for something else
  - NumberTakenError            another licence in force has this number
  - UnknownApplicationError, UnknownLicenceError, UnknownObjectionError, UnknownSealError,
    UnknownFileError, UnknownStatusListError, UnknownStatusDeltaError, UnknownStatusDayError
  - UnknownEndingError          the department has no such proposal to end a licence
  - UnknownErasureError         the department has no such proposal to erase an opening
  - OpeningErasedError          the opening of this log entry was erased for good
  - UnknownBatchError           the department has no such batch
  - BatchFileErasedError        the file of the batch is kept no more
  - TooManyBatchesError         as many are under way as may be
  - UnknownSuspensionError      the department has no such proposal to suspend licences
  - AttachmentError             a paper that is not taken
  - TooManyCopiesError          as many copies of a licence were made today as may be
  - UnknownDepartmentError      this region has no such department
  - SealNotUsableError          the issuer has no seal that may be used for this, now
    + SealApprovalNeededError   a person has to approve this use first; the request is kept
  - UnknownPolicyError          the seal has no such version of its policy
  - InvalidSealError            an application, policy or imported file that cannot be a seal's
  - RefusedByVerifierError      our own verifier does not call the fresh licence valid
    + VerifierCannotSayError    nothing speaks against it; something to judge it by was missing
"""

from collections.abc import Sequence
from dataclasses import dataclass

from issuance.sentences import sentence


class IssuanceError(Exception):
    """Any refusal by issuance."""

    code = "issuance"


@dataclass(frozen=True, slots=True)
class DataProblem:
    """One thing wrong with application data; it never quotes the value."""

    field: str
    """Name of the field, or ``holders[0].code`` and the like."""
    code: str
    zh: str
    en: str


class KindFileError(IssuanceError):
    """A kind file that cannot be used: where, what, and how to mend it."""

    code = "issuance.kind.file"

    def __init__(self, file: str, line: int | None, key: str, remedy: str) -> None:
        place = f"{file}:{line}" if line else file
        super().__init__(f"{place}: {key}: {remedy}")
        self.file = file
        self.line = line
        self.key = key
        self.remedy = remedy


class CalendarFileError(IssuanceError):
    """A calendar of working days that cannot be used."""

    code = "issuance.calendar.file"


class UnknownKindError(IssuanceError):
    """A kind of licence that is not configured here."""

    code = "issuance.kind.unknown"

    def __init__(self) -> None:
        super().__init__("there is no such kind of licence")


class InvalidDataError(IssuanceError):
    """Application data that break rules of their kind."""

    code = "issuance.data.invalid"

    def __init__(self, problems: Sequence[DataProblem]) -> None:
        super().__init__(f"{len(problems)} problems in the data")
        self.problems = tuple(problems)


class InvalidObjectionError(IssuanceError):
    """A claim that nobody could examine, or a decision without reasons."""

    code = "issuance.objection.invalid"

    def __init__(self, problems: Sequence[DataProblem]) -> None:
        super().__init__(f"{len(problems)} problems in the objection")
        self.problems = tuple(problems)


class IdentityRequiredError(IssuanceError):
    """Nobody has signed in."""

    code = "issuance.identity.required"

    def __init__(self) -> None:
        super().__init__("sign in first")


class NotEntitledError(IssuanceError):
    """A step that the caller's role or department does not allow."""

    code = "issuance.not_entitled"

    def __init__(self, step: str) -> None:
        super().__init__(f"not entitled to {step}")


class SeparationOfDutiesError(IssuanceError):
    """Two steps that must be done by different people."""

    code = "issuance.separation_of_duties"

    def __init__(self, step: str, earlier: str) -> None:
        super().__init__(f"who did {earlier} may not {step}")


class TransitionError(IssuanceError):
    """A step that the present state does not allow."""

    code = "issuance.transition"

    def __init__(self, subject: str, state: str, step: str) -> None:
        super().__init__(f"{subject} is {state}: cannot {step}")
        self.state = state
        self.step = step
        self.detail = {"state": state, "step": step}


class IdempotencyConflictError(IssuanceError):
    """An idempotency key that was used for another request."""

    code = "issuance.idempotency"

    def __init__(self) -> None:
        super().__init__("this idempotency key belongs to another request")


class NumberTakenError(IssuanceError):
    """A licence number that another licence in force of this issuer and kind has."""

    code = "issuance.number.taken"

    def __init__(self) -> None:
        super().__init__("another licence in force has this number")


class UnknownApplicationError(IssuanceError):
    """An application that does not exist, or is another department's."""

    code = "issuance.application.unknown"

    def __init__(self) -> None:
        super().__init__("there is no such application")


class UnknownLicenceError(IssuanceError):
    """A licence that does not exist, or is another department's."""

    code = "issuance.licence.unknown"

    def __init__(self) -> None:
        super().__init__("there is no such licence")


class UnknownObjectionError(IssuanceError):
    """An objection that does not exist, or is none of the caller's business."""

    code = "issuance.objection.unknown"

    def __init__(self) -> None:
        super().__init__("there is no such objection")


class UnknownSealError(IssuanceError):
    """A seal that does not exist, or is another department's."""

    code = "issuance.seal.unknown"

    def __init__(self) -> None:
        super().__init__("there is no such seal")


class UnknownFileError(IssuanceError):
    """A form in which this licence has no file."""

    code = "issuance.file.unknown"

    def __init__(self) -> None:
        super().__init__("the licence has no such file")


class UnknownStatusListError(IssuanceError):
    """A status list that does not exist."""

    code = "issuance.status_list.unknown"

    def __init__(self) -> None:
        super().__init__("there is no such status list")


class UnknownStatusDeltaError(IssuanceError):
    """A version of a status list from which no delta leads to the present one."""

    code = "issuance.status_list.delta_unknown"

    def __init__(self) -> None:
        super().__init__("there is no delta from that version: fetch the whole list")


class UnknownStatusDayError(IssuanceError):
    """A day of which a status list was not frozen: not over yet, or not kept."""

    code = "issuance.status_list.day_unknown"

    def __init__(self) -> None:
        super().__init__("there is no frozen status list of that day")


class UnknownDepartmentError(IssuanceError):
    """A department that issues nothing in this region."""

    code = "issuance.department.unknown"

    def __init__(self) -> None:
        super().__init__("this department issues nothing here")


class SealNotUsableError(IssuanceError):
    """No seal of the issuer may be used for this licence now; the plan stays."""

    code = "issuance.seal.not_usable"

    def __init__(self, refusal: str, **evidence: str) -> None:
        """Take the reason as the code of its sentence, with what the sentence names."""
        zh, en = sentence(refusal, evidence, evidence)
        super().__init__(f"no usable seal: {en}")
        self.refusal = refusal
        self.detail = {"refusal": refusal, "reason": en, "reason_zh": zh, **evidence}


class SealApprovalNeededError(SealNotUsableError):
    """A person has to approve this use of the seal first; the request for it is kept."""

    code = "issuance.seal.approval_needed"


class UnknownPolicyError(IssuanceError):
    """A version of a policy that the seal does not have."""

    code = "issuance.seal.policy_unknown"

    def __init__(self) -> None:
        super().__init__("the seal has no such version of its policy")


class InvalidSealError(IssuanceError):
    """What was sent about a seal breaks a rule, or is no seal."""

    code = "issuance.seal.invalid"

    def __init__(self, problems: Sequence[DataProblem]) -> None:
        super().__init__("; ".join(problem.en for problem in problems) or "not a seal")
        self.problems = tuple(problems)


class RefusedByVerifierError(IssuanceError):
    """A freshly made file that our own verifier does not call valid; nothing was published."""

    code = "issuance.verifier.refused"

    def __init__(self, form: str, findings: Sequence[str]) -> None:
        super().__init__(f"the {form} does not verify: {', '.join(findings)}")
        self.detail = {"form": form, "findings": ", ".join(findings)}


class VerifierCannotSayError(RefusedByVerifierError):
    """A freshly made file that could not be judged now; made again later, it may be sound."""

    code = "issuance.verifier.cannot_say"


class UnknownBatchError(IssuanceError):
    """The caller's department has no such batch."""

    code = "issuance.batch.unknown"


class BatchFileErasedError(IssuanceError):
    """The file that was sent for a batch is kept no more; what became of its lines is."""

    code = "issuance.batch.file_erased"


class TooManyBatchesError(IssuanceError):
    """As many batches of the department are under way as may be."""

    code = "issuance.batch.too_many"

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} batches are under way")
        self.limit = limit


class UnknownSuspensionError(IssuanceError):
    """The caller's department has no such proposal to suspend licences."""

    code = "issuance.suspension.unknown"


class AttachmentError(IssuanceError):
    """A paper that is not taken: its type, its size, or one too many."""

    code = "issuance.attachment"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.code = f"issuance.attachment.{reason}"


class TooManyCopiesError(IssuanceError):
    """As many copies of a licence were made within a day as may be."""

    code = "issuance.copy.too_many"

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} copies within a day")
        self.limit = limit


class UnknownEndingError(IssuanceError):
    """The caller's department has no such proposal to end a licence."""

    code = "issuance.ending.unknown"


class UnknownErasureError(IssuanceError):
    """The caller's department has no such proposal to erase the opening of a log entry."""

    code = "issuance.erasure.unknown"


class OpeningErasedError(IssuanceError):
    """The opening of this edition's log entry was erased; nobody here can make it again."""

    code = "issuance.opening.erased"
