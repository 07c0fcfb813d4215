"""Publishing our trust list, and what a peer may say."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ca.keystore import FileKeystore
from mutual_recognition.store import RegionStore
from verification.trust import RegionTrust
from yinxin import trust as trust_module
from yinxin.trust import REPUBLISH_AFTER, Publisher, _of_peer

KEYSTORE = FileKeystore(Path("keys_dev/650000"))
# python-tuf's client reads the machine's clock, so these lists are made for today.
NOW = datetime.now(UTC)


def material(name_zh="新疆", region="650000"):
    return RegionTrust(region, name_zh, anchors=(KEYSTORE.certificate("root").der,), as_of=NOW)


@pytest.fixture
def publisher(tmp_path):
    return Publisher(tmp_path / "list", KEYSTORE)


def version(publisher):
    timestamp = json.loads(publisher.file("metadata/timestamp.json"))
    return timestamp["signed"]["version"]


def test_it_is_published_anew_when_it_changed_or_grew_old(publisher):
    publisher.publish(material(), at=NOW)
    publisher.publish(material(), at=NOW)
    assert version(publisher) == 1
    publisher.publish(material("新疆维吾尔自治区"), at=NOW)
    assert version(publisher) == 2
    publisher.publish(material("新疆维吾尔自治区"), at=NOW + REPUBLISH_AFTER)
    assert version(publisher) == 3


def test_the_timestamp_is_written_when_everything_else_is_there(publisher, tmp_path, monkeypatch):
    written = []
    write = Publisher._write
    monkeypatch.setattr(
        Publisher, "_write", lambda self, path, c: (written.append(path), write(self, path, c))
    )
    publisher.publish(material(), at=NOW)
    files = [path for path in written if path != "state.json"]
    assert files[-1] == "metadata/timestamp.json"
    assert written[0] == written[-1] == "state.json"


def test_a_publication_cut_short_never_uses_its_version_again(publisher, monkeypatch):
    def cut_short(_self, path, content):
        if path == "metadata/timestamp.json":
            raise OSError("disk full")
        write(_self, path, content)

    write = Publisher._write
    monkeypatch.setattr(Publisher, "_write", cut_short)
    with pytest.raises(OSError, match="disk full"):
        publisher.publish(material(), at=NOW)
    monkeypatch.setattr(Publisher, "_write", write)
    publisher.publish(material(), at=NOW)
    assert version(publisher) == 2


@pytest.mark.parametrize(
    "path",
    [
        "state.json",
        "../state.json",
        "metadata/../state.json",
        "metadata/..",
        "metadata/.timestamp.json.new",
        "metadata/",
        "metadata/x\0",
        "metadata/" + "x" * 300,
        "metadata/" + "印" * 100,
        "/etc/passwd",
    ],
)
def test_nothing_else_is_served(publisher, path):
    publisher.publish(material(), at=NOW)
    assert publisher.file(path) is None


def introduced(publisher, folder, region):
    return RegionStore(folder, publisher.root(NOW), region=region)


def test_a_peer_that_speaks_in_anothers_name_is_not_heard(publisher, tmp_path, monkeypatch):
    monkeypatch.setattr(trust_module, "mirror_of", lambda _address: publisher.file)
    store = introduced(publisher, tmp_path / "peer", "650000")
    publisher.publish(material(), at=NOW)
    assert _of_peer(store, "650000", "").region == "650000"
    publisher.publish(material(region="440000"), at=NOW + timedelta(minutes=1))
    # What it said before it lied stays in use.
    assert _of_peer(store, "650000", "").region == "650000"
    other = introduced(publisher, tmp_path / "other", "650000")
    assert _of_peer(other, "650000", "") is None


def test_kept_material_damaged_on_disk_is_as_if_absent(publisher, tmp_path, monkeypatch):
    monkeypatch.setattr(trust_module, "mirror_of", lambda _address: publisher.file)
    publisher.publish(material(), at=NOW)
    store = introduced(publisher, tmp_path / "peer", "650000")
    assert _of_peer(store, "650000", "")
    (tmp_path / "peer" / "kept" / "root.pem").write_bytes(b"damaged")
    monkeypatch.setattr(trust_module, "mirror_of", lambda _address: lambda _path: None)
    assert _of_peer(store, "650000", "") is None
