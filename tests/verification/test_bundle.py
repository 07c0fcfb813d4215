"""The offline bundle: what it says of its age, and what it takes to change it."""

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit import statements, tokens
from sealkit.errors import InvalidSignatureError, MalformedError, SealkitError
from sealkit.sm import sm3
from tests.conformance.bad_bundles import BAD_BUNDLES, under_two_roots
from tests.conformance.instants import AT
from tests.conformance.world import KIND_CODE
from verification.bundle import MAX_AGE, MAX_BUNDLE_BYTES, SCHEMA, build_bundle, read_bundle
from verification.report import Verdict
from verification.trust import SnapshotStatus
from verification.verify import verify


def made(world, *, at=AT, ages=None, signer=None, trust=None):
    regions = (trust or world.trust).regions
    signer = signer or world.signer("trust_bundle")
    return build_bundle(regions, world.sound_status.tokens, ages or {}, signer=signer, at=at)


def verdict(bundle, world, *, at=AT):
    report = verify(
        world.sound_code.encode(),
        trust=bundle.trust,
        status=SnapshotStatus(bundle.trust),
        log=None,
        register=None,
        at=at,
    )
    judged = bundle.judged(report, KIND_CODE)
    return judged.verdict, {finding.code for finding in judged.findings}


def test_a_fresh_bundle_is_all_that_a_code_needs(world):
    bundle = read_bundle(made(world), at=AT)
    assert verdict(bundle, world) == (Verdict.VALID, set())
    assert bundle.root == world.trust.regions[0].anchors[0]


def test_a_bundle_over_a_day_old_says_nothing_and_one_for_the_road_over_an_hour(world):
    later = AT + MAX_AGE + timedelta(seconds=1)
    answer, found = verdict(read_bundle(made(world), at=later), world, at=later)
    assert answer is Verdict.CANNOT_SAY
    assert "bundle.stale" in found
    road = made(world, at=AT - timedelta(hours=2), ages={KIND_CODE: timedelta(hours=1)})
    assert verdict(read_bundle(road, at=AT), world) == (Verdict.CANNOT_SAY, {"bundle.stale"})


def test_a_bundle_of_the_future_says_nothing(world):
    early = made(world, at=AT + timedelta(minutes=5))
    assert "bundle.from_future" in verdict(read_bundle(early, at=AT), world)[1]


def test_a_bundle_cannot_allow_itself_a_longer_life(world):
    members = json.loads(made(world))
    body = json.loads(base64.b64decode(members["body"]))
    body["max_age"] = 10**9
    members["body"] = base64.b64encode(json.dumps(body).encode()).decode()
    with pytest.raises(MalformedError):
        read_bundle(json.dumps(members).encode(), at=AT)


@pytest.mark.parametrize("name", BAD_BUNDLES)
def test_a_bundle_by_who_must_not_make_one_is_refused(world, name):
    with pytest.raises((InvalidSignatureError, MalformedError)):
        read_bundle(BAD_BUNDLES[name](world), at=AT)


def test_a_bundle_stands_on_the_root_that_certified_its_signer_and_on_no_other_it_names(world):
    content, root = under_two_roots(world)
    assert read_bundle(content, at=AT).root == root


def test_a_listed_key_that_leads_to_no_root_of_the_bundle_does_not_count(world, neighbour):
    foreign = world.trust_with(anchors=neighbour.region_trust.anchors)
    with pytest.raises(InvalidSignatureError):
        read_bundle(made(world, trust=foreign), at=AT)


def test_the_signature_of_one_bundle_does_not_fit_another(world):
    first, second = json.loads(made(world)), json.loads(made(world, at=AT - timedelta(hours=1)))
    with pytest.raises(MalformedError):
        read_bundle(json.dumps(first | {"body": second["body"]}).encode(), at=AT)


def resigned(world, *, iat=None, **changes):
    """Return a bundle with a changed body, signed again by the right key."""
    body = json.loads(base64.b64decode(json.loads(made(world))["body"])) | changes
    packed = json.dumps(body).encode()
    claims = {"body_sm3": sm3.digest(packed).hex(), "iat": iat or body["made_at"]}
    token = tokens.sign_token(claims, world.signer("trust_bundle"), typ=statements.BUNDLE)
    members = json.loads(made(world)) | {"signature": token}
    members["body"] = base64.b64encode(packed).decode()
    return json.dumps(members).encode()


def test_what_the_right_key_signed_is_still_read_strictly(world):
    assert read_bundle(resigned(world), at=AT).max_age == MAX_AGE
    for changes in (
        {"regions": []},
        {"regions": [3]},
        {"max_age": 10**9},
        {"max_age": "long"},
        {"kind_ages": None},
        {"iat": 1},
    ):
        with pytest.raises(MalformedError):
            read_bundle(resigned(world, **changes), at=AT)


def test_a_bundle_of_another_schema_without_signature_or_too_large_is_refused(world):
    members = json.loads(made(world))
    for content in (
        json.dumps(members | {"schema": "yinxin-bundle/9"}).encode(),
        json.dumps(members | {"signature": None}).encode(),
        b" " * (MAX_BUNDLE_BYTES + 1),
    ):
        with pytest.raises(MalformedError):
            read_bundle(content, at=AT)


def test_a_code_signer_revoked_in_the_bundle_is_revoked(world):
    trust = world.trust_revoking("code_signer", at=AT - timedelta(days=30))
    bundle = read_bundle(made(world, trust=replace(trust)), at=AT)
    assert verdict(bundle, world)[0] is Verdict.INVALID


@given(st.one_of(st.binary(max_size=300), st.text(max_size=60).map(str.encode)))
def test_any_bytes_are_a_bundle_or_refused(content):
    with pytest.raises(SealkitError):
        read_bundle(content, at=AT)


@given(st.dictionaries(st.sampled_from(["schema", "body", "signature"]), st.text(max_size=40)))
def test_any_members_are_a_bundle_or_refused(members):
    content = json.dumps({"schema": SCHEMA, **members}).encode()
    with pytest.raises(SealkitError):
        read_bundle(content, at=AT)
