"""Files that stand in many documents are read once, and only where their bytes are the same."""

import zlib

import pytest

from sealkit.formats.ofd import recurring
from sealkit.formats.ofd.container import read_package, write_package
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.recurring import content_of, fact_of


@pytest.fixture(autouse=True)
def memory(monkeypatch):
    monkeypatch.setattr(recurring, "_memory", recurring._Memory())


def read(content, *, counted):
    packed = zlib.compress(content)

    def unpack():
        counted.append(content)
        return bytes(bytearray(content))

    return content_of(memoryview(packed), zlib.crc32(content), len(content), unpack)


def test_file_is_kept_from_the_second_time_on():
    counted = []
    assert {read(b"background", counted=counted) for _ in range(5)} == {b"background"}
    assert len(counted) == 2


def test_other_bytes_with_the_same_checksum_and_sizes_are_unpacked():
    for _ in range(3):
        content_of(memoryview(b"packed"), 7, 9, lambda: b"the first")
    found = content_of(memoryview(b"forged"), 7, 9, lambda: b"the other")
    assert found == b"the other"


def test_fact_is_found_once_for_a_file_that_recurs():
    for _ in range(2):
        content = read(b"background", counted=[])
    found = []
    for number in range(3):
        assert fact_of(content, "first", lambda number=number: found.append(number) or number) == 0
    assert found == [0]


def test_fact_about_a_file_that_does_not_recur_is_found_each_time():
    assert [fact_of(b"once", "x", lambda number=number: number) for number in (1, 2)] == [1, 2]


def test_names_of_facts_are_bounded():
    for _ in range(2):
        content = read(b"background", counted=[])
    for number in range(100):
        fact_of(content, number, lambda: 0)
    assert len(recurring._memory._by_identity[id(content)].facts) == recurring.MAX_FACTS


def test_large_files_are_not_kept():
    counted = []
    for _ in range(4):
        read(b"0" * recurring.MAX_FILE_BYTES, counted=counted)
    assert len(counted) == 4


def test_all_is_forgotten_when_too_much_is_kept(monkeypatch):
    monkeypatch.setattr(recurring, "MAX_KEPT_BYTES", 1000)
    monkeypatch.setattr(recurring, "MAX_SEEN", 10)
    for number in range(300):
        for _ in range(2):
            read(b"%d" % number * 50, counted=[])
    assert recurring._memory._bytes < 2000
    assert len(recurring._memory._seen) <= 10


def test_changed_byte_of_a_file_that_recurs_is_seen():
    """The kept file lends its name to nothing: other bytes are read as other bytes."""
    entries = {"a.txt": b"the background of a kind" * 20}
    package = write_package(entries)
    for _ in range(3):
        assert read_package(package).entries == entries
    place = package.index(b"a.txt") + len(b"a.txt") + 8
    changed = package[:place] + bytes((package[place] ^ 1,)) + package[place + 1 :]
    with pytest.raises(OFDError):
        read_package(changed)
