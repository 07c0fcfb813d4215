"""A region's trust list through The Update Framework, and what a forger or a thief can do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ca.keystore import FileKeystore
from mutual_recognition.errors import TrustListError, TrustListUnreachableError
from mutual_recognition.store import RegionStore
from mutual_recognition.trust_list import TIMESTAMP_LIFE, TrustListKeys, make_root, publish
from verification.trust import RegionTrust

KEYS = Path("keys_dev")
# python-tuf's client reads the machine's clock, so these lists are made for today.
NOW = datetime.now(UTC)


def keys_of(region):
    keystore = FileKeystore(KEYS / region)
    return TrustListKeys(
        root=tuple(keystore.signer(f"trust_root_{number}") for number in (1, 2, 3)),
        targets=keystore.signer("trust_targets"),
        online=keystore.signer("trust_online"),
    )


OURS, THEIRS = keys_of("650000"), keys_of("440000")


def material(name_zh="新疆维吾尔自治区"):
    root = FileKeystore(KEYS / "650000").certificate("root")
    return RegionTrust(region="650000", name_zh=name_zh, anchors=(root.der,)).to_files()


ROOT = make_root(OURS, version=1, at=NOW)


def mirror_of(version=1, *, keys=OURS, root=ROOT, at=NOW, files=None):
    published = publish(files or material(), keys, version=version, at=at)
    return published | {"metadata/1.root.json": root}


@pytest.fixture
def store(tmp_path):
    return RegionStore(tmp_path, ROOT, region="650000")


def test_a_fresh_list_gives_the_trust_material(store):
    assert store.last_good() is None
    trust = store.refresh(mirror_of().get)
    assert trust.region == "650000"
    assert store.last_good() == trust


def test_a_newer_list_replaces_the_old(store):
    store.refresh(mirror_of(1).get)
    trust = store.refresh(mirror_of(2, files=material("新疆")).get)
    assert trust.name_zh == "新疆"
    assert store.last_good() == trust


def test_an_older_list_than_one_seen_is_refused_and_the_newer_one_kept(store):
    store.refresh(mirror_of(2, files=material("新的")).get)
    with pytest.raises(TrustListError):
        store.refresh(mirror_of(1).get)
    assert store.last_good().name_zh == "新的"


def test_a_list_signed_by_another_region_is_refused(store):
    forged = mirror_of(keys=THEIRS, root=make_root(THEIRS, version=1, at=NOW))
    with pytest.raises(TrustListError):
        store.refresh(forged.get)


def test_the_online_key_alone_cannot_add_an_authority(store):
    stolen = TrustListKeys(root=OURS.root, targets=OURS.online, online=OURS.online)
    with pytest.raises(TrustListError):
        store.refresh(mirror_of(keys=stolen).get)


def test_one_root_key_is_not_enough_for_a_new_root(store):
    one = TrustListKeys(root=OURS.root[:1], targets=THEIRS.targets, online=THEIRS.online)
    forged = make_root(one, version=2, at=NOW)
    mirror = mirror_of() | {"metadata/2.root.json": forged}
    with pytest.raises(TrustListError):
        store.refresh(mirror.get)


def test_a_frozen_mirror_is_noticed_when_its_timestamp_runs_out(store):
    old = mirror_of(at=NOW - TIMESTAMP_LIFE - timedelta(minutes=1))
    with pytest.raises(TrustListError):
        store.refresh(old.get)


def test_a_changed_target_is_refused(store):
    mirror = mirror_of()
    name = next(path for path in mirror if path.endswith("root.pem"))
    mirror[name] = mirror[name].replace(b"A", b"B", 1)
    with pytest.raises(TrustListError):
        store.refresh(mirror.get)


def test_a_mixture_of_two_publications_is_refused(store):
    mixed = mirror_of(2) | {
        "metadata/2.targets.json": mirror_of(1, files=material("旧"))["metadata/1.targets.json"]
    }
    with pytest.raises(TrustListError):
        store.refresh(mixed.get)


def test_a_silent_mirror_leaves_the_last_good_list(store):
    trust = store.refresh(mirror_of().get)

    def silent(_path):
        raise OSError("no route")

    with pytest.raises(TrustListUnreachableError):
        store.refresh(silent)
    assert store.last_good() == trust


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b'{"signed":{}}', b"[" * 5000])
def test_garbage_from_the_mirror_is_refused(store, content):
    with pytest.raises((TrustListError, TrustListUnreachableError)):
        store.refresh((mirror_of() | {"metadata/timestamp.json": content}).get)


@pytest.mark.parametrize("region", ["440000", ""])
def test_material_that_names_another_region_is_refused_and_not_kept(tmp_path, region):
    root = FileKeystore(KEYS / "650000").certificate("root")
    files = RegionTrust(region=region, name_zh="x", anchors=(root.der,)).to_files()
    store = RegionStore(tmp_path, ROOT, region="650000")
    with pytest.raises(TrustListError):
        store.refresh(mirror_of(files=files).get)
    assert store.last_good() is None


@pytest.mark.parametrize("name", ["..", ".", "../../x", ".hidden", "a/b"])
def test_a_target_named_like_a_path_is_passed_over(tmp_path, name):
    store = RegionStore(tmp_path / "peer", ROOT, region="650000")
    trust = store.refresh(mirror_of(files=material() | {name: b"x"}).get)
    assert trust.region == "650000"
    assert not (tmp_path / "x").exists()


def test_death_while_newer_material_is_kept_leaves_the_older_whole(store, tmp_path):
    trust = store.refresh(mirror_of(1).get)
    # As it is on disk when the process died between the two renamings.
    (tmp_path / "kept").rename(tmp_path / "kept.former")
    assert store.last_good() == trust
    newer = store.refresh(mirror_of(2, files=material("新疆")).get)
    assert store.last_good() == newer
    assert not (tmp_path / "kept.former").exists()
