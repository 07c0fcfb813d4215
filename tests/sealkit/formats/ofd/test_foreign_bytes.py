"""Checklist of the OFD fact sheet, item 28: any bytes give a value or an `OFDError`.

And no more memory than 64 MB for a file of 5 MB, whatever is in it.
"""

import random
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.container import Limits, read_package, write_package
from sealkit.formats.ofd.errors import LockedDocumentError, OFDError
from sealkit.formats.ofd.model import read_document
from sealkit.formats.ofd.signatures import read_signatures, unreachable
from tests.sealkit.formats.ofd.builder import (
    DOCUMENT,
    LISTING,
    PAGE_0,
    ROOT,
    SIGNATURE,
    SIGNS,
    TEMPLATE,
    document_of,
    licence_entries,
    replaced,
)

MEGABYTE = 1_000_000
FILE_BYTES, MEMORY_BYTES = 5 * MEGABYTE, 64 * MEGABYTE
often = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

FRAGMENTS = (
    *(b"", b"<", b">", b'"', b"/", b"..", b"/../..", b"\\", b"\0", b"-1", b"0", b"9" * 40),
    *(b"nan", b"inf", b"1e999", b"g", b"g 999999999999 1", b" ", b"\xff", "٣²".encode(), b"&#0;"),
    *(b"<!DOCTYPE a>", b"&b;", b"<!--", b"]]>", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"),
    *(b"<ofd:Page/>", b"<ofd:Signature/>", b' ID="9"', b' BaseLoc="/OFD.xml"', b"/OFD.xml"),
)

edits = st.lists(
    st.tuples(
        st.integers(0, 1 << 30),
        st.integers(0, 40),
        st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=12)),
    ),
    min_size=1,
    max_size=4,
)


def edited(content, changes):
    """Cut out `length` bytes at some place, and put others there."""
    for place, length, fragment in changes:
        start = place % (len(content) + 1)
        content = content[:start] + fragment + content[start + length :]
    return content


def read_all(document):
    """Read everything there is to read; None when the document is refused."""
    try:
        opened = read_document(document)
        signatures = read_signatures(opened)
    except OFDError as error:
        assert error.reason.split(".")[0] in {"zip", "xml", "ofd"}
        return None
    return opened, signatures, unreachable(opened, signatures)


@given(st.binary(max_size=400))
@often
def test_any_bytes(document):
    assert read_all(document) is None


@given(changes=edits)
@often
def test_a_package_with_bytes_changed(sealed, changes):
    read_all(edited(sealed, changes))


@given(name=st.integers(0, 16), changes=edits)
@often
def test_a_file_with_bytes_changed(sealed, name, changes):
    entries = dict(read_package(sealed).entries)
    name = list(entries)[name]
    entries[name] = edited(entries[name], changes)
    read_all(write_package(entries))


@given(first=st.integers(0, 16), second=st.integers(0, 16))
@often
def test_a_file_in_place_of_another(sealed, first, second):
    entries = dict(read_package(sealed).entries)
    names = list(entries)
    entries[names[first]] = entries[names[second]]
    read_all(write_package(entries))


@given(name=st.integers(0, 16), changes=edits)
@settings(often, max_examples=60)
def test_sealing_what_has_been_changed(sealed, seal, name, changes):
    """It is sealed, and then read with one seal more, or refused."""
    entries = dict(read_package(sealed).entries)
    name = list(entries)[name]
    document = write_package({**entries, name: edited(entries[name], changes)})
    try:
        again = seal(document)
    except (OFDError, LockedDocumentError):
        return
    before = read_signatures(read_document(document)).seals
    after = read_signatures(read_document(again)).seals
    assert len(after) == len(before) + 1
    assert [each.signature_xml for each in before] == [each.signature_xml for each in after[:-1]]
    assert after[-1].uncovered == () and all(each.matches for each in after[-1].references)


@given(st.one_of(st.binary(max_size=200), edits.map(lambda changes: edited(PAGE, changes))))
@often
def test_any_xml(content):
    try:
        root = xml.parse(content)
    except OFDError as error:
        assert error.reason.startswith("xml.")
    else:
        assert xml.local(root)


PAGE = licence_entries()[PAGE_0]


def noise(size):
    """Return bytes that deflate to no less than they are."""
    return random.Random(1).randbytes(size)


def peak_memory(document):
    """Return what reading holds at its highest, the document itself included."""
    tracemalloc.start()
    try:
        read_all(document)
        return len(document) + tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def costly(marks, number):
    """Return XML of names that are all different and as long as may be: the dearest kind."""
    names = f'xmlns="{"u" * 100}" xmlns:v="{"v" * 100}"'
    elements = (f'<a{number}_{mark} v:b{number}_{mark}=""/>' for mark in range(marks))
    return f"<r {names}>{''.join(elements)}</r>".encode()


def page_of(objects, number):
    shown = (f'<ofd:TextObject ID="{number}{mark:06}"/>' for mark in range(objects))
    return document_of("Page", "".join(shown))


def with_pages(pages):
    entries = licence_entries()
    listed = ""
    for number, content in enumerate(pages):
        listed += f'<ofd:Page ID="{number + 60}" BaseLoc="p{number}.xml"/>'
        entries[f"Doc_0/p{number}.xml"] = content
    return replaced(entries, DOCUMENT, "</ofd:Pages>", f"{listed}</ofd:Pages>")


def filled(entries):
    """Fill a package up to 5 MB, and to nearly all that it may inflate to."""
    room = Limits().max_total_bytes - FILE_BYTES - sum(map(len, entries.values()))
    entries = {**entries, "filling": noise(1000) * (room // 1000)}
    size = len(write_package(entries))
    document = write_package({**entries, "noise": noise(FILE_BYTES - size - 4000)})
    assert FILE_BYTES - 4000 < len(document) <= FILE_BYTES
    return document


MARKS = xml.MAX_MARKS - 20
FULL_PAGES = xml.Budget().marks_left // xml.MAX_MARKS
HOSTILE = {
    "nothing": licence_entries,
    "names": lambda: with_pages(costly(MARKS, number) for number in range(FULL_PAGES)),
    "objects": lambda: with_pages(page_of(MARKS, number) for number in range(1, FULL_PAGES + 1)),
    "text": lambda: replaced(
        licence_entries(), ROOT, " 65 ", "𠀀" + noise(xml.MAX_BYTES // 2 - 1000).hex()
    ),
    "template": lambda: {**licence_entries(), TEMPLATE: costly(MARKS, 0)},
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_file_of_five_megabytes_takes_less_than_64(kind):
    document = filled(HOSTILE[kind]())
    assert peak_memory(document) < MEMORY_BYTES
    assert read_all(document) is not None


def test_many_signatures_over_everything_take_no_more(seal):
    """Each names every file as often as it may; each file is hashed once."""
    entries = dict(read_package(seal(licence_entries())).entries)
    digest = "A" * 43 + "="
    reference = '<ofd:Reference FileRef="/noise"><ofd:CheckValue>' + digest
    references = f"{reference}</ofd:CheckValue></ofd:Reference>" * 1200
    body = f"<ofd:SignedInfo><ofd:References>{references}</ofd:References></ofd:SignedInfo>"
    rows = []
    for number in range(16):
        entries[f"{SIGNS}/{number}.xml"] = document_of("Signature", body)
        rows.append(f'<ofd:Signature ID="s{number}" BaseLoc="{number}.xml"/>')
    entries[LISTING] = document_of("Signatures", "".join(rows))
    document = filled(entries)
    assert len(read_signatures(read_document(document)).seals) == 16
    assert peak_memory(document) < MEMORY_BYTES


def test_one_file_named_by_every_page_is_not_parsed_without_end():
    """Five hundred pages of one content file, which is as large as may be."""
    entries = licence_entries()
    listed = '<ofd:Page ID="9" BaseLoc="Pages/Page_0/Content.xml"/>' * 490
    entries = replaced(entries, DOCUMENT, "</ofd:Pages>", f"{listed}</ofd:Pages>")
    entries[PAGE_0] = document_of("Page", "<a/>" * 15_000)
    with pytest.raises(OFDError, match=r"xml\.size"):
        read_document(write_package(entries))


def test_a_bomb_of_advances_is_counted_and_not_unfolded():
    deltas = "g 999999999 1 " * 1000
    entries = replaced(licence_entries(), PAGE_0, "g 1 4.2", deltas)
    assert read_document(write_package(entries)).problems[0][0] == "text.deltas"


def test_a_signature_that_describes_the_root_file_is_read_as_it_stands(sealed):
    """Signature.xml in place of the list, the list in place of Signature.xml."""
    entries = dict(read_package(sealed).entries)
    entries[LISTING], entries[SIGNATURE] = entries[SIGNATURE], entries[LISTING]
    assert read_all(write_package(entries)) is None
