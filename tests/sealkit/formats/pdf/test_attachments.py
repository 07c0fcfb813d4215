"""Attached files, as pyHanko and as a forger writes them."""

import zlib

import pytest

from sealkit.formats.pdf import attachments, document
from sealkit.formats.pdf.errors import MalformedPDFError
from tests.sealkit.formats.pdf.conftest import RECORD, make_pdf
from tests.sealkit.formats.pdf.raw import raw_pdf


def test_record_is_found(page):
    assert attachments(page) == {"licence.json": RECORD}


def test_chinese_names_are_kept():
    files = (("证照.json", b"1"), ("附件.txt", b"2"))
    assert attachments(make_pdf(files=files)) == {"证照.json": b"1", "附件.txt": b"2"}


def test_document_without_attachments_has_none():
    assert attachments(make_pdf(files=())) == {}
    assert attachments(raw_pdf(b"<</Type/Catalog/Pages 2 0 R/Names<<>>>>")) == {}


FILE = b"<</Type/Filespec/F(a)/EF<</F 9 0 R>>>>"


def tree(node, *others):
    """A document whose name tree is `node`; object 9 is a file, others are as given."""
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles " + node + b">>>>",
        {9: b"<</Length 4>>\nstream\nfile\nendstream", **dict(others)},
    )


def test_name_tree_of_several_levels_is_read_in_order():
    found = attachments(
        tree(
            b"<</Kids[3 0 R 4 0 R]>>",
            (3, b"<</Kids[5 0 R]>>"),
            (4, b"<</Names[(b)<</F(b)/EF<</F 9 0 R>>>>]>>"),
            (5, b"<</Names[(a)" + FILE + b"]>>"),
        )
    )
    assert list(found.items()) == [("a", b"file"), ("b", b"file")]


def test_name_falls_back_to_the_tree():
    assert attachments(tree(b"<</Names[(k)<</EF<</UF 9 0 R>>>>]>>")) == {"k": b"file"}


@pytest.mark.parametrize(
    "node",
    [
        b"<</Names[(a)" + FILE + b"(b)" + FILE + b"]>>",
        b"<</Names[(a)]>>",
        b"<</Names[(a) 7]>>",
        b"<</Names[(a)<</F(a)/EF<</F 2 0 R>>>>]>>",
        b"<</Names[(a)<</F(a)>>]>>",
        b"<</Kids 7>>",
        b"<</Kids[7]>>",
        b"[]",
        b"7",
    ],
    ids=["twice", "no value", "no file", "file no stream", "no EF", "kids", "kid", "array", "7"],
)
def test_other_trees_are_malformed(node):
    with pytest.raises(MalformedPDFError):
        attachments(tree(node))


def test_tree_that_holds_itself_is_malformed():
    with pytest.raises(MalformedPDFError):
        attachments(tree(b"3 0 R", (3, b"<</Kids[3 0 R 3 0 R]>>")))


def test_too_many_attachments_are_malformed():
    pairs = b"".join(b"(%d)<</F(%d)/EF<</F 9 0 R>>>>" % (n, n) for n in range(65))
    with pytest.raises(MalformedPDFError):
        attachments(tree(b"<</Names[" + pairs + b"]>>"))


def test_too_much_attached_is_malformed():
    """A file that unpacks to more than it may, packed once and packed twice."""
    once = zlib.compress(bytes(40 * document.MIB), 9)
    twice = zlib.compress(once, 9)
    for packed, filters in ((once, b"/FlateDecode"), (twice, b"[/FlateDecode/FlateDecode]")):
        stream = b"<</Filter%b/Length %d>>\nstream\n%b\nendstream" % (filters, len(packed), packed)
        with pytest.raises(MalformedPDFError):
            attachments(tree(b"<</Names[(a)" + FILE + b"]>>", (9, stream)))


def test_attachment_may_be_empty():
    assert attachments(make_pdf(files=(("empty", b""),))) == {"empty": b""}
