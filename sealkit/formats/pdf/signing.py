"""Signing a PDF through pyHanko, with our keys and our clock.

* SM2: CMS with SM3 and SM2-with-SM3, SubFilter ``adbe.pkcs7.detached``, signing time
  inside. ECDSA P-256: the PAdES baseline form (``ETSI.CAdES.detached``), so that ordinary
  viewers show the document as signed. Both bind the certificate by
  signing-certificate-v2.
* Signing again appends a revision: sign SM2 first, then ECDSA, and both stay valid.
* The timestamp is asked for over the signature value, as for a seal, and goes into the
  unsigned attributes; what comes back must be about that value.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from asn1crypto.algos import SignedDigestAlgorithm
from asn1crypto.cms import CMSAttributes, ContentInfo
from asn1crypto.x509 import Certificate
from PIL import Image
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, InnerScaling, Margins, SimpleBoxLayoutRule
from pyhanko.sign.attributes import CMSAttributeProvider, UnsignedAttributeProviderSpec
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_cms import Signer as PyHankoSigner
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.stamp import BaseStampStyle, NoOpStampStyle, StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

import sealkit.asn1.registry  # noqa: F401  # teaches asn1crypto the name of SM3
from sealkit.asn1 import algorithms
from sealkit.errors import UnsupportedError
from sealkit.formats.pdf.document import foreign_bytes, open_document
from sealkit.formats.pdf.errors import PDFSigningError
from sealkit.signer import ECDSA_P256_SHA256, SM2_SM3, Signer

Timestamp = Callable[[bytes], bytes]
"""Given the signature value, returns an RFC 3161 token about it, DER.

The same that a seal takes. It is called inside pyHanko's event loop: it may block, but not
run a loop of its own.
"""

RESERVED_FOR_ATTRIBUTES: Final = 1024  # bytes: signed attributes but for names, signature value
# Bytes for a token with its certificate and one above it. Not more: pyHanko reads what is
# reserved character by character, and that is most of what reading a signed PDF costs.
RESERVED_FOR_TIMESTAMP: Final = 3072


@dataclass(frozen=True, slots=True)
class _Suite:
    digest: str
    """As `cryptography` and, through the registry, asn1crypto name it."""
    subfilter: SigSeedSubFilter


_SUITES: Final = {
    SM2_SM3: _Suite("sm3", SigSeedSubFilter.ADOBE_PKCS7_DETACHED),
    ECDSA_P256_SHA256: _Suite("sha256", SigSeedSubFilter.PADES),
}


@dataclass(frozen=True, slots=True)
class SignatureBox:
    """Where a signature is seen, or can be clicked: a place on a page."""

    page_index: int
    """From 0."""
    corners: tuple[float, float, float, float]
    """Left, bottom, right, top in points from the lower left of the page."""
    picture: bytes | None = None
    """PNG; transparency is kept, it fills the box. None when the page itself shows the seal."""


def sign_pdf(
    document: bytes,
    *,
    signer: Signer,
    chain: Iterable[bytes],
    at: datetime,
    field: str,
    timestamp: Timestamp | None = None,
    reason: str | None = None,
    location: str | None = None,
    name: str | None = None,
    box: SignatureBox | None = None,
) -> bytes:
    """Return `document` with one more signature, in a new field called `field`.

    `chain` are the DER certificates to embed beside the signer's, without the root. `at`
    is the signing time claimed. Must not be called from a running event loop.

    Raises:
        MalformedPDFError: if `document` cannot be read.
        UnsupportedError: if the signer's algorithm is not one of ours.
        PDFSigningError: if the field exists, or the timestamp is not about this signature.
    """
    suite = _SUITES.get(signer.algorithm)
    if suite is None:
        raise UnsupportedError(f"no PDF signature with {signer.algorithm}")
    adapter = _SignerAdapter(signer, tuple(chain), timestamp)
    metadata = PdfSignatureMetadata(
        field_name=field,
        md_algorithm=suite.digest,
        subfilter=suite.subfilter,
        reason=reason,
        location=location,
        name=name,
    )
    pdf_signer = PdfSigner(
        metadata, adapter, stamp_style=_stamp_style(box), new_field_spec=_field_spec(field, box)
    )
    writer = _ClocklessWriter.over(document)
    if any(name == field for name, *_ in enumerate_sig_fields(writer)):
        raise PDFSigningError(f"signature field {field} exists")
    return asyncio.run(_sign(writer, pdf_signer, at, adapter.reserved_bytes))


async def _sign(
    writer: IncrementalPdfFileWriter, pdf_signer: PdfSigner, at: datetime, reserved_bytes: int
) -> bytes:
    output = BytesIO()
    with foreign_bytes():
        session = pdf_signer.init_signing_session(writer)
        session.system_time = at
        # Hexadecimal, hence twice. Without a figure pyHanko would sign and stamp a first
        # time only to measure.
        prepared = session.prepare_tbs_document(None, bytes_reserved=2 * reserved_bytes)
        digest, _ = prepared.digest_tbs_document(output=output)
    try:
        await prepared.perform_signature(
            digest.document_digest, PdfCMSSignedAttributes(signing_time=at)
        )
    except SigningError as error:
        raise PDFSigningError("signature does not fit into the place kept for it") from error
    return output.getvalue()


class _ClocklessWriter(IncrementalPdfFileWriter):
    """Appends a revision without writing the time of the machine into the document."""

    @classmethod
    def over(cls, document: bytes) -> "_ClocklessWriter":
        reader = open_document(document)
        with foreign_bytes():
            return cls(reader.stream, prev=reader)

    def _update_meta(self) -> None:
        """Leave the information dictionary as the renderer made it."""


class _SignerAdapter(PyHankoSigner):
    """Our `Signer`, as pyHanko wants one."""

    def __init__(
        self, signer: Signer, chain: tuple[bytes, ...], timestamp: Timestamp | None
    ) -> None:
        store = SimpleCertificateStore()
        store.register_multiple(Certificate.load(der, strict=True) for der in chain)
        certificate = Certificate.load(signer.certificate_der, strict=True)
        super().__init__(
            signature_mechanism=SignedDigestAlgorithm(
                {"algorithm": algorithms.signature_algorithm(signer)}
            ),
            signing_cert=certificate,
            cert_registry=store,
        )
        self._signer = signer
        if timestamp is not None:
            self.unsigned_attr_prov_spec = _TimestampSpec(timestamp)
        self.reserved_bytes = (
            RESERVED_FOR_ATTRIBUTES
            + 2 * len(certificate.issuer.dump())
            + len(signer.certificate_der)
            + sum(map(len, chain))
            + (RESERVED_FOR_TIMESTAMP if timestamp else 0)
        )

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        return algorithms.sign(self._signer, data)


class _TimestampSpec(UnsignedAttributeProviderSpec):
    """One unsigned attribute: the timestamp of the signature value."""

    def __init__(self, timestamp: Timestamp) -> None:
        self._timestamp = timestamp

    def unsigned_attr_providers(
        self, signature: bytes, signed_attrs: CMSAttributes, digest_algorithm: str
    ) -> Iterable[CMSAttributeProvider]:
        yield _TimestampProvider(self._timestamp, signature)


class _TimestampProvider(CMSAttributeProvider):
    attribute_type = "signature_time_stamp_token"

    def __init__(self, timestamp: Timestamp, signature: bytes) -> None:
        self._timestamp = timestamp
        self._signature = signature

    async def build_attr_value(self, dry_run: bool = False) -> ContentInfo:
        token = self._timestamp(self._signature)
        try:
            content_info: ContentInfo = ContentInfo.load(token, strict=True)
            content = content_info["content"]["encap_content_info"]["content"]
            imprint = content.parsed["message_imprint"]
            algorithm = imprint["hash_algorithm"]["algorithm"].dotted
            claimed = imprint["hashed_message"].native
        except (ValueError, TypeError, KeyError) as error:
            raise PDFSigningError("timestamp is not an RFC 3161 token") from error
        if claimed != algorithms.digest(algorithm, self._signature):
            raise PDFSigningError("timestamp is not about this signature")
        return content_info


def _field_spec(field: str, box: SignatureBox | None) -> SigFieldSpec:
    if box is None:
        return SigFieldSpec(field)
    # pyHanko annotates integers and writes any number.
    corners: Any = box.corners
    return SigFieldSpec(field, on_page=box.page_index, box=corners)


def _stamp_style(box: SignatureBox | None) -> BaseStampStyle:
    if box is None or box.picture is None:
        return NoOpStampStyle()
    filling = SimpleBoxLayoutRule(
        x_align=AxisAlignment.ALIGN_MID,
        y_align=AxisAlignment.ALIGN_MID,
        margins=Margins.uniform(0),
        inner_content_scaling=InnerScaling.STRETCH_TO_FIT,
    )
    return StaticStampStyle(
        border_width=0,
        background=PdfImage(Image.open(BytesIO(box.picture))),
        background_layout=filling,
        background_opacity=1.0,
    )
