"""PDFs made to break, stall or swell a reader."""

import zlib
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter, copy_into_new_writer

from sealkit.errors import MalformedError
from sealkit.formats.pdf import attachments, document, read_signatures, sign_pdf
from sealkit.formats.pdf.errors import EncryptedPDFError, MalformedPDFError
from tests.sealkit.formats.pdf.authorities import SM2Key, authority
from tests.sealkit.formats.pdf.conftest import make_pdf
from tests.sealkit.formats.pdf.raw import raw_pdf

AT = datetime(2026, 7, 1, tzinfo=UTC)
SM2 = authority(SM2Key, "root")
SIGNED = sign_pdf(make_pdf(), signer=SM2.signer, chain=(), at=AT, field="Seal")
CATALOGUE = b"<</Type/Catalog/Pages 2 0 R"


def read(pdf):
    return read_signatures(pdf), attachments(pdf)


def test_document_that_is_too_large_is_not_opened(monkeypatch):
    monkeypatch.setattr(document, "MAX_DOCUMENT_BYTES", len(SIGNED) - 1)
    with pytest.raises(MalformedPDFError):
        read(SIGNED)


def test_encrypted_document_is_told_apart():
    writer = copy_into_new_writer(PdfFileReader(BytesIO(make_pdf())))
    writer.encrypt("secret")
    output = BytesIO()
    writer.write(output)
    with pytest.raises(EncryptedPDFError):
        read(output.getvalue())


@pytest.mark.parametrize("code", [b"", b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF\n", b"\0" * 5000])
def test_what_is_no_document_is_malformed(code):
    with pytest.raises(MalformedPDFError):
        read(code)


def test_broken_cross_reference_is_malformed():
    start = SIGNED.rindex(b"startxref")
    for wrong in (b"0", b"-5", b"99999999999999999999", b"17", b"x"):
        with pytest.raises(MalformedPDFError):
            read(SIGNED[:start] + b"startxref\n" + wrong + b"\n%%EOF\n")


@pytest.mark.parametrize("number", [b"1.2.3", b"+-1", b".", b"1e9", b"-"])
def test_cross_references_that_count_in_no_number_are_malformed(number):
    plain = raw_pdf(CATALOGUE + b">>")
    assert plain.count(b"xref\n0 ") == 1
    with pytest.raises(MalformedPDFError):
        read(plain.replace(b"xref\n0 ", b"xref\n" + number + b" "))


def test_cross_references_that_go_in_a_circle_are_malformed():
    plain = raw_pdf(CATALOGUE + b">>")
    start = int(plain.split(b"startxref\n")[1].split()[0])
    with pytest.raises(MalformedPDFError):
        read(raw_pdf(CATALOGUE + b">>", trailer=b"/Prev %d" % start))


def test_two_tables_of_contents_are_malformed():
    """A hybrid file: old readers and new ones see different objects (ISO 32000-1, 7.5.8.4)."""
    table = b"<</Type/XRef/Size 10/W[1 2 1]/Index[7 1]/Length 4>>\nstream\n\0\0\0\0\nendstream"
    plain = raw_pdf(CATALOGUE + b">>", {9: table})
    where = plain.index(b"9 0 obj")
    hybrid = raw_pdf(CATALOGUE + b">>", {9: table}, trailer=b"/XRefStm %d" % where)
    with pytest.raises(MalformedPDFError, match="hybrid"):
        read(hybrid)
    assert read(plain) == ((), {})


def test_reference_to_itself_is_malformed():
    with pytest.raises(MalformedPDFError):
        read(raw_pdf(b"1 0 R"))


@pytest.mark.parametrize("opening", [b"[", b"<<", b"<</A"])
def test_deep_nesting_is_malformed(opening):
    with pytest.raises(MalformedPDFError):
        read(raw_pdf(CATALOGUE + b"/Names " + opening * 100_000 + b">>"))


@pytest.mark.parametrize("value", [b"0 ", b"[]", b"/A", b"<<>>", b"1 0 R ", b"()", b"<> "])
def test_object_of_many_values_is_malformed(value):
    """A hundred thousand values in one object, which pyHanko would make before anybody looks."""
    with pytest.raises(MalformedPDFError, match="entangled"):
        read(raw_pdf(CATALOGUE + b"/Names[" + value * 100_000 + b"]>>"))


def with_catalogue_in_object_stream(catalogue):
    packed = zlib.compress(b"1 0 " + catalogue)
    head = b"%PDF-1.7\n3 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length "
    head += b"%d>>\nstream\n%s\nendstream\nendobj\n" % (len(packed), packed)
    entries = b"\0\0\0\0" + b"\2\0\3\0" + b"\1" + len(head).to_bytes(2) + b"\0" + b"\1\0\x09\0"
    section = b"2 0 obj\n<</Type/XRef/Root 1 0 R/Size 4/W[1 2 1]/Length 16>>\nstream\n%s\nendstream"
    return head + section % entries + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(head)


def nested_texts(count, filling):
    """A document of texts, each of which begins and ends inside the one before it."""
    numbers = range(50, 50 + count)
    body = b"".join(b"(%s\n%d 0 obj\n" % (filling, number) for number in numbers)
    body += b"()" + b"\nendobj\n)" * count
    references = b" ".join(b"(a) %d 0 R" % number for number in numbers)
    names = b"/Names<</EmbeddedFiles<</Names[%s]>>>>>>" % references
    plain = raw_pdf(CATALOGUE + names, {49: body})
    places = b"".join(
        b"%d 1\n%010d 00000 n \n" % (number, plain.index(b"\n%d 0 obj" % number) + 1)
        for number in numbers
    )
    plain = plain.replace(b"trailer", places + b"trailer")
    return plain.replace(b"/Size 50/", b"/Size %d/" % (50 + count))


def test_objects_inside_each_other_are_malformed():
    """Each text is nearly the whole file; to read all of them would be to read gigabytes."""
    with pytest.raises(MalformedPDFError, match="where a dictionary belongs"):
        read(nested_texts(10, b"abcd" * 250))
    with pytest.raises(MalformedPDFError, match="entangled"):
        read(nested_texts(2000, b"abcd" * 250))


def test_object_stream_of_many_values_is_malformed():
    """The same in an object stream, where two kilobytes hold a million of them."""
    assert read(with_catalogue_in_object_stream(CATALOGUE + b">>")) == ((), {})
    with pytest.raises(MalformedPDFError, match="PdfDecodeLimitError"):
        read(with_catalogue_in_object_stream(CATALOGUE + b"/X[" + b"0 " * 200_000 + b"]>>"))


def test_long_number_is_malformed():
    with pytest.raises(MalformedPDFError):
        read(raw_pdf(CATALOGUE + b"/Names " + b"9" * 100_000 + b">>"))


def test_form_that_holds_itself_ends():
    parent = b"<</T(a)/FT/Sig/Kids[3 0 R 3 0 R]>>"
    pdf = raw_pdf(CATALOGUE + b"/AcroForm<</Fields[3 0 R]>>>>", {3: parent})
    with pytest.raises(MalformedPDFError):
        read(pdf)


def ladder(rungs):
    """Each object refers twice to the next: 2 ** rungs paths in `rungs` objects."""
    body = {
        number: b"<</T(a)/Kids[%d 0 R %d 0 R]>>" % (number + 1, number + 1)
        for number in range(20, 20 + rungs)
    }
    return body | {20 + rungs: b"<</T(b)/FT/Sig>>"}


def test_ladder_of_fields_is_malformed():
    pdf = raw_pdf(CATALOGUE + b"/AcroForm<</Fields[20 0 R]>>>>", ladder(40))
    with pytest.raises(MalformedPDFError):
        read(pdf)


def test_ladder_met_when_comparing_revisions_is_malformed():
    """Comparing walks every path; the purse runs out first."""
    base = raw_pdf(CATALOGUE + b"/Ladder 20 0 R>>", ladder(40))
    signed = sign_pdf(base, signer=SM2.signer, chain=(), at=AT, field="Seal")
    writer = IncrementalPdfFileWriter(BytesIO(signed))
    writer.update_root()
    output = BytesIO()
    writer.write(output)
    with pytest.raises(MalformedPDFError):
        read_signatures(output.getvalue())


def test_flat_but_endless_array_is_paid_for_each_time():
    numbers = b"[" + b"0 " * 100_000 + b"]"
    body = {30: numbers} | {
        number: b"<</A 30 0 R/B 30 0 R/C 30 0 R/D 30 0 R/E 30 0 R>>" for number in (20, 21)
    }
    base = raw_pdf(CATALOGUE + b"/X 20 0 R/Y 21 0 R>>", body)
    signed = sign_pdf(base, signer=SM2.signer, chain=(), at=AT, field="Seal")
    twice = sign_pdf(signed, signer=SM2.signer, chain=(), at=AT, field="More")
    with pytest.raises(MalformedPDFError):
        read_signatures(twice)


def test_ordinary_document_with_many_pages_is_read():
    pages = {40 + n: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 10 10]>>" for n in range(300)}
    kids = b" ".join(b"%d 0 R" % number for number in pages)
    body = pages | {2: b"<</Type/Pages/Kids[" + kids + b"]/Count 300>>"}
    base = raw_pdf(CATALOGUE + b">>", body)
    signed = sign_pdf(base, signer=SM2.signer, chain=(), at=AT, field="Seal")
    twice = sign_pdf(signed, signer=SM2.signer, chain=(), at=AT, field="More")
    assert len(read_signatures(twice)) == 2


def test_too_many_revisions_are_malformed(monkeypatch):
    monkeypatch.setattr("sealkit.formats.pdf.cross_references.MAX_REVISIONS", 1)
    with pytest.raises(MalformedPDFError, match="revisions"):
        read(SIGNED)


def test_too_many_signatures_are_malformed(monkeypatch):
    monkeypatch.setattr("sealkit.formats.pdf.signatures.MAX_SIGNATURES", 0)
    with pytest.raises(MalformedPDFError):
        read(SIGNED)


def test_object_streams_are_read():
    writer = PdfFileWriter(stream_xrefs=True)
    source = PdfFileReader(BytesIO(make_pdf()))
    writer = copy_into_new_writer(source, writer_kwargs={"stream_xrefs": True})
    output = BytesIO()
    writer.write(output)
    signed = sign_pdf(output.getvalue(), signer=SM2.signer, chain=(), at=AT, field="Seal")
    (found,), files = read(signed)
    assert found.digest_holds and set(files) == {"licence.json"}


@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_malformed(junk):
    for code in (junk, b"%PDF-1.7\n" + junk, SIGNED[:-50] + junk):
        try:
            read(code)
        except MalformedError:
            continue


EDITS = st.lists(
    st.tuples(st.integers(0, len(SIGNED)), st.integers(0, 40), st.binary(max_size=20)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(EDITS)
def test_edited_document_is_read_or_malformed_and_never_sound(edits):
    edited = SIGNED
    for position, length, bytes_put in edits:
        edited = edited[:position] + bytes_put + edited[position + length :]
    try:
        found, _ = read(edited)
    except MalformedError:
        return
    if edited != SIGNED:
        sound = [
            one
            for one in found
            if one.digest_holds and one.signature_holds and one.covers_whole_file
        ]
        assert not sound or only_padding_differs(edited)


def only_padding_differs(edited):
    """The case of a hexadecimal digit is all that may change unseen."""
    return edited.upper() == SIGNED.upper()
