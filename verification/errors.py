"""Errors of verification: refusals to answer, never a judgement of a licence.

* VerificationError
  - SourceUnavailableError     an outside source gave no answer
  - TooLargeError              more bytes than the limit
  - UnknownItemError           no such item
  - UnknownCheckError          no such check, or not the caller's
  - OverAskingError            fields that the item does not list
  - PartiesError               other people than the item is about
  - ConsentError               neither consent nor statutory basis
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


class TooLargeError(VerificationError):
    """A document over the limit."""

    code = "verification.too_large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"the document is over {limit_bytes} bytes")


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
