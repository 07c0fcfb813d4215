"""Checklist of the OFD fact sheet, items 15 and 28: the container."""

import io
import shutil
import struct
import subprocess
import warnings
import zipfile

import pytest

from sealkit.formats.ofd.container import Limits, read_package, write_package
from sealkit.formats.ofd.errors import OFDError

FILES = {"OFD.xml": b"<OFD/>" * 50, "Doc_0/Page.xml": b"page" * 100, "Doc_0/empty": b""}
LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"
NAME = b"Doc_0/Page.xml"


def archive(*entries, comment=b""):
    """Return what Python's zipfile makes of (ZipInfo or name, content) pairs."""
    written = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as writer:
        warnings.simplefilter("ignore", UserWarning)  # duplicate names are meant
        for entry, content in entries:
            writer.writestr(entry, content)
        writer.comment = comment
    return written.getvalue()


def reason(document, **limits):
    with pytest.raises(OFDError) as refused:
        read_package(document, Limits(**limits))
    return refused.value.reason


def patched(document, marker, offset, replacement):
    """Replace bytes at `offset` from the header of the second entry."""
    start = document.index(marker, document.index(marker) + 1) + offset
    return document[:start] + replacement + document[start + len(replacement) :]


class Stream(io.BytesIO):
    """What cannot be sought makes zipfile write data descriptors."""

    def seekable(self):
        return False

    def seek(self, *_):
        raise io.UnsupportedOperation


def streamed(*entries):
    written = Stream()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, content in entries:
            writer.writestr(name, content)
    return written.getvalue()


def test_what_was_written_is_read():
    package = read_package(write_package(FILES))
    assert dict(package.entries) == FILES
    assert list(package.entries) == list(FILES)
    assert package.problems == ()


def test_other_programs_read_what_was_written(tmp_path):
    """Sizes and checksums stand in the local headers; names and dates are plain."""
    document = write_package({**FILES, "Doc_0/附件.json": b"{}"})
    with zipfile.ZipFile(io.BytesIO(document)) as reader:
        assert reader.testzip() is None
        assert reader.read("Doc_0/附件.json") == b"{}"
        assert {entry.date_time for entry in reader.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        flags = {entry.filename: entry.flag_bits for entry in reader.infolist()}
    assert flags["OFD.xml"] == 0 and flags["Doc_0/附件.json"] == 0x800
    if shutil.which("unzip"):
        (tmp_path / "a.ofd").write_bytes(document)
        subprocess.run(["unzip", "-tqq", tmp_path / "a.ofd"], check=True)


def test_the_same_entries_give_the_same_bytes():
    assert write_package(FILES) == write_package(dict(FILES))


def test_untouched_entries_are_copied_as_they_are_packed():
    """Also those that another program packed in another way."""
    stored = zipfile.ZipInfo("OFD.xml")
    package = read_package(archive((stored, FILES["OFD.xml"]), ("b", b"b" * 500)))
    changed = {**package.entries, "b": b"c" * 500}
    again = read_package(write_package(changed, source=package))
    assert again.packed["OFD.xml"].method == zipfile.ZIP_STORED
    assert dict(again.entries) == changed


def test_packages_of_other_writers_are_read():
    """Stored entries, folders, and data descriptors with and without their mark."""
    stored = zipfile.ZipInfo("a/stored")
    plain = archive(("a/", b""), (stored, b"x"), ("a/b", b"y" * 99))
    assert dict(read_package(plain).entries) == {"a/stored": b"x", "a/b": b"y" * 99}
    marked = streamed(("a", b"first" * 9))
    assert dict(read_package(marked).entries) == {"a": b"first" * 9}
    mark = marked.index(b"PK\x07\x08")
    bare = bytearray(marked[:mark] + marked[mark + 4 :])
    start = struct.unpack_from("<L", bare, len(bare) - 6)[0]
    struct.pack_into("<L", bare, len(bare) - 6, start - 4)
    assert dict(read_package(bytes(bare)).entries) == {"a": b"first" * 9}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_names_without_flag_are_read_and_reported(encoding):
    """Some products write UTF-8, some GBK, and none of these sets the flag."""
    raw = "附件.xml".encode(encoding)
    placeholder = b"z" * len(raw)
    document = archive((placeholder.decode(), b"<a/>")).replace(placeholder, raw)
    package = read_package(document)
    assert list(package.entries) == ["附件.xml"]
    assert [code for code, _ in package.problems] == ["zip.name_encoding"]


def test_a_name_in_no_known_encoding_stays_as_it_is():
    document = archive(("@", b"")).replace(b"@", b"\x81")
    assert list(read_package(document).entries) == ["ü"]


@pytest.mark.parametrize("prefix", [b"\0", b"MZ", LOCAL])
def test_bytes_before_the_archive_are_refused(prefix):
    assert reason(prefix + write_package(FILES)) == "zip.stray_bytes"


@pytest.mark.parametrize("suffix", [b"\0", b"PK", b"PK\x05\x06"])
def test_bytes_after_the_archive_are_refused(suffix):
    assert reason(write_package(FILES) + suffix) == "zip.trailing_bytes"


def test_an_archive_comment_is_refused():
    assert reason(archive(("a", b""), comment=b"hello")) == "zip.trailing_bytes"


def test_a_comment_length_without_comment_is_refused():
    assert reason(write_package(FILES)[:-2] + b"\1\0") == "zip.trailing_bytes"


def test_bytes_between_entries_are_refused():
    """A file that the directory does not list lies between two that it does."""
    document = write_package(FILES)
    second = document.index(LOCAL, 4)
    hidden = write_package({"hidden": b"x"})
    hidden = hidden[: hidden.index(CENTRAL)]
    changed = bytearray(document[:second] + hidden + document[second:])
    position = changed.index(CENTRAL)
    for number in range(len(FILES)):
        if number:
            offset = struct.unpack_from("<L", changed, position + 42)[0]
            struct.pack_into("<L", changed, position + 42, offset + len(hidden))
        position = changed.find(CENTRAL, position + 4)
    start = struct.unpack_from("<L", changed, len(changed) - 6)[0]
    struct.pack_into("<L", changed, len(changed) - 6, start + len(hidden))
    assert reason(bytes(changed)) == "zip.stray_bytes"


def test_bytes_between_the_last_entry_and_the_directory_are_refused():
    document = bytearray(write_package(FILES))
    start = document.index(CENTRAL)
    document[start:start] = b"spare"
    struct.pack_into("<L", document, len(document) - 6, start + 5)
    assert reason(bytes(document)) == "zip.stray_bytes"


def test_bytes_between_the_directory_and_its_end_are_refused():
    document = write_package(FILES)
    assert reason(document[:-22] + b"spare" + document[-22:]) == "zip.stray_bytes"


@pytest.mark.parametrize(
    "second", ["Doc_0/Page.xml", "doc_0/page.XML", "Doc_0/Page.xml/"], ids=["same", "case", "dir"]
)
def test_two_entries_of_one_name_are_refused(second):
    assert reason(archive(("Doc_0/Page.xml", b"1"), (second, b""))) == "zip.duplicate"


@pytest.mark.parametrize(
    "name",
    ["/abs", "../up", "a/../b", "a/./b", "a//b", "./a", "a\\b", "C:/a", "a\tb", "a\x7f", "x" * 256],
)
def test_names_that_leave_the_package_or_mislead_are_refused(name):
    assert reason(archive((name, b""))) == "zip.name"


def test_a_name_with_nul_is_refused():
    """Python's own reader would cut the name there, and another reader would not."""
    assert reason(archive(("a@b", b"")).replace(b"a@b", b"a\0b")) == "zip.name"


def test_an_empty_name_is_refused():
    document = archive(("a", b""))
    entry, directory = document.index(LOCAL), document.index(CENTRAL)
    nameless = bytearray(document[:30] + document[31 : directory + 46] + document[directory + 47 :])
    struct.pack_into("<H", nameless, entry + 26, 0)
    struct.pack_into("<H", nameless, directory - 1 + 28, 0)
    struct.pack_into("<2L", nameless, len(nameless) - 10, 46, directory - 1)
    assert reason(bytes(nameless)) == "zip.name"


def test_a_file_that_another_lies_in_is_refused():
    assert reason(archive(("a", b"1"), ("A/b", b"2"))) == "zip.name"


def test_a_folder_with_content_is_refused():
    document = archive(("folder_", b"content")).replace(b"folder_", b"folder/")
    assert reason(document) == "zip.name"


@pytest.mark.parametrize("flag", [0x1, 0x40, 0x2000])
def test_encrypted_entries_are_refused(flag):
    document = patched(write_package(FILES), LOCAL, 6, struct.pack("<H", flag))
    document = patched(document, CENTRAL, 8, struct.pack("<H", flag))
    assert reason(document) == "zip.encrypted"


def test_other_methods_are_refused():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_BZIP2) as writer:
        writer.writestr("a", b"a")
    assert reason(written.getvalue()) == "zip.method"


@pytest.mark.parametrize("kind", [0x0001, 0x7075, 0x9901])
def test_extra_fields_that_say_something_else_are_refused(kind):
    """A Unicode name beside the name is the one that some readers go by."""
    entry = zipfile.ZipInfo("a")
    entry.extra = struct.pack("<2H", 0x5455, 1) + b"\0" + struct.pack("<2H", kind, 8) + bytes(8)
    assert reason(archive((entry, b"1"))) == "zip.extra_field"


@pytest.mark.parametrize(
    ("kind", "length"),
    [(0x000A, 33), (0x5455, 14), (0x7875, 16), (0xCAFE, 1), (0xBEEF, 0), (0xD935, 2)],
)
def test_extra_fields_with_room_for_something_else_are_refused(kind, length):
    """No seal covers them, so nothing may be said in them."""
    entry = zipfile.ZipInfo("a")
    entry.extra = struct.pack("<2H", kind, length) + bytes(length)
    assert reason(archive((entry, b"1"))) == "zip.extra_field"


def test_an_extra_field_that_is_cut_is_refused():
    entry = zipfile.ZipInfo("a")
    entry.extra = struct.pack("<2HB", 0x5455, 1, 0) + b"abc"
    assert reason(archive((entry, b"1"))) == "zip.extra_field"


def test_an_extra_field_that_is_repeated_is_refused():
    entry = zipfile.ZipInfo("a")
    entry.extra = (struct.pack("<2H", 0x000A, 32) + b"hidden text".ljust(32)) * 2
    assert reason(archive((entry, b"1"))) == "zip.extra_field"


def test_times_and_owners_in_extra_fields_are_read_over():
    entry = zipfile.ZipInfo("a")
    entry.extra = struct.pack("<2HBL", 0x5455, 5, 1, 0) + struct.pack("<2H", 0xCAFE, 0)
    assert dict(read_package(archive((entry, b"1"))).entries) == {"a": b"1"}


def test_the_comment_of_an_entry_is_refused():
    entry = zipfile.ZipInfo("a")
    entry.comment = b"hello"
    assert reason(archive((entry, b"1"))) == "zip.comment"


def test_an_archive_that_is_a_pdf_as_well_is_refused():
    stored = zipfile.ZipInfo("a")
    assert reason(archive((stored, b"%PDF-1.7"))) == "zip.stray_bytes"
    assert "a" in read_package(archive((stored, bytes(1024) + b"%PDF-1.7"))).entries


def test_an_extra_field_of_the_local_header_only_is_refused():
    document = bytearray(write_package({"a": b"1"}))
    document[31:31] = struct.pack("<2H", 0x7075, 0)
    struct.pack_into("<H", document, 28, 4)
    start = struct.unpack_from("<L", document, len(document) - 6)[0]
    struct.pack_into("<L", document, len(document) - 6, start + 4)
    assert reason(bytes(document)) == "zip.extra_field"


@pytest.mark.parametrize(
    ("offset", "value"),
    [
        (6, struct.pack("<H", 0x800)),
        (8, struct.pack("<H", 0)),
        (14, bytes(4)),
        (18, struct.pack("<L", 1)),
        (22, struct.pack("<L", 1)),
        (30, b"Doc_0/Page.xmL"),
    ],
    ids=["flags", "method", "checksum", "packed", "size", "name"],
)
def test_headers_that_disagree_are_refused(offset, value):
    assert reason(patched(write_package(FILES), LOCAL, offset, value)) == "zip.headers_disagree"


def test_a_local_header_that_is_none_is_refused():
    assert reason(patched(write_package(FILES), LOCAL, 0, b"PK\3\5")) == "zip.malformed"


def test_a_data_descriptor_that_disagrees_is_refused():
    document = streamed(("a", b"first" * 9))
    mark = document.index(b"PK\x07\x08")
    changed = document[: mark + 4] + b"\0" + document[mark + 5 :]
    assert reason(changed) == "zip.headers_disagree"


@pytest.mark.parametrize("size", [1, 399, 401, 5000])
def test_content_longer_or_shorter_than_listed_is_refused(size):
    document = write_package(FILES)
    for marker, offset in ((LOCAL, 22), (CENTRAL, 24)):
        document = patched(document, marker, offset, struct.pack("<L", size))
    assert reason(document) == "zip.headers_disagree"


def test_content_that_fails_its_checksum_is_refused():
    document = write_package(FILES)
    for marker, offset in ((LOCAL, 14), (CENTRAL, 16)):
        document = patched(document, marker, offset, b"\1\2\3\4")
    assert reason(document) == "zip.headers_disagree"


def test_a_stream_that_does_not_inflate_is_refused():
    document = write_package({"a": b"content" * 40})
    start = document.index(b"a", 30) + 1
    assert reason(document[:start] + b"\xff\xff" + document[start + 2 :]) == "zip.malformed"


def test_an_entry_that_reaches_past_the_end_is_refused():
    document = write_package({"a": b"content" * 40})
    for marker, offset in ((LOCAL, 18), (CENTRAL, 20)):
        start = document.index(marker) + offset
        document = document[:start] + struct.pack("<L", 1 << 20) + document[start + 4 :]
    assert reason(document) == "zip.malformed"


def test_an_entry_said_to_begin_in_the_directory_is_refused():
    document = bytearray(write_package({"a": b"1"}))
    directory, end = document.index(CENTRAL), len(document) - 22
    record = document[directory:end]
    record[-1:] = b"b"
    struct.pack_into("<L", record, 42, directory)
    struct.pack_into("<2H2L", document, end + 8, 2, 2, 2 * len(record), directory)
    document[end:end] = record
    assert reason(bytes(document)) == "zip.malformed"


@pytest.mark.parametrize(
    ("offset", "value", "expected"),
    [
        (4, b"\1\0", "zip.malformed"),
        (8, b"\1\0", "zip.malformed"),
        (8, b"\4\0\4\0", "zip.headers_disagree"),
        (8, b"\2\0\2\0", "zip.headers_disagree"),
        (12, b"\1\0\0\0", "zip.stray_bytes"),
    ],
)
def test_an_end_record_that_disagrees_is_refused(offset, value, expected):
    document = bytearray(write_package(FILES))
    start = len(document) - 22 + offset
    document[start : start + len(value)] = value
    assert reason(bytes(document)) == expected


def test_a_directory_record_that_is_none_is_refused():
    """The mark that is counted stands in a comment, and no record where one should be."""
    document = bytearray(write_package({"a": b"1"}))
    start = document.index(CENTRAL)
    document[start : start + 4] = b"PK\1\3"
    document[start + 30 : start + 34] = CENTRAL
    assert reason(bytes(document)) == "zip.malformed"


@pytest.mark.parametrize("document", [b"", b"PK", b"%PDF-1.7\n" * 9, bytes(100)])
def test_what_is_no_archive_is_refused(document):
    assert reason(document) == "zip.malformed"


def test_zip64_is_refused():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as writer, writer.open("a", "w", force_zip64=True) as file:
        file.write(b"content")
    assert reason(written.getvalue()) == "zip.extra_field"


def test_too_many_entries_are_refused_before_any_is_read():
    document = write_package({f"{number}": b"" for number in range(11)})
    assert reason(document, max_entries=10) == "zip.too_many_entries"
    assert len(read_package(document, Limits(max_entries=11)).entries) == 11


def test_bombs_are_refused():
    """By the size of one entry, of all together, and by the ratio."""
    bomb = write_package({"a": bytes(3_000_000), "b": b"1"})
    assert reason(bomb, max_entry_bytes=2_999_999) == "zip.bomb"
    assert reason(bomb, max_total_bytes=3_000_000) == "zip.bomb"
    assert reason(bomb) == "zip.bomb"
    assert len(read_package(bomb, Limits(max_ratio=2000)).entries) == 2


def test_a_large_file_may_inflate_in_proportion():
    document = write_package({"a": bytes(range(256)) * 40})
    limits = Limits(max_total_bytes=100, max_growth=10_240 // len(document) + 1)
    assert len(read_package(document, limits).entries["a"]) == 10_240
