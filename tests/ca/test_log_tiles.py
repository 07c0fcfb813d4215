"""Tiles and bundles of the log, by the addresses of C2SP tlog-tiles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca.errors import UnknownLeafError
from ca.log import TransparencyLog
from ca.log_tiles import TileAddress, parse_tile_path, tile
from sealkit import merkle

LEAVES = [b"leaf %d" % number for number in range(600)]


@pytest.fixture
def grown(session, at):
    log = TransparencyLog("2026", "v.example.cn/log/2026")
    for leaf in LEAVES:
        log.append(session, leaf, at=at)
    return session


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("0/000", TileAddress(0, 0)),
        ("0/000.p/8", TileAddress(0, 0, 8)),
        ("1/x001/x234/067", TileAddress(1, 1_234_067)),
        ("entries/x001/000.p/255", TileAddress(None, 1000, 255)),
    ],
)
def test_address_is_read(path, address):
    assert parse_tile_path(path) == address


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0/0",
        "8/000",
        "-1/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/08",
        "0/000/",
        "0/001/000",
        "0/x000/001",
        "0/x001/x002",
        "checkpoint",
        "entries/../000",
        "0/٠٠٠",
        "0/000\n",
    ],
)
def test_other_addresses_are_refused(path):
    with pytest.raises(UnknownLeafError):
        parse_tile_path(path)


@given(st.text(max_size=40))
def test_any_text_gives_an_address_or_is_refused(path):
    try:
        assert 1 <= parse_tile_path(path).width <= 256
    except UnknownLeafError:
        pass


def test_hash_tiles_hold_the_tree(grown):
    hashes = [merkle.leaf_hash(leaf) for leaf in LEAVES]
    full = tile(grown, log="2026", address=parse_tile_path("0/001"))
    assert full == b"".join(hashes[256:512])
    partial = tile(grown, log="2026", address=parse_tile_path("0/002.p/88"))
    assert partial == b"".join(hashes[512:])
    above = tile(grown, log="2026", address=parse_tile_path("1/000.p/2"))
    assert above == merkle.root(hashes[:256]) + merkle.root(hashes[256:512])


def test_root_can_be_computed_from_tiles_alone(grown):
    hashes = b"".join(
        tile(grown, log="2026", address=parse_tile_path(path))
        for path in ("0/000", "0/001", "0/002.p/88")
    )
    split = [hashes[start : start + 32] for start in range(0, len(hashes), 32)]
    assert merkle.root(split) == TransparencyLog("2026", "").root(grown)


def test_bundle_holds_each_entry_after_its_length(grown):
    bundle = tile(grown, log="2026", address=parse_tile_path("entries/002.p/88"))
    read = []
    while bundle:
        length = int.from_bytes(bundle[:2])
        read.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    assert read == LEAVES[512:]


@pytest.mark.parametrize("path", ["0/002", "0/002.p/89", "1/000.p/3", "2/000.p/1", "entries/003"])
def test_tile_that_the_log_has_not_reached_is_refused(grown, path):
    with pytest.raises(UnknownLeafError):
        tile(grown, log="2026", address=parse_tile_path(path))
