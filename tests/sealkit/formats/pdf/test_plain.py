"""Our own reader: what it reads it reads as pyHanko does, and what is unusual it leaves alone."""

import re
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealkit.errors import MalformedError
from sealkit.formats import pdf
from sealkit.formats.pdf import Modification, plain, sign_pdf
from sealkit.formats.pdf.plain import UnusualPDFError, objects
from tests.sealkit.formats.pdf.authorities import P256Key, SM2Key, authority
from tests.sealkit.formats.pdf.conftest import RECORD, make_pdf
from tests.sealkit.formats.pdf.raw import raw_pdf

AT = datetime(2026, 7, 1, tzinfo=UTC)
SM2 = authority(SM2Key, "root")
ECDSA = authority(P256Key, "root")
SIGNED = sign_pdf(make_pdf(), signer=SM2.signer, chain=(), at=AT, field="Seal", reason="发证 (1)")
CATALOGUE = b"<</Type/Catalog/Pages 2 0 R"


def read_plainly(document):
    opened = plain.PlainPDF(document)
    return plain.read_signatures(opened), plain.read_attachments(opened)


def read_by_pyhanko(document):
    opened = pdf.open_document(document)
    return pdf.read_signatures(opened), pdf.attachments(opened)


@pytest.mark.parametrize("holder", [SM2, ECDSA])
def test_licence_signed_once_is_read_without_pyhanko_and_the_same(holder):
    document = sign_pdf(make_pdf(), signer=holder.signer, chain=(), at=AT, field="Seal")
    found = read_plainly(document)
    assert found == read_by_pyhanko(document)
    ((signature,), files) = found
    assert signature.digest_holds and signature.signature_holds
    assert signature.modification is Modification.NONE
    assert files == {"licence.json": RECORD}


def test_page_without_signatures_is_read_the_same():
    assert read_plainly(make_pdf()) == read_by_pyhanko(make_pdf()) == ((), {"licence.json": RECORD})


def test_changed_page_is_read_and_its_digest_does_not_hold():
    changed = SIGNED.replace(b"(licence 1)", b"(licence 2)")
    ((signature,), _) = read_plainly(changed)
    assert signature.digest_holds is False and signature.signature_holds is True
    assert read_plainly(changed) == read_by_pyhanko(changed)


def test_read_pdf_reads_what_is_unusual_with_pyhanko():
    twice = sign_pdf(SIGNED, signer=ECDSA.signer, chain=(), at=AT, field="More")
    with pytest.raises(UnusualPDFError):
        read_plainly(twice + b"\n% more")
    contents = pdf.read_pdf(twice + b"\n")
    assert (contents.signatures, contents.attachments) == read_by_pyhanko(twice + b"\n")


EDITS = st.lists(
    st.tuples(
        st.integers(0, len(SIGNED)),
        st.integers(0, 30),
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from(
                [b" ", b"\n", b"\r", b"%", b"0", b"1", b"<", b">", b"/V", b"/Kids", b"#41", b"\\"]
            ),
        ),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=400, deadline=None)
@given(EDITS)
def test_edited_document_is_read_as_pyhanko_reads_it_or_left_to_it(edits):
    edited = SIGNED
    for position, length, bytes_put in edits:
        edited = edited[:position] + bytes_put + edited[position + length :]
    agrees_or_is_unusual(edited)


STRUCTURE = [
    match.span()
    for match in re.finditer(rb"/[A-Za-z]+|\d+ 0 R|\d+|[<>\[\]()]+|obj|endobj|xref|trailer", SIGNED)
    if not SIGNED.index(b"/Contents <") + 11 < match.start() < SIGNED.rindex(b"/ByteRange")
]
PIECES = sorted({SIGNED[start:end] for start, end in STRUCTURE})


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(STRUCTURE), st.sampled_from(PIECES)), max_size=3))
def test_document_whose_pieces_are_exchanged_is_read_as_pyhanko_reads_it(changes):
    edited = SIGNED
    for (start, end), piece in sorted(changes, reverse=True):
        edited = edited[:start] + piece + edited[end:]
    agrees_or_is_unusual(edited)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(SIGNED)))
@example(len(SIGNED) - 1)
def test_document_cut_short_is_read_as_pyhanko_reads_it(length):
    agrees_or_is_unusual(SIGNED[:length])


def agrees_or_is_unusual(document):
    try:
        found = read_plainly(document)
    except UnusualPDFError:
        return
    assert found == read_by_pyhanko(document)


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_are_unusual_or_read(junk):
    for document in (junk, b"%PDF-1.7\n" + junk, SIGNED[:-40] + junk):
        try:
            read_plainly(document)
        except UnusualPDFError:
            continue


@pytest.mark.parametrize(
    "document",
    [
        raw_pdf(CATALOGUE + b"/Names " + b"[" * 100_000 + b">>"),
        raw_pdf(CATALOGUE + b"/Names " + b"<</A" * 100_000 + b">>"),
        raw_pdf(CATALOGUE + b"/Names[" + b"0 " * 100_000 + b"]>>"),
        raw_pdf(CATALOGUE + b"/Names " + b"9" * 100_000 + b">>"),
        raw_pdf(CATALOGUE + b"/Names " + b"(" * 1_000_000 + b">>"),
        raw_pdf(CATALOGUE + b"/Names <" + b"0" * 1_000_001 + b"> >>"),
        raw_pdf(b"1 0 R"),
        raw_pdf(CATALOGUE + b"/AcroForm 3 0 R>>", {3: b"3 0 R"}),
        raw_pdf(CATALOGUE + b">>", trailer=b"/Prev 9"),
        raw_pdf(CATALOGUE + b">>", trailer=b"/Encrypt 3 0 R"),
        raw_pdf(CATALOGUE + b">>", trailer=b"/XRefStm 9"),
        raw_pdf(CATALOGUE + b"/AcroForm<</Fields[3 0 R]>>>>", {3: b"<</T(a)/FT/Sig/Kids[3 0 R]>>"}),
        raw_pdf(CATALOGUE + b"/AcroForm<</Fields[3 0 R]>>>>", {3: b"<</T(a)/FT/Tx/V(x)>>"}),
        raw_pdf(CATALOGUE + b"/AcroForm<</Fields[<</T(a)/FT/Sig>>]>>>>"),
    ],
)
def test_hostile_or_rare_forms_are_left_to_pyhanko(document):
    with pytest.raises(UnusualPDFError):
        read_plainly(document)


@pytest.mark.parametrize(
    ("written", "instead"),
    [(b"0000000000 65535 f", b"0000000000 83905 f"), (b"/Size 12\n", b"/Size 39\n")],
)
def test_tables_that_pyhanko_refuses_are_left_to_it(written, instead):
    """A generation that cannot be, and a revision that has fewer objects than the one before."""
    assert written in SIGNED
    with pytest.raises(UnusualPDFError):
        read_plainly(SIGNED.replace(written, instead, 1))


def test_attachment_that_inflates_without_end_is_left_to_pyhanko():
    bomb = zlib.compress(b"\0" * (20 * 1024 * 1024))
    stream = b"<</Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (len(bomb), bomb)
    names = b"/Names<</EmbeddedFiles<</Names[(a)<</F(a)/EF<</F 3 0 R>>>>]>>>>>>"
    with pytest.raises(UnusualPDFError, match="longer"):
        read_plainly(raw_pdf(CATALOGUE + names, {3: stream}))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (b"<</A/B/C[1 -2 3.5 (x\\)\\050\\n)<4142>]/D 7 0 R>>", None),
        (b"/a#2Fb ", "/a/b"),
        (b"true ", True),
        (b"null]", None),
        (b"+7 ", 7),
        (b"-.5 ", -0.5),
    ],
)
def test_values_are_read(written, value):
    found, _ = objects.read_value(written, 0, objects.Purse())
    if value is None and found is not None:
        value = {"/A": "/B", "/C": [1, -2, 3.5, b"x)(\n", b"AB"], "/D": objects.Reference(7)}
    assert found == value


@pytest.mark.parametrize(
    "written",
    [
        b"<</A 1/A 2>>",
        b"<</A>>",
        b"<<1 2>>",
        b"[>>",
        b"]",
        b"7 1 R ",
        b"/#41 ",
        b"/ ",
        b"<abc>",
        b"(a\\z)",
        b"(a\\7b)",
        b"(a\\477)",
        b"(a\r)",
        b"(a(b))",
        b"% x\n1 ",
        b"12345678901 ",
        b"truely ",
        b"1.2.3 ",
    ],
)
def test_values_of_rare_forms_are_unusual(written):
    with pytest.raises(UnusualPDFError):
        objects.read_value(written, 0, objects.Purse())


def test_read_pdf_of_what_is_no_document_is_malformed():
    with pytest.raises(MalformedError):
        pdf.read_pdf(b"%PDF-1.7\n")
