"""A log is read whole and held to what it signed; each way it can cheat has its name."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca.keystore import FileKeystore
from mutual_recognition.errors import LogFaultError, LogUnreachableError
from mutual_recognition.log_audit import Seen, audit_log, tile_path
from sealkit import merkle
from sealkit.checkpoint import Checkpoint, sign_checkpoint
from sealkit.errors import MalformedError

KEYSTORE = FileKeystore(Path("keys_dev/650000"))
SIGNER, STRANGER = KEYSTORE.signer("log"), KEYSTORE.signer("receipt")
KEY = KEYSTORE.certificate("log").sm2_key
ORIGIN = "test.example.cn/log"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def entries(count, salt=b""):
    return [salt + number.to_bytes(4) for number in range(count)]


def served(leaves, *, signer=SIGNER, origin=ORIGIN, root=None):
    """Return the files of a log as it should serve them."""
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    checkpoint = Checkpoint(origin, len(leaves), root or merkle.root(hashes))
    files = {"checkpoint": sign_checkpoint(checkpoint, signer).to_bytes()}
    for start in range(0, len(leaves), 256):
        here = leaves[start : start + 256]
        bundle = b"".join(len(leaf).to_bytes(2) + leaf for leaf in here)
        files[tile_path("entries", start // 256, len(here))] = bundle
        files[tile_path("0", start // 256, len(here))] = b"".join(map(merkle.leaf_hash, here))
    return files


def found_in(files, seen=None):
    with pytest.raises(LogFaultError) as caught:
        audit_log(files.get, ORIGIN, KEY, seen=seen)
    return caught.value.defect


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 700])
def test_an_honest_log_holds_and_grows(count):
    leaves = entries(count)
    seen = audit_log(served(leaves).get, ORIGIN, KEY)
    assert seen.size == count
    more = audit_log(served([*leaves, b"new"]).get, ORIGIN, KEY, seen=seen)
    assert more.size == count + 1
    assert Seen.from_json(seen.to_json()) == seen


def test_a_checkpoint_of_another_key_or_log_is_named():
    assert found_in(served(entries(3), signer=STRANGER)) == "checkpoint"
    assert found_in(served(entries(3), origin="other.example.cn/log")) == "checkpoint"
    assert found_in({"checkpoint": b"garbage"}) == "checkpoint"


def test_a_root_that_its_entries_do_not_lead_to_is_named():
    assert found_in(served(entries(3), root=bytes(32))) == "root"


@pytest.mark.parametrize("place", [0, 299])
def test_an_entry_exchanged_is_named_by_its_tile(place):
    files = served(entries(300))
    other = entries(300)
    other[place] = b"else"
    forged = served(other)
    path = tile_path("entries", place // 256, 256 if place < 256 else 44)
    assert found_in(files | {path: forged[path]}) == "tile"


def test_an_entry_and_its_tile_exchanged_do_not_lead_to_the_root():
    files = served(entries(3))
    forged = served(entries(3, b"x"))
    assert found_in(forged | {"checkpoint": files["checkpoint"]}) == "root"


def test_a_rewritten_history_is_named_though_every_signature_holds():
    seen = audit_log(served(entries(5)).get, ORIGIN, KEY)
    rewritten = entries(9)
    rewritten[2] = b"else"
    assert found_in(served(rewritten), seen) == "history"
    assert found_in(served(entries(4)), seen) == "shrunk"
    emptied = Seen(ORIGIN, 0, bytes(32))
    assert found_in(served(entries(4)), emptied) == "history"
    assert found_in(served(entries(5)), Seen("other", 5, seen.root)) == "origin"


def test_a_bundle_cut_short_is_named():
    files = served(entries(3))
    path = tile_path("entries", 0, 3)
    assert found_in(files | {path: files[path][:-1]}) == "entries"
    assert found_in(files | {path: files[path][:6]}) == "entries"


def test_a_silent_log_is_not_called_faulty():
    files = served(entries(3))
    del files[tile_path("0", 0, 3)]
    with pytest.raises(LogUnreachableError):
        audit_log(files.get, ORIGIN, KEY)

    def silent(_path):
        raise OSError("no route")

    with pytest.raises(LogUnreachableError):
        audit_log(silent, ORIGIN, KEY)


@pytest.mark.parametrize(
    ("number", "path"), [(0, "000"), (67, "067"), (1000, "x001/000"), (1234067, "x001/x234/067")]
)
def test_tiles_have_the_names_of_the_published_layout(number, path):
    assert tile_path("0", number, 256) == f"tile/0/{path}"
    assert tile_path("entries", number, 7) == f"tile/entries/{path}.p/7"


@given(st.binary(max_size=200))
def test_any_record_of_a_log_is_read_or_refused(text):
    try:
        assert isinstance(Seen.from_json(text), Seen)
    except MalformedError:
        pass


@given(st.binary(max_size=200))
def test_any_checkpoint_and_bundle_give_an_answer(content):
    files = served(entries(3)) | {tile_path("entries", 0, 3): content}
    with pytest.raises(LogFaultError):
        audit_log(files.get, ORIGIN, KEY)
    with pytest.raises(LogFaultError):
        audit_log(lambda _path: content, ORIGIN, KEY)
