"""What a peer may say, and what stays of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ca.keystore import FileKeystore
from mutual_recognition.store import RegionStore
from verification.trust import RegionTrust
from yinxin import trust as trust_module
from yinxin.trust import _of_peer
from yinxin.trust_publishing import Publisher

KEYSTORE = FileKeystore(Path("keys_dev/650000"))
# python-tuf's client reads the machine's clock, so these lists are made for today.
NOW = datetime.now(UTC)


def material(name_zh="新疆", region="650000"):
    return RegionTrust(region, name_zh, anchors=(KEYSTORE.certificate("root").der,), as_of=NOW)


@pytest.fixture
def publisher(tmp_path):
    return Publisher(tmp_path / "list", KEYSTORE)


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
