"""PDF editions: changed, unsigned, or signed by somebody else."""

import io
from dataclasses import replace
from datetime import timedelta

from asn1crypto import cms
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.timestamps import TimeStamper

from sealkit import oids
from sealkit.asn1 import encode, tsp
from tests.conformance.cases import Shown, bad_licence
from tests.conformance.instants import SIGNED
from tests.conformance.world import POLICY, MemoryRegister, guangdong, unsigned_pdf


@bad_licence(finds="pdf.malformed")
def pdf_cut_short(world):
    """The download broke off."""
    return world.sound_pdf[: len(world.sound_pdf) // 2]


@bad_licence(finds="pdf.malformed")
def pdf_that_is_only_a_header(world):
    """Nothing but the first line."""
    return b"%PDF-1.7\n"


@bad_licence(finds="pdf.content_changed")
def pdf_page_changed(world):
    """One letter of the page was changed after signing."""
    assert b"(licence)" in world.sound_pdf
    return world.sound_pdf.replace(b"(licence)", b"(licenze)")


@bad_licence(finds="pdf.changed_after_signing")
def pdf_page_replaced_in_an_update(world):
    """An incremental update after the signature gives the page another content."""
    writer = IncrementalPdfFileWriter(io.BytesIO(world.sound_pdf), strict=False)
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    stream = generic.StreamObject(stream_data=b"BT /F1 20 Tf 60 700 Td (other) Tj ET")
    page[generic.pdf_name("/Contents")] = writer.add_object(stream)
    writer.update_container(page)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


@bad_licence(finds="pdf.changed_after_signing")
def pdf_with_bytes_appended(world):
    """Bytes after the end that no revision accounts for."""
    return world.sound_pdf + b"\n% more\n1 0 obj (x) endobj\n"


@bad_licence(finds="pdf.changed_after_signing")
def pdf_painted_over_by_a_field_that_nobody_signed(world):
    """A signature field that fills the page was added afterwards and left unsigned."""
    output = io.BytesIO()
    painted_over(world.sound_pdf).write(output)
    return output.getvalue()


@bad_licence(finds="pdf.changed_after_signing")
def pdf_painted_over_by_a_timestamp(world):
    """The same field, filled by the region's own timestamp service, which serves anybody."""
    stamper = PdfTimeStamper(AnybodysTimestamps(world), field_name="More")
    return stamper.timestamp_pdf(painted_over(world.sound_pdf), "sha256").getvalue()


def painted_over(document):
    """Return an update of `document` with an empty signature field that shows white."""
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    box = (0, 0, 595, 842)
    append_signature_field(writer, SigFieldSpec("More", on_page=0, box=box))
    name = generic.pdf_name
    white = generic.StreamObject(
        {
            name("/Type"): name("/XObject"),
            name("/Subtype"): name("/Form"),
            name("/BBox"): generic.ArrayObject(map(generic.NumberObject, box)),
        },
        stream_data=b"1 1 1 rg 0 0 595 842 re f",
    )
    field = writer.root["/AcroForm"]["/Fields"][-1]
    field[name("/AP")] = generic.DictionaryObject({name("/N"): writer.add_object(white)})
    return writer


class AnybodysTimestamps(TimeStamper):
    """What the public timestamp service answers to anybody who asks."""

    def __init__(self, world):
        super().__init__()
        self._world = world

    async def async_timestamp(self, message_digest, md_algorithm):
        asked = tsp.build_request(message_digest, algorithm=md_algorithm, nonce=7)
        response = tsp.build_response(
            tsp.parse_request(asked),
            serial=1,
            at=SIGNED,
            policy=POLICY,
            signer=self._world.signer("timestamp"),
        )
        return cms.ContentInfo.load(tsp.parse_response(response).token.der)

    async def async_dummy_response(self, md_algorithm):
        return await self.async_timestamp(bytes(32), md_algorithm)


@bad_licence(finds="signature.absent")
def pdf_without_a_signature(world):
    """The same page with the same record, but nobody signed it."""
    return unsigned_pdf({"licence.json": world.record.to_json()})


@bad_licence(finds="signature.value_invalid")
def pdf_signature_value_changed(world):
    """One hexadecimal digit of the signature is different."""
    document = world.pdf(timestamp=None)
    start = document.index(b"/Contents <") + 11
    cms = bytes.fromhex(document[start : document.index(b">", start)].decode()).rstrip(b"\0")
    position = start + 2 * len(cms) - 1
    digit = b"0" if document[position : position + 1] != b"0" else b"1"
    return document[:position] + digit + document[position + 1 :]


@bad_licence(finds="signature.algorithm_unsupported", verdict="cannot_say")
def pdf_signature_of_an_algorithm_we_do_not_speak(world):
    """The signature names an algorithm that this verifier does not know."""
    document = world.pdf(timestamp=None)
    named = encode.object_identifier(oids.SM2_WITH_SM3).hex().upper().encode()
    other = encode.object_identifier("1.2.156.10197.1.502").hex().upper().encode()
    place = document.rindex(named)
    return document[:place] + other + document[place + len(other) :]


@bad_licence(finds="authority.certificate_not_of_issuer")
def pdf_signed_by_another_service(world):
    """Signed with a genuine certificate of the region that signs no PDF editions."""
    return world.pdf(signer=world.signer("receipt"))


@bad_licence(
    finds="signer.certificate.untrusted",
    verdict="cannot_say",
    also=("timestamp.certificate.untrusted",),
)
def pdf_of_a_region_we_do_not_know(world):
    """A sound PDF of this region, where only another region is trusted."""
    return Shown(world.sound_pdf, {"trust": guangdong().trust})


@bad_licence(finds="signer.certificate.revoked")
def pdf_signer_revoked_before_signing(world):
    """The PDF signer was revoked before it signed."""
    trust = world.trust_revoking("pdf_signer", at=SIGNED - timedelta(days=1))
    return Shown(world.sound_pdf, {"trust": trust})


@bad_licence(finds="timestamp.certificate.untrusted", verdict="cannot_say")
def pdf_with_the_timestamp_of_a_stranger(world):
    """The timestamp service belongs to a root that is not ours."""
    return world.pdf(timestamp=world.timestamp(signer=guangdong().signer("timestamp")))


@bad_licence(finds="content.record_absent", verdict="cannot_say")
def pdf_without_a_record(world):
    """Genuinely signed, but there is no licence record in it."""
    return world.pdf(files={})


@bad_licence(finds="content.record_unreadable", verdict="cannot_say")
def pdf_with_a_record_that_is_none(world):
    """licence.json is not JSON."""
    return world.pdf(files={"licence.json": b"\xff"})


@bad_licence(finds="content.identifier_differs")
def pdf_with_a_wrong_identifier(world):
    """The record's identifier names another edition."""
    return world.pdf(replace(world.record, edition=3))


@bad_licence(finds="content.register_differs")
def pdf_of_another_record(world):
    """The register holds other data than the PDF."""
    register = MemoryRegister(world.register_entry(replace(world.record, number="X3")))
    return Shown(world.sound_pdf, {"register": register})


@bad_licence(finds="status.superseded")
def pdf_of_a_superseded_edition(world):
    """A corrected edition has taken its place."""
    return Shown(world.sound_pdf, {"status": world.status(3)})


@bad_licence(finds="licence.expired")
def pdf_of_an_expired_licence(world):
    """The licence ran out yesterday."""
    return world.pdf(replace(world.record, valid_until="2026-11-22"))
