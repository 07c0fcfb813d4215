"""Publishing our trust list: versions, renewal of the root, and what is removed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ca.keystore import FileKeystore
from mutual_recognition.errors import TrustListError
from mutual_recognition.store import RegionStore
from mutual_recognition.trust_list import ROOT_LIFE, TrustListKeys, make_root, renew_root
from verification.trust import RegionTrust
from yinxin.trust_publishing import KEPT_PUBLICATIONS, REPUBLISH_AFTER, Publisher

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
    files = [path for path in written if not path.endswith((".root.json", "state.json"))]
    assert files[-1] == "metadata/timestamp.json"
    assert written[written.index(files[0]) - 1] == written[-1] == "state.json"


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


def keys(*roots):
    return TrustListKeys(
        root=tuple(KEYSTORE.signer(f"trust_root_{n}") for n in roots),
        targets=KEYSTORE.signer("trust_targets"),
        online=KEYSTORE.signer("trust_online"),
    )


class WithoutRootKeys:
    """A keystore as production has it: the root keys are elsewhere."""

    certificate, signer = KEYSTORE.certificate, KEYSTORE.signer

    @staticmethod
    def names():
        return tuple(name for name in KEYSTORE.names() if not name.startswith("trust_root"))


def test_the_root_is_renewed_at_half_its_life_and_readers_of_the_first_follow(tmp_path):
    publisher = Publisher(tmp_path / "list", KEYSTORE)
    first = publisher.root(NOW - ROOT_LIFE / 2 - timedelta(days=1))
    publisher.publish(material(), at=NOW)
    assert publisher.file("metadata/2.root.json") and publisher.root(NOW) == first
    trust = RegionStore(tmp_path / "peer", first, region="650000").refresh(publisher.file)
    assert trust.region == "650000"


def test_a_reader_away_for_years_follows_every_root(tmp_path):
    publisher = Publisher(tmp_path / "list", KEYSTORE)
    first = publisher.root(NOW - 3 * ROOT_LIFE)
    for half_years in (5, 4, 3, 2, 1, 0):
        publisher.publish(material(), at=NOW - half_years * ROOT_LIFE / 2)
    assert RegionStore(tmp_path / "peer", first, region="650000").refresh(publisher.file)


def test_without_root_keys_a_renewed_root_is_brought_from_where_they_are(tmp_path):
    made = NOW - ROOT_LIFE / 2 - timedelta(days=1)
    first = Publisher(tmp_path / "list", KEYSTORE).root(made)
    publisher = Publisher(tmp_path / "list", WithoutRootKeys())
    publisher.publish(material(), at=NOW)
    assert publisher.file("metadata/2.root.json") is None
    publisher.adopt_root(renew_root(first, keys(1, 2), at=NOW))
    assert publisher.file("metadata/2.root.json")
    assert RegionStore(tmp_path / "peer", first, region="650000").refresh(publisher.file)


@pytest.mark.parametrize(
    "renewed",
    [
        make_root(keys(1), version=2, at=NOW),
        make_root(keys(1, 2, 3), version=3, at=NOW),
        make_root(keys(1, 2, 3), version=1, at=NOW),
        b"{}",
    ],
    ids=["one key", "a version left out", "no new version", "no root"],
)
def test_a_root_that_readers_would_not_follow_is_not_published(publisher, renewed):
    publisher.publish(material(), at=NOW)
    with pytest.raises(TrustListError):
        publisher.adopt_root(renewed)
    assert publisher.file("metadata/2.root.json") is None


def test_old_publications_are_removed_and_the_newest_stays_whole(publisher, tmp_path):
    for count in range(KEPT_PUBLICATIONS + 5):
        publisher.publish(material(f"新疆{count}"), at=NOW + timedelta(minutes=count))
    names = [file.name for file in (tmp_path / "list").rglob("*")]
    assert sum(name.endswith(".targets.json") for name in names) == KEPT_PUBLICATIONS
    assert sum(name.endswith(".trust.json") for name in names) == KEPT_PUBLICATIONS
    store = RegionStore(tmp_path / "peer", publisher.root(NOW), region="650000")
    assert store.refresh(publisher.file).name_zh == f"新疆{KEPT_PUBLICATIONS + 4}"
