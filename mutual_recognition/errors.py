"""Errors of mutual recognition.

* MutualRecognitionError
  - TrustListError           a region's trust list is forged, old, mixed or unreadable
  - TrustListUnreachable     the region's mirror gave no answer
  - TrustListUnknownFileError  our own trust list has no such file
  - LogFaultError            a transparency log that does not hold
  - LogUnreachableError      a log that did not answer, or lacks a file
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


class LogFaultError(MutualRecognitionError):
    """A transparency log that does not hold."""

    code = "recognition.log.fault"

    def __init__(self, defect: str, detail: str) -> None:
        super().__init__(f"{defect}: {detail}")
        self.defect = defect
        """``checkpoint``, ``origin``, ``shrunk``, ``size``, ``history``, ``entries``,
        ``tile`` or ``root``."""


class LogUnreachableError(MutualRecognitionError):
    """A log that did not answer, or lacks a file it must have."""

    code = "recognition.log.unreachable"


class AgreementError(MutualRecognitionError):
    """An agreement file that cannot be used; the message names file and member."""

    code = "recognition.agreement"
