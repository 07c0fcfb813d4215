"""The signature of a plain PDF that nothing was added to, as facts.

One signature over the whole file, in one field without parent or children, its CMS detached,
with signed attributes, by one certificate that it carries. That is what every edition is
right after it was signed once; of all others pyHanko compares the revisions.
"""

import re
from datetime import UTC, datetime
from typing import Any, Final

from sealkit import oids
from sealkit.asn1 import algorithms, cms
from sealkit.asn1.cms import SignedData
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import InvalidSignatureError, SealkitError
from sealkit.formats.pdf.coverage import honest_range
from sealkit.formats.pdf.model import Modification, PDFSignature
from sealkit.formats.pdf.plain.document import PlainPDF, text_of
from sealkit.formats.pdf.plain.objects import Reference, UnusualPDFError
from sealkit.formats.pdf.signed_data import (
    DIGESTS_FOR,
    MAX_CERTIFICATES,
    MAX_CMS_BYTES,
    first_value,
)

_DATE: Final = re.compile(r"D:([0-9]{14})(?:Z|[+-]00'00'?)")
_SUBFILTERS: Final = ("/adbe.pkcs7.detached", "/ETSI.CAdES.detached")


def read_signatures(document: PlainPDF) -> tuple[PDFSignature, ...]:
    """Return the signatures in signing order.

    Raises:
        UnusualPDFError: if they are not of the plain form.
    """
    form = document.catalogue.get("/AcroForm")
    if form is None:
        return ()
    fields = document.dictionary(form).get("/Fields")
    filled = [
        found
        for field in (document.array(fields) if fields is not None else ())
        if (found := _filled(document, field)) is not None
    ]
    if len(filled) > 1:
        raise UnusualPDFError("more than one signature")
    return tuple(_facts(document, name, dictionary) for name, dictionary in filled)


def _filled(document: PlainPDF, reference: Any) -> tuple[str, dict[str, Any]] | None:
    """Return name and signature of a field; None when it is not signed."""
    if not isinstance(reference, Reference):
        raise UnusualPDFError("a field that is no object of its own")
    field = document.dictionary(reference)
    if field.get("/FT") != "/Sig" or field.keys() & {"/Kids", "/Parent"}:
        raise UnusualPDFError("a field of another kind, or a tree of fields")
    name = text_of(field.get("/T"))
    value = field.get("/V")
    if value is None:
        return None
    if not isinstance(value, Reference):
        raise UnusualPDFError("a signature that is no object of its own")
    return name, document.dictionary(value)


def _facts(document: PlainPDF, name: str, dictionary: dict[str, Any]) -> PDFSignature:
    contents, subfilter = dictionary.get("/Contents"), dictionary.get("/SubFilter")
    if dictionary.get("/Type", "/Sig") != "/Sig" or subfilter not in _SUBFILTERS:
        raise UnusualPDFError("a signature of another kind")
    if not isinstance(contents, bytes):
        raise UnusualPDFError("no signature value")
    covered = honest_range(document.content, dictionary.get("/ByteRange"), contents)
    if covered is None or covered.after_end != len(document.content):
        raise UnusualPDFError("a signature that does not cover the whole file")
    try:
        encoded = first_value(contents)
        message = cms.parse(encoded, max_bytes=MAX_CMS_BYTES)
        digest_holds, signature_holds = _holds(message, covered.covered(document.content))
    except (SealkitError, ValueError) as error:
        raise UnusualPDFError(f"a signature value of no plain form: {error}") from error
    signer = message.signer_certificate_der or b""
    return PDFSignature(
        field_name=name,
        subfilter=str(subfilter),
        is_document_timestamp=False,
        covers_whole_file=True,
        modification=Modification.NONE,
        digest_holds=digest_holds,
        signature_holds=signature_holds,
        algorithm=message.signature_algorithm,
        signature_value=message.signature,
        cms_der=encoded,
        signer_certificate_der=signer,
        certificates=(signer, *(each for each in message.certificates if each != signer)),
        signed_at=message.signed_at or _date(dictionary.get("/M")),
        timestamp_der=message.timestamp,
        reason=_text(dictionary.get("/Reason")),
        location=_text(dictionary.get("/Location")),
    )


def _holds(message: SignedData, covered: bytes) -> tuple[bool, bool]:
    """Return whether the bytes are those signed, and whether the value holds.

    Raises:
        UnusualPDFError: if the message is not of the plain form.
        SealkitError: if a part of it cannot be read, or is of an algorithm not spoken here.
    """
    attributes, signer = message.attributes, message.signer_certificate_der
    if attributes is None or signer is None:
        raise UnusualPDFError("a message without attributes or certificate")
    is_plain = (
        not message.is_gm
        and not message.deviations
        and message.content is None
        and message.content_type == attributes.content_type == oids.CMS_DATA
        and len(message.certificates) <= MAX_CERTIFICATES
        and _is_named_once(signer, message.certificates)
        and message.digest_algorithm in DIGESTS_FOR.get(message.signature_algorithm, ())
    )
    if not is_plain:
        raise UnusualPDFError("a message of no plain form")
    digest = algorithms.digest(message.digest_algorithm, covered)
    try:
        attributes.check_certificate(signer)
        spki = parse_certificate(signer).spki
        algorithms.verify(spki, message.signature_algorithm, message.signature, attributes.signed)
    except InvalidSignatureError:
        return attributes.message_digest == digest, False
    return attributes.message_digest == digest, True


def _is_named_once(signer: bytes, certificates: tuple[bytes, ...]) -> bool:
    """Whether no other certificate has the signer's issuer and serial number."""
    own = parse_certificate(signer)
    others = [parse_certificate(each) for each in certificates if each != signer]
    alike = [each for each in others if each.serial == own.serial]
    return not alike and len(others) == len(certificates) - 1


def _date(found: Any) -> datetime:
    """Return the time that the signature dictionary names (ISO 32000-1, 7.9.4)."""
    written = _DATE.fullmatch(text_of(found))
    if written is None:
        raise UnusualPDFError("a date of another form")
    try:
        return datetime.strptime(written[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise UnusualPDFError("a date that names no instant") from error


def _text(found: Any) -> str | None:
    return None if found is None else text_of(found)
