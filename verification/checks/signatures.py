"""The signature value, and what ties it to the document."""

from typing import Final

from asn1crypto import parser

from sealkit.asn1.ses import SealSignature
from sealkit.errors import InvalidSignatureError, SealkitError, UnsupportedError
from sealkit.formats.ofd.signatures import SIGN, AppliedSeal
from sealkit.sm import sm3
from verification.checks.sources import Outcomes
from verification.report import Finding, Severity

_RAW: Final = "signature.raw"  # deviation of sealkit.asn1.ses: 64 bytes in place of DER


def check_readable(seal: AppliedSeal) -> Outcomes:
    """The signature data are there and are one well-formed seal signature."""
    evidence = {"signature": seal.path}
    if seal.value_path is None:
        yield Finding("signature.file_missing", Severity.ERROR, evidence)
    elif seal.malformed is not None:
        evidence["reason"] = seal.malformed
        trailing = has_trailing_bytes(seal.value)
        code = "signature.trailing_bytes" if trailing else "signature.malformed"
        yield Finding(code, Severity.ERROR, evidence)
    if not seal.stamps and seal.type != SIGN:
        yield Finding("stamp.absent", Severity.WARNING, evidence)


def check_value(signature: SealSignature) -> Outcomes:
    """The signature value holds over the signed bytes as they came."""
    evidence = {"seal": signature.seal.info.seal_id}
    try:
        signature.verify_value()
    except InvalidSignatureError:
        yield Finding("signature.value_invalid", Severity.ERROR, evidence)
    except UnsupportedError as error:
        evidence["reason"] = str(error)
        yield Finding("signature.algorithm_unsupported", Severity.UNKNOWN, evidence)
    except SealkitError as error:
        evidence["reason"] = str(error)
        yield Finding("signer.certificate.malformed", Severity.ERROR, evidence)
    for deviation in signature.deviations:
        code = "signature.value_raw" if deviation == _RAW else "signature.deviation"
        yield Finding(code, Severity.WARNING, {"deviation": deviation})


def check_description(signature: SealSignature, signature_xml: bytes, path: str) -> Outcomes:
    """The signature covers this Signature.xml, byte for byte, at this place.

    `path` is its name in the package without the leading slash. No canonical form: the
    bytes in the package count (standards/ofd-and-seal, 5.3).
    """
    evidence = {"file": path}
    if signature.data_hash != sm3.digest(signature_xml):
        yield Finding("signature.xml_changed", Severity.ERROR, evidence)
    if signature.property_info.lstrip("/") != path:
        evidence["named"] = signature.property_info
        yield Finding("signature.place_mismatch", Severity.ERROR, evidence)


def has_trailing_bytes(der: bytes) -> bool:
    """Whether bytes follow the first DER value; False when there is none."""
    try:
        length = parser.peek(der)
    except ValueError:
        return False
    return bool(length < len(der))
