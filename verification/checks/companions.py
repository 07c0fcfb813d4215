"""A code that is shown together with a file: is it the code of this very licence."""

from sealkit.errors import MalformedError, UnsupportedError
from sealkit.formats.code.container import unwrap
from sealkit.formats.code.credential import decode
from sealkit.record import LicenceRecord
from sealkit.sm import sm3
from verification.checks.code_signers import signer_of
from verification.checks.sources import Outcomes
from verification.report import Finding, Severity
from verification.trust import TrustStore


def check_companion(code: str, record: LicenceRecord, trust: TrustStore) -> Outcomes:
    """The code is genuine and was made from the file's record."""
    try:
        credential = decode(code)
    except UnsupportedError as error:
        yield Finding("code.version_unknown", Severity.UNKNOWN, {"reason": str(error)})
        return
    except MalformedError as error:
        yield Finding("code.malformed", Severity.ERROR, {"reason": str(error)})
        return
    signer = signer_of(credential, trust)
    if isinstance(signer, Finding):
        yield signer
    if not credential.claims.tells_of(record):
        evidence = {"identifier": record.identifier, "code": credential.claims.identifier}
        yield Finding("content.code_differs", Severity.ERROR, evidence)


def credential_digest(code: str | None) -> bytes | None:
    """Return what the log commits to: SM3 of the credential, however the code packs it."""
    if code is None:
        return None
    try:
        return sm3.digest(unwrap(code))
    except (MalformedError, UnsupportedError):
        return None
