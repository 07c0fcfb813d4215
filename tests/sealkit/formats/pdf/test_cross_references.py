"""A document says in its cross-references how many objects it has; it may say anything."""

import pytest

from sealkit.formats.pdf import open_document
from sealkit.formats.pdf.cross_references import MAX_OBJECTS
from sealkit.formats.pdf.errors import MalformedPDFError


def with_stream(widths, index, content=b""):
    """A document of one object, its cross-references a stream."""
    head = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n"
    section = b"<</Type/XRef/Root 1 0 R/Size 9/W %s/Index %s/Length %d>>" % (
        widths,
        index,
        len(content),
    )
    stream = b"2 0 obj\n" + section + b"\nstream\n" + content + b"\nendstream\nendobj\n"
    return head + stream + b"startxref\n%d\n%%%%EOF\n" % len(head)


def with_table(entries):
    """A document of one object and a table of `entries` more."""
    head = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n"
    lines = b"0000000009 00000 n \n" * entries
    table = b"xref\n1 %d\n" % entries + lines
    trailer = b"trailer\n<</Root 1 0 R/Size %d>>\n" % (entries + 1)
    return head + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(head)


def test_stream_with_sound_entries_is_read():
    entries = b"\0\0\0" + b"\1\x09\0"
    assert open_document(with_stream(b"[1 1 1]", b"[0 2]", entries)).root["/Type"] == "/Catalog"


@pytest.mark.parametrize(
    "index",
    [
        b"[0 1000000000]",
        b"[0 15000 20000 15000]",
        b"[0 1000000000 1000000000 -999999999]",
    ],
)
def test_entries_of_no_bytes_are_counted(index):
    """A hundred bytes that name a thousand million objects, also with a negative count."""
    with pytest.raises(MalformedPDFError):
        open_document(with_stream(b"[0 0 0]", index))


@pytest.mark.parametrize(
    ("widths", "index"),
    [
        (b"[1 1]", b"[0 1]"),
        (b"[1 1 1 1]", b"[0 1]"),
        (b"[1 -1 1]", b"[0 1]"),
        (b"[1 1000000 1]", b"[0 1]"),
        (b"[1 1 1]", b"[0]"),
        (b"[1 1 1]", b"[(0) 1]"),
        (b"[1 1 1]", b"[-5 1]"),
        (b"7", b"[0 1]"),
        (b"7 0 R", b"[0 1]"),
    ],
)
def test_stream_of_another_form_is_malformed(widths, index):
    with pytest.raises(MalformedPDFError):
        open_document(with_stream(widths, index, b"\1\x09\0"))


def test_table_of_too_many_entries_is_malformed():
    with pytest.raises(MalformedPDFError, match="too many objects"):
        open_document(with_table(MAX_OBJECTS + 1))


def test_table_of_many_entries_is_read():
    assert open_document(with_table(1000)).root["/Type"] == "/Catalog"


def test_predecessor_that_is_no_number_is_malformed():
    plain = with_table(1)
    with pytest.raises(MalformedPDFError):
        open_document(plain.replace(b"/Size 2", b"/Size 2/Prev(x)"))


def test_an_open_document_stays_as_it_is():
    opened = open_document(with_table(1))
    assert open_document(opened) is opened
