"""Signatures without a seal (Type ``Sign``): a signed message of GB/T 35275 over Signature.xml.

Such a signature may stand beside the seals of a licence, as that of an archive or of a
transport service. It must hold like every other, but it does not say who issues: a licence
that bears no seal at all cannot be told to be one (standards/ofd-and-seal, 5).
"""

from sealkit.asn1.cms import SignedData
from sealkit.errors import InvalidSignatureError, SealkitError, UnsupportedError
from sealkit.formats.ofd.signatures import AppliedSeal
from verification.checks.chain import check_certificate, footing_of
from verification.checks.sources import Outcomes, Sources
from verification.checks.timestamps import timing_of
from verification.report import Finding, Severity


def check_message(applied: AppliedSeal, message: SignedData, sources: Sources) -> Outcomes:
    """The message signs this Signature.xml, and its signer leads to a trusted root."""
    evidence = {"signature": applied.path}
    if message.content is not None and message.content != applied.signature_xml:
        yield Finding("signature.xml_changed", Severity.ERROR, {"file": applied.path})
        return
    try:
        message.verify(applied.signature_xml)
    except InvalidSignatureError:
        yield Finding("signature.value_invalid", Severity.ERROR, evidence)
    except UnsupportedError as error:
        evidence["reason"] = str(error)
        yield Finding("signature.algorithm_unsupported", Severity.UNKNOWN, evidence)
    except SealkitError as error:
        yield Finding("signer.certificate.malformed", Severity.ERROR, {"reason": str(error)})
    certificate = message.signer_certificate_der
    if certificate is None:
        return  # the signature could not be checked, and that was said
    timing = timing_of(message.timestamp, message.signature, message.signed_at, sources)
    yield from timing.outcomes
    signing = timing.signing
    footing = footing_of(sources.trust, certificate, at=signing.at, purpose="sign")
    yield from check_certificate("signer", certificate, signing, footing, sources)
