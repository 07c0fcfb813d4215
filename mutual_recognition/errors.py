"""Errors of mutual recognition.

* MutualRecognitionError
  - TrustListError           a region's trust list is forged, old, mixed or unreadable
  - TrustListUnreachable     the region's mirror gave no answer
  - TrustListUnknownFileError  our own trust list has no such file
  - AgreementError           an agreement file with a mistake
"""


class MutualRecognitionError(Exception):
    """Any refusal by mutual recognition."""

    code = "recognition"


class TrustListError(MutualRecognitionError):
    """A trust list that does not hold: forged, expired, rolled back or mixed."""

    code = "recognition.trust_list.refused"


class TrustListUnreachableError(MutualRecognitionError):
    """A region's mirror that gave no answer."""

    code = "recognition.trust_list.unreachable"


class TrustListUnknownFileError(MutualRecognitionError):
    """A path that our own trust list does not have."""

    code = "recognition.trust_list.unknown_file"


class AgreementError(MutualRecognitionError):
    """An agreement file that cannot be used; the message names file and member."""

    code = "recognition.agreement"
