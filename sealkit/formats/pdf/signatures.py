"""The signatures in a PDF of any form, read and compared by pyHanko."""

from datetime import UTC, datetime
from typing import Final

from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DiffResult,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    XrefStreamRule,
)
from pyhanko.sign.validation import EmbeddedPdfSignature

from sealkit.errors import UnsupportedError
from sealkit.formats.pdf.coverage import ByteRange, honest_range
from sealkit.formats.pdf.document import PDFDocument, foreign_bytes, open_document
from sealkit.formats.pdf.errors import MalformedPDFError
from sealkit.formats.pdf.model import Modification, PDFSignature
from sealkit.formats.pdf.signed_data import SignedDataFacts, cut_padding, read_signed_data

MAX_SIGNATURES: Final = 32

_WHITE_SPACE: Final = b"\0\t\n\f\r "


def read_signatures(document: bytes | PDFDocument) -> tuple[PDFSignature, ...]:
    """Return the filled signature fields of a PDF, open or not, in signing order.

    Raises:
        EncryptedPDFError: if the document is encrypted.
        MalformedPDFError: if it cannot be read, has too many signatures, or one of them is
            not a CMS signature by one certificate that it carries.
    """
    reader = open_document(document)
    with foreign_bytes():
        found = reader.embedded_signatures
        if len(found) > MAX_SIGNATURES:
            raise MalformedPDFError("PDF has too many signatures")
        return tuple(_facts(reader, signature) for signature in found)


def _facts(reader: PDFDocument, signature: EmbeddedPdfSignature) -> PDFSignature:
    document = reader.content
    covered = honest_range(document, signature.byte_range, signature.pkcs7_content)
    cms = cut_padding(signature.pkcs7_content)
    try:
        facts = read_signed_data(cms, covered.covered(document) if covered else b"")
    except UnsupportedError as error:
        raise MalformedPDFError(f"PDF signature cannot be read: {error}") from error
    dictionary = signature.sig_object
    return PDFSignature(
        field_name=signature.field_name,
        subfilter=str(dictionary.get("/SubFilter", "")),
        is_document_timestamp=signature.sig_object_type == "/DocTimeStamp",
        covers_whole_file=covered is not None and covered.after_end == len(document),
        modification=_modification(reader, signature, covered),
        digest_holds=facts.digest_holds and covered is not None,
        signature_holds=facts.signature_holds,
        algorithm=facts.algorithm,
        signature_value=facts.value,
        cms_der=cms,
        signer_certificate_der=facts.certificate_der,
        certificates=facts.certificates,
        signed_at=_signed_at(facts, signature),
        timestamp_der=facts.timestamp_der,
        reason=_text(dictionary.get("/Reason")),
        location=_text(dictionary.get("/Location")),
    )


def _modification(
    reader: PDFDocument, signature: EmbeddedPdfSignature, covered: ByteRange | None
) -> Modification:
    if covered is None:
        return Modification.OTHER
    document = reader.content
    if covered.after_end == len(document):
        return Modification.NONE
    later = reader.xrefs.total_revisions - 1 - signature.signed_revision
    if later == 0 and document[covered.after_end :].strip(_WHITE_SPACE):
        # Bytes no revision accounts for: another reader may find a document in them.
        return Modification.OTHER
    signature.compute_integrity_info(skip_diff=True)
    result = signature.evaluate_modifications(_POLICY)
    if not isinstance(result, DiffResult):
        return Modification.OTHER
    return _LEVELS.get(result.modification_level, Modification.OTHER)


def _signed_at(facts: SignedDataFacts, signature: EmbeddedPdfSignature) -> datetime | None:
    claimed = facts.signed_at or signature.self_reported_timestamp
    if claimed is not None and claimed.tzinfo is None:
        return claimed.replace(tzinfo=UTC)
    return claimed


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str) else None


_LEVELS: Final = {
    ModificationLevel.NONE: Modification.ARCHIVAL,
    ModificationLevel.LTA_UPDATES: Modification.ARCHIVAL,
    ModificationLevel.FORM_FILLING: Modification.SIGNATURES,
}

_POLICY: Final = StandardDiffPolicy(
    # pyHanko's own default without the rule that lets form fields be filled in: nothing on
    # a licence is for its holder to fill in.
    global_rules=[
        CatalogModificationRule(),
        DocInfoRule().as_qualified(ModificationLevel.LTA_UPDATES),
        XrefStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        ObjectStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        DSSCompareRule().as_qualified(ModificationLevel.LTA_UPDATES),
        MetadataUpdateRule().as_qualified(ModificationLevel.LTA_UPDATES),
    ],
    form_rule=FormUpdatingRule(field_rules=[SigFieldCreationRule(), SigFieldModificationRule()]),
)
