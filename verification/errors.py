"""Errors of verification: refusals to answer, never a judgement of a licence.

* VerificationError
  - SourceUnavailableError     an outside source gave no answer
    - KindElsewhereError       a kind of licence that no register here has
    - OlderStatusError         a status list older than one seen before
    - OpeningErasedError       what tied the log's entry to the licence was destroyed
  - TooLargeError              more bytes than the limit
  - ReportFormError            nobody here draws reports in that form
  - UnknownItemError           no such item
  - UnknownCheckError          no such check, or not the caller's
  - OverAskingError            fields that the item does not list
  - PartiesError               other people than the item is about
  - ConsentError               neither consent nor statutory basis
  - ConsentRefusedError        a consent that does not allow this
    - UnknownConsentError      there is none of this code for this caller and holder
    - WithdrawnConsentError    the holder took it back
    - ExpiredConsentError      before or after its time
    - OtherConsentError        it was given for another item, field or case
    - SpentConsentError        no use is left
  - ConsentTermsError          a consent that nobody may give
  - TooManyConsentsError       more consents or codes at a time than one holder needs
  - HolderOnlyError            for the holder, proven to be who it is
  - ShownCodeError             a scanned code that does not count
    - UnknownShownCodeError    it never was one of ours
    - StaleShownCodeError      it is older than a code on a phone can be
    - UsedShownCodeError       it was scanned before
  - PresentationCodeError      a scanned code of a presentation that does not count
    - ForgedPresentationCodeError  no code of ours
    - OtherPresentationError   of another presentation than the phone shows now
    - UsedPresentationError    scanned before
    - ExpiredPresentationError older than a code on a phone can be, or its time is over
  - UnknownPresentationError   no such presentation or transaction of the caller
  - NotAgreedPresentationError the holder has not agreed
  - UnknownShownLicenceError   no such licence of this holder
  - UnknownPresentationFieldError  a field that the licence does not have
  - UseCodeError               a use code (用证码) that does not count
    - UnknownUseCodeError      none of this organisation and operator, or taken back
    - SpentUseCodeError        it was used
    - ExpiredUseCodeError      its time is over
  - OriginalNotSharedError     a sealed file without a statutory duty
  - UnknownRequestError        no such request for consent
  - DecidedRequestError        decided before, or too late
  - IdentityRequiredError      nobody has signed in
  - NotEntitledError           the caller may not ask for checks
  - ConflictingCheckError      one case number, two different questions
"""

from collections.abc import Iterable


class VerificationError(Exception):
    """Any refusal by verification."""

    code = "verification"


class SourceUnavailableError(VerificationError):
    """An outside source (status, log, register) that gave no answer."""

    code = "verification.source_unavailable"


class KindElsewhereError(SourceUnavailableError):
    """A kind of licence that no register here has; asking again will not help."""

    code = "verification.kind_elsewhere"


class LicenceElsewhereError(SourceUnavailableError):
    """A licence that another region's log or register knows, and none here."""

    code = "verification.licence_elsewhere"


class OlderStatusError(SourceUnavailableError):
    """A status list older than one that was seen before: somebody shows us the past."""

    code = "verification.source_unavailable.older_status"


class OpeningErasedError(SourceUnavailableError):
    """The log has the licence, and what ties its entry to it was destroyed on legal ground."""

    code = "verification.opening_erased"


class TooLargeError(VerificationError):
    """A document over the limit."""

    code = "verification.too_large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"the document is over {limit_bytes} bytes")


class ReportFormError(VerificationError):
    """A form of the report that this service does not draw."""

    code = "verification.report_form"

    def __init__(self) -> None:
        super().__init__("this service gives reports as JSON and signed tokens only")


class UnknownItemError(VerificationError):
    """An item (事项) that the catalogue does not hold."""

    code = "verification.unknown_item"

    def __init__(self, item: str) -> None:
        super().__init__(f"there is no item {item!r}")


class UnknownCheckError(VerificationError):
    """A check that does not exist, or belongs to another organisation."""

    code = "verification.unknown_check"

    def __init__(self) -> None:
        super().__init__("there is no such check")


class OverAskingError(VerificationError):
    """A question for fields that the item does not list.

    The roof records it in the audit chain in a transaction of its own: the request that
    raised it is rolled back.
    """

    code = "verification.over_asking"

    def __init__(self, item: str, fields: Iterable[str]) -> None:
        self.item = item
        self.fields = tuple(fields)
        super().__init__(f"item {item!r} does not list the fields {', '.join(self.fields)}")


class PartiesError(VerificationError):
    """A question about other people than those its item is about."""

    code = "verification.parties"

    def __init__(self, item: str, roles: Iterable[str]) -> None:
        self.detail = {"parties": sorted(roles)}
        super().__init__(f"item {item!r} takes exactly the parties {sorted(roles)}")


class ConsentError(VerificationError):
    """A check without the holder's consent (授权) and without a statutory basis."""

    code = "verification.consent_missing"

    def __init__(self) -> None:
        super().__init__("a check needs a consent reference or a statutory basis")


class IdentityRequiredError(VerificationError):
    """A request that needs a caller who has signed in."""

    code = "identity.required"


class NotEntitledError(VerificationError):
    """A caller without the role that checks need."""

    code = "verification.not_entitled"

    def __init__(self) -> None:
        super().__init__("only case officers and case systems may ask for a check")


class ConflictingCheckError(VerificationError):
    """A case number that already asked the item about other people, or for other fields."""

    code = "verification.conflicting_check"

    def __init__(self, case_number: str) -> None:
        super().__init__(f"case {case_number!r} already asked this item otherwise")


class ConsentRefusedError(VerificationError):
    """A consent (授权) that does not allow what is asked."""

    code = "verification.consent_refused"


class UnknownConsentError(ConsentRefusedError):
    """No consent of this code; the same answer for one of another holder or organisation."""

    code = "verification.consent_unknown"


class WithdrawnConsentError(ConsentRefusedError):
    """A consent that its holder took back."""

    code = "verification.consent_withdrawn"


class ExpiredConsentError(ConsentRefusedError):
    """A consent outside the time it was given for."""

    code = "verification.consent_expired"


class OtherConsentError(ConsentRefusedError):
    """A consent that was given for another item, other fields or another case."""

    code = "verification.consent_other_use"


class SpentConsentError(ConsentRefusedError):
    """A consent whose last use is spent."""

    code = "verification.consent_spent"


class ConsentTermsError(VerificationError):
    """Terms of a consent that nobody may give: unknown items or fields, too long a time."""

    code = "verification.consent_terms"


class TooManyConsentsError(VerificationError):
    """More consents or codes at one time than one holder has use for."""

    code = "verification.too_many_consents"


class HolderOnlyError(VerificationError):
    """What only a holder may do, who has been proven to be that holder."""

    code = "verification.holder_only"


class ShownCodeError(VerificationError):
    """A code shown at a counter that does not count."""

    code = "verification.shown_code"


class UnknownShownCodeError(ShownCodeError):
    """A code that no holder was given."""

    code = "verification.shown_code_unknown"


class StaleShownCodeError(ShownCodeError):
    """A code that a phone would have replaced: a screenshot, or shown too late."""

    code = "verification.shown_code_stale"


class UsedShownCodeError(ShownCodeError):
    """A code that was scanned before: each serves one counter once."""

    code = "verification.shown_code_used"


class PresentationCodeError(VerificationError):
    """A scanned code of a presentation (亮证) that does not count."""

    code = "presentation"


class ForgedPresentationCodeError(PresentationCodeError):
    """A text that no phone of ours has shown."""

    code = "presentation.forged"


class OtherPresentationError(PresentationCodeError):
    """A code of another presentation than the phone shows now."""

    code = "presentation.other_session"


class UsedPresentationError(PresentationCodeError):
    """A code of a presentation that was scanned before: each serves one transaction."""

    code = "presentation.already_used"


class ExpiredPresentationError(PresentationCodeError):
    """A code that the phone has replaced, such as a screenshot; or a transaction that is over."""

    code = "presentation.expired"


class UnknownPresentationError(VerificationError):
    """A presentation or transaction that is not there, or somebody else's."""

    code = "presentation.unknown"


class NotAgreedPresentationError(VerificationError):
    """A transaction that its holder has not agreed to."""

    code = "presentation.not_agreed"


class UnknownShownLicenceError(VerificationError):
    """A licence that is not there, or not the holder's own."""

    code = "presentation.licence_unknown"


class UnknownPresentationFieldError(VerificationError):
    """A field that the licence shown does not have; its detail names those it has."""

    code = "presentation.field_unknown"

    def __init__(self, unknown: Iterable[str], known: Iterable[str]) -> None:
        self.detail = {"unknown": sorted(unknown), "fields": list(known)}
        super().__init__("the licence shown does not have these fields")


class UseCodeError(VerificationError):
    """A use code (用证码) that does not count."""

    code = "sharing"


class UnknownUseCodeError(UseCodeError):
    """No such code of this organisation and operator; the same for one taken back."""

    code = "sharing.use_code_unknown"


class SpentUseCodeError(UseCodeError):
    """A use code that was used before."""

    code = "sharing.use_code_spent"


class ExpiredUseCodeError(UseCodeError):
    """A use code whose time is over."""

    code = "sharing.use_code_expired"


class OriginalNotSharedError(VerificationError):
    """A sealed file asked for without a statutory duty, or with a code for fields."""

    code = "sharing.original_not_shared"


class UnknownRequestError(VerificationError):
    """A request for consent that does not exist, or is for somebody else."""

    code = "verification.unknown_request"


class DecidedRequestError(VerificationError):
    """A request for consent that was decided before, or whose time has run out."""

    code = "verification.request_decided"
