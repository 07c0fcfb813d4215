"""Trust directories: written, read back, and refused when anything in them is wrong."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import MalformedError
from tests.conformance.instants import AT
from tests.conformance.world import STATUS_URI
from verification.errors import SourceUnavailableError
from verification.trust import RegionTrust, SnapshotStatus, TrustStore
from verification.trust_document import TrustDocument


@pytest.fixture(scope="module")
def full(world):
    token = world.sound_status.tokens[STATUS_URI]
    ended = replace(world.authority, code="X", valid_until=AT)
    return replace(
        world.region_trust,
        status_tokens={STATUS_URI: token},
        authorities=(world.authority, ended),
        crls=(*world.region_trust.crls, world.crl()),
    )


def test_a_region_survives_its_directory(full):
    read = RegionTrust.from_files(full.to_files())
    assert replace(read, crls=()) == replace(full, crls=())
    assert sorted(read.crls) == sorted(full.crls)


def test_a_region_whose_root_certifies_all_has_no_chain_file(world):
    flat = replace(world.region_trust, intermediates=())
    assert "chain.pem" not in flat.to_files()
    assert TrustStore((flat,)).region("650000") is flat
    assert TrustStore((flat,)).region("110000") is None


def test_the_files_have_their_names(full):
    names = set(full.to_files())
    wanted = {"root.pem", "chain.pem", "crl.der", "root.crl.der", "trust.json", "status-0.cwt"}
    assert wanted < names


def test_a_directory_with_only_a_root_loads(world):
    files = world.region_trust.to_files()
    bare = RegionTrust.from_files({"root.pem": files["root.pem"]})
    assert bare.anchors == world.region_trust.anchors
    assert (bare.region, bare.authorities, bare.log, bare.as_of) == ("", (), None, None)


def test_other_files_in_the_directory_are_passed_over(full):
    files = full.to_files() | {"README.txt": b"hello"}
    assert RegionTrust.from_files(files).region == full.region


def test_a_licence_is_valid_offline_with_a_whole_directory(world, full):
    store = TrustStore((RegionTrust.from_files(full.to_files()),))
    report = world.report(world.sound_ofd, trust=store, status=SnapshotStatus(store))
    assert report.verdict.value == "valid"


def test_a_licence_cannot_be_judged_with_only_root_and_chain(world):
    files = world.region_trust.to_files()
    part = {name: files[name] for name in ("root.pem", "chain.pem")}
    store = TrustStore((RegionTrust.from_files(part),))
    report = world.report(world.sound_ofd, trust=store, status=SnapshotStatus(store))
    assert report.verdict.value == "cannot_say"
    assert "authority.list_missing" in {finding.code for finding in report.findings}


def test_a_snapshot_has_no_other_list(world):
    with pytest.raises(SourceUnavailableError):
        SnapshotStatus(world.trust).token("https://elsewhere.example/")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("root.pem", b""),
        ("root.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        ("crl.der", b"no list"),
        ("trust.json", b"{"),
        ("trust.json", b"[]"),
        ("trust.json", b"[" * 100_000),
        ("huge.bin", bytes(9 * 1024 * 1024)),
    ],
)
def test_a_directory_with_a_wrong_file_is_refused(full, name, content):
    with pytest.raises(MalformedError):
        RegionTrust.from_files(full.to_files() | {name: content})


def test_a_directory_without_a_root_is_refused(full):
    files = full.to_files()
    del files["root.pem"]
    with pytest.raises(MalformedError):
        RegionTrust.from_files(files)


def test_a_directory_that_lacks_a_list_it_names_is_refused(full):
    files = full.to_files()
    del files["status-0.cwt"]
    with pytest.raises(MalformedError, match="status-0"):
        RegionTrust.from_files(files)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("schema", "other/1"),
        ("region", "65"),
        ("region", 650000),
        ("name_zh", None),
        ("name_zh", "\ud800"),
        ("status_lists", {"\udfff": "x"}),
        ("as_of", "yesterday"),
        ("authorities", {}),
        ("authorities", [1]),
        ("authorities", [{}]),
        ("code_signers", ["!!"]),
        ("code_signers", ["AAAA"]),
        ("log", {"origin": "x"}),
        ("status_lists", []),
        ("status_lists", {"https://x": "../x"}),
        ("surprise", 1),
    ],
)
def test_a_trust_document_with_a_wrong_member_is_refused(full, member, value):
    members = json.loads(full.to_files()["trust.json"]) | {member: value}
    with pytest.raises(MalformedError):
        TrustDocument.from_json(json.dumps(members).encode())


def test_an_unknown_member_of_an_authority_is_refused(full):
    members = json.loads(full.to_files()["trust.json"])
    members["authorities"][0]["surprise"] = 1
    with pytest.raises(MalformedError, match="unknown member"):
        TrustDocument.from_json(json.dumps(members).encode())


@given(st.binary(max_size=512))
def test_any_bytes_are_a_trust_document_or_malformed(document):
    try:
        TrustDocument.from_json(document)
    except MalformedError:
        pass


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["schema", "region", "authorities", "log", "as_of"]),
                inner,
                max_size=5,
            )
        ),
    )
)
def test_any_json_is_a_trust_document_or_malformed(members):
    try:
        TrustDocument.from_json(json.dumps(members).encode())
    except MalformedError:
        pass


def test_an_authority_holds_from_its_first_to_before_its_last_instant(world):
    authority = replace(world.authority, valid_from=AT, valid_until=AT + timedelta(days=1))
    assert not authority.holds_at(AT - timedelta(seconds=1))
    assert authority.holds_at(AT)
    assert not authority.holds_at(AT + timedelta(days=1))


def test_a_store_forgets_everything_when_it_has_kept_too_much(world):
    store = TrustStore((world.region_trust,))
    for number in range(5000):
        store.keep(("number", number), number)
    assert 0 < len(store.proven) <= 4096


def test_a_certificate_is_parsed_once(world):
    store = TrustStore((world.region_trust,))
    assert store.certificate(world.der("root")) is store.certificate(world.der("root"))
