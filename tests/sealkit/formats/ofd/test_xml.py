"""Checklist of the OFD fact sheet, items 15, 16 and 28: XML."""

import pytest

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.errors import OFDError

OFD = f'xmlns="{xml.NAMESPACE}"'


def reason(content):
    with pytest.raises(OFDError) as refused:
        xml.parse(content if isinstance(content, bytes) else content.encode())
    return refused.value.reason


def test_elements_of_both_namespaces_are_found():
    old = f'xmlns:o="{xml.OLD_NAMESPACE}"'
    root = xml.parse(f"<Page {OFD} {old}><o:Area/><Area/><Area xmlns=''/></Page>".encode())
    assert len(xml.children(root, "Area")) == len(xml.descendants(root, "Area")) == 2
    assert xml.is_called(root, "Page") and not xml.is_called(root, "Area")
    assert xml.namespace(root) == xml.NAMESPACE
    assert xml.namespace(root[2]) == "" and xml.local(root[2]) == "Area"


def test_what_is_not_there_has_no_children_and_no_text():
    assert xml.children(None, "Area") == []
    assert xml.child(None, "Area") is None
    assert xml.text(None) == ""


def test_comments_do_not_divide_text():
    assert xml.text(xml.parse(b"<a> one<!-- two -->three </a>")) == "onethree"


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE a>",
        '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>',
    ],
)
def test_a_doctype_is_refused(doctype):
    assert reason(f'<?xml version="1.0"?>{doctype}<a>&c;</a>') == "xml.doctype"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-7", "cp037"])
def test_a_doctype_in_another_encoding_is_no_way_in(encoding):
    content = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'.encode(encoding)
    assert reason(content) in {"xml.doctype", "xml.encoding", "xml.malformed"}


@pytest.mark.parametrize("declared", ["GBK", "utf-16", "cp037", "iso-8859-1", "rot13"])
def test_files_that_declare_another_encoding_are_refused(declared):
    """Readers that believe the declaration would see another text."""
    assert reason(f"<?xml version='1.0' encoding = '{declared}'?><a/>") == "xml.encoding"


@pytest.mark.parametrize("declared", ["UTF-8", "utf-8", "us-ascii"])
def test_files_that_declare_utf8_are_read(declared):
    content = f'\ufeff<?xml version="1.0" encoding="{declared}"?><a>名</a>'
    assert xml.text(xml.parse(content.encode())) == "名"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<a>",
        b"<a></b>",
        b"<a/><b/>",
        b"<a>&b;</a>",
        b"<a>\xff</a>",
        b"<a>\xed\xa0\x80</a>",
        b"<a>&#0;</a>",
        b"<p:a/>",
        b"a",
        b'<a b="" b=""/>',
        b'<a xmlns:=""/>',
    ],
)
def test_what_is_no_xml_is_refused(content):
    assert reason(content) == "xml.malformed"


def test_depth_is_bounded():
    def nested(depth):
        return b"<a>" * depth + b"</a>" * depth

    xml.parse(nested(xml.MAX_DEPTH))
    assert reason(nested(xml.MAX_DEPTH + 1)) == "xml.depth"


def test_size_and_markup_are_bounded():
    assert reason(b"<a>" + b" " * xml.MAX_BYTES + b"</a>") == "xml.size"
    assert reason(b"<a>" + b"<b/>" * xml.MAX_MARKS + b"</a>") == "xml.size"
    attributes = b" ".join(b'a%d=""' % number for number in range(xml.MAX_MARKS + 1))
    assert reason(b"<a " + attributes + b"/>") == "xml.size"


@pytest.mark.parametrize(
    "declaration",
    [
        f'xmlns="{"u" * 101}"',
        f"xmlns:p = '{'u' * 101}'",
        f'xmlns:{"p" * 101}="u"',
    ],
)
def test_long_namespaces_are_refused(declaration):
    """The parser puts the namespace before every name: a megabyte of it, ten thousand times."""
    assert reason(f"<a {declaration}/>") == "xml.size"


def test_all_files_of_a_walk_share_one_budget():
    budget = xml.Budget(bytes_left=20, marks_left=3)
    xml.parse(b"<a/>", budget)
    xml.parse(b"<a/>", budget)
    with pytest.raises(OFDError, match="all files"):
        xml.parse(b"<a></a>", budget)
    with pytest.raises(OFDError, match="all files"):
        xml.parse(b"<a>" + b" " * 20 + b"</a>", xml.Budget(bytes_left=20, marks_left=3))
