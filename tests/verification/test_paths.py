"""Path rules that the shared vectors do not reach: other keys, hostile pools, lists in time."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import core, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko_certvalidator.sig_validate import SignatureValidationContext

from sealkit.errors import MalformedError
from tests.sealkit.formats.pdf.authorities import (
    END,
    START,
    P256Key,
    SM2Key,
    certificate,
    revocation_list,
)
from verification.path_building import Limits
from verification.paths import PathVerdict, validate_path
from verification.sm2_validator import SignatureMemory, SM2SignatureValidator

AT = datetime(2030, 6, 1, tzinfo=UTC)
CA = ("key_cert_sign", "crl_sign")
SIGN = ("digital_signature", "non_repudiation")


class Chain:
    """Root, sub CA and leaf, each replaceable."""

    def __init__(self, make_key=SM2Key):
        self.root_key, self.sub_key, self.leaf_key = make_key(), make_key(), make_key()
        self.root = certificate("root", self.root_key, "root", self.root_key, ca=True, usage=CA)
        self.sub = certificate("sub", self.sub_key, "root", self.root_key, ca=True, usage=CA)
        self.leaf = self.issue("leaf")

    def issue(self, name, **more):
        more = {"usage": SIGN} | more
        return certificate(name, self.leaf_key, "sub", self.sub_key, **more)

    def outcome(self, leaf=None, **changes):
        arguments = {
            "intermediates": [self.sub],
            "anchors": [self.root],
            "crls": [],
            "at": AT,
            "purpose": "sign",
            "require_revocation": False,
        }
        return validate_path(self.leaf if leaf is None else leaf, **(arguments | changes))

    def lists(self, revoked=(), **more):
        """Fresh lists of both authorities; `more` is for the sub CA's."""
        return [
            revocation_list("root", self.root_key),
            revocation_list("sub", self.sub_key, revoked, **more),
        ]

    def judged(self, revoked=(), leaf=None, at=AT, **more):
        crls = self.lists(revoked, **more)
        return self.outcome(leaf, crls=crls, require_revocation=True, at=at)


@pytest.fixture(scope="module")
def chain():
    return Chain()


def serial(der):
    return x509.Certificate.load(der).serial_number


def extension(name, value, *, critical=False):
    return {"extn_id": name, "critical": critical, "extn_value": value}


# Keys and algorithms


@pytest.mark.parametrize("make_key", [SM2Key, P256Key])
def test_chain_of_either_key_holds(make_key):
    chain = Chain(make_key)
    outcome = chain.outcome()
    assert outcome.verdict is PathVerdict.OK
    assert outcome.chain == (chain.leaf, chain.sub, chain.root)


def test_sm2_root_may_stand_over_an_ecdsa_key(chain):
    leaf = certificate("mixed", P256Key(), "sub", chain.sub_key, usage=SIGN)
    assert chain.outcome(leaf).reason_code == "ok"


def test_signature_named_sm2_under_an_ecdsa_key_does_not_hold():
    class Liar(P256Key):
        mechanism = SM2Key.mechanism

    assert Chain(Liar).outcome().reason_code == "bad_signature"


def test_signature_named_ecdsa_under_an_sm2_key_does_not_hold():
    class Liar(SM2Key):
        mechanism = P256Key.mechanism

    assert Chain(Liar).outcome().reason_code == "bad_signature"


@pytest.mark.parametrize(
    ("parameters", "reason"), [(core.Null(), "ok"), (core.Integer(1), "malformed")]
)
def test_sm2_parameters_may_be_null_and_nothing_else(parameters, reason):
    key = type("Key", (SM2Key,), {"parameters": parameters})
    assert Chain(key).outcome().reason_code == reason


def test_two_algorithms_named_are_malformed(chain):
    forged = x509.Certificate.load(chain.leaf).copy()
    forged["signature_algorithm"] = {"algorithm": "sha256_ecdsa"}
    assert chain.outcome(forged.dump(force=True)).reason_code == "malformed"


def test_inner_bytes_are_checked_as_they_came(chain):
    at = chain.leaf.index(b"leaf")
    forged = chain.leaf[:at] + b"lead" + chain.leaf[at + 4 :]
    assert chain.outcome(forged).reason_code == "bad_signature"


# Anchors


def test_anchor_itself_is_a_path(chain):
    outcome = chain.outcome(chain.root, purpose="any")
    assert (outcome.reason_code, outcome.chain) == ("ok", (chain.root,))


def test_anchor_is_no_signing_certificate(chain):
    assert chain.outcome(chain.root).reason_code == "key_usage_mismatch"


def test_anchor_out_of_time_ends_the_path(chain):
    old = certificate(
        "root",
        chain.root_key,
        "root",
        chain.root_key,
        ca=True,
        usage=CA,
        not_after=AT - timedelta(1),
    )
    assert chain.outcome(anchors=[old]).reason_code == "expired"


def test_sub_ca_may_be_the_anchor(chain):
    outcome = chain.outcome(anchors=[chain.sub], intermediates=[])
    assert (outcome.reason_code, len(outcome.chain)) == ("ok", 2)


def test_no_anchor_at_all_is_unknown(chain):
    outcome = chain.outcome(anchors=[], intermediates=[chain.sub, chain.root])
    assert (outcome.verdict, outcome.reason_code) == (PathVerdict.UNKNOWN, "no_trust_anchor")


def test_root_renewed_under_its_name_is_unknown_not_bad(chain):
    """An old trust store meets a new root of the same name: nobody has lied."""
    renewed = Chain()
    outcome = renewed.outcome(anchors=[chain.root], intermediates=[renewed.sub, renewed.root])
    assert outcome.reason_code == "no_trust_anchor"


def test_unreadable_anchor_is_our_own_mistake(chain):
    with pytest.raises(MalformedError):
        chain.outcome(anchors=[b"\x30\x00"])


# Pools


def test_unreadable_members_are_passed_over(chain):
    pool = [b"", b"\x30\x03\x02\x01\x00", chain.leaf[:-1], chain.sub + b"\0", chain.sub]
    crls = [b"nonsense", *chain.lists()]
    outcome = chain.outcome(intermediates=pool, crls=crls, require_revocation=True)
    assert outcome.reason_code == "ok"


def test_authorities_that_certify_each_other_end_the_search():
    one, other = SM2Key(), SM2Key()
    pool = [
        certificate("one", one, "other", other, ca=True, usage=CA),
        certificate("other", other, "one", one, ca=True, usage=CA),
    ]
    leaf = certificate("leaf", SM2Key(), "one", one, usage=SIGN)
    outcome = Chain().outcome(leaf, intermediates=pool)
    assert (outcome.verdict, outcome.reason_code) == (PathVerdict.UNKNOWN, "no_trust_anchor")


def test_everyone_certifying_everyone_costs_a_bounded_number_of_checks(chain):
    keys = [SM2Key() for _ in range(8)]
    pool = [
        certificate(f"ca{i}", key, f"ca{j}", by, ca=True, usage=CA)
        for i, key in enumerate(keys)
        for j, by in enumerate(keys)
        if i != j
    ]
    leaf = certificate("leaf", SM2Key(), "ca0", keys[0], usage=SIGN)
    outcome = chain.outcome(leaf, intermediates=pool)
    assert (outcome.verdict, outcome.reason_code) == (PathVerdict.UNKNOWN, "too_much_work")


def test_thousand_namesakes_are_not_all_asked(chain):
    impostor = SM2Key()
    pool = [
        certificate("sub", impostor, "root", impostor, ca=True, path_length=n + 1)
        for n in range(1000)
    ]
    limits = Limits(certificates=64, signature_checks=16)
    outcome = chain.outcome(intermediates=[*pool, chain.sub], limits=limits)
    assert outcome.reason_code == "too_much_work"
    assert chain.outcome(intermediates=[chain.sub, *pool], limits=limits).reason_code == "ok"


def test_way_may_not_be_longer_than_allowed():
    keys = [SM2Key() for _ in range(6)]
    root = certificate("ca0", keys[0], "ca0", keys[0], ca=True, usage=CA)
    pool = [
        certificate(f"ca{n}", keys[n], f"ca{n - 1}", keys[n - 1], ca=True, usage=CA)
        for n in range(1, 6)
    ]
    leaf = certificate("leaf", SM2Key(), "ca5", keys[5], usage=SIGN)
    chain = Chain()
    assert chain.outcome(leaf, intermediates=pool, anchors=[root]).reason_code == "ok"
    short = chain.outcome(leaf, intermediates=pool, anchors=[root], limits=Limits(way_length=5))
    assert short.reason_code == "no_trust_anchor"


def test_self_signed_double_of_the_anchor_does_not_hide_it(chain):
    double = certificate(
        "root", chain.root_key, "root", chain.root_key, ca=True, usage=CA, path_length=1
    )
    assert chain.outcome(intermediates=[double, chain.sub]).reason_code == "ok"


def test_broken_way_to_an_anchor_tells_more_than_an_unknown_root(chain):
    """Whoever was found out cannot hide behind a root nobody knows."""
    stranger = SM2Key()
    cross = certificate("sub", chain.sub_key, "stranger", stranger, ca=True, usage=CA)
    leaf = chain.issue("old", not_after=AT - timedelta(1))
    outcome = chain.outcome(leaf, intermediates=[cross, chain.sub])
    assert (outcome.verdict, outcome.reason_code) == (PathVerdict.BAD, "expired")


def test_works_inside_an_event_loop(chain):
    async def judged():
        return chain.outcome()

    assert asyncio.run(judged()).reason_code == "ok"


# Rules


def test_repeated_extension_is_malformed(chain):
    twice = extension("extended_key_usage", ["client_auth"])
    assert chain.outcome(chain.issue("twice", more=[twice, twice])).reason_code == "malformed"


@pytest.mark.parametrize(
    ("purpose", "usage", "eku", "reason"),
    [
        ("sign", ("non_repudiation",), (), "ok"),
        ("sign", ("key_agreement",), (), "key_usage_mismatch"),
        ("sign", SIGN, ("time_stamping",), "eku_mismatch"),
        ("sign", SIGN, ("ocsp_signing", "time_stamping"), "eku_mismatch"),
        ("sign", SIGN, ("email_protection",), "ok"),
        ("encrypt", ("key_encipherment",), (), "ok"),
        ("encrypt", SIGN, (), "key_usage_mismatch"),
        ("timestamp", SIGN, ("time_stamping",), "ok"),
        ("timestamp", SIGN, ("time_stamping", "client_auth"), "eku_mismatch"),
        ("ocsp", ("digital_signature",), ("ocsp_signing",), "ok"),
        ("ocsp", ("non_repudiation",), ("ocsp_signing",), "key_usage_mismatch"),
        ("ocsp", ("digital_signature",), (), "eku_mismatch"),
        ("any", ("key_agreement",), ("time_stamping",), "ok"),
    ],
)
def test_purpose_is_enforced(chain, purpose, usage, eku, reason):
    leaf = chain.issue("purpose", usage=usage, eku=eku)
    assert chain.outcome(leaf, purpose=purpose).reason_code == reason


def test_timestamp_usage_must_be_critical(chain):
    leaf = chain.issue("tsa", more=[extension("extended_key_usage", ["time_stamping"])])
    assert chain.outcome(leaf, purpose="timestamp").reason_code == "eku_mismatch"


def test_name_constraint_nobody_can_read_does_not_pass():
    chain = Chain()
    limits = x509.NameConstraints(
        {"permitted_subtrees": [{"base": x509.GeneralName("ip_address", "10.0.0.0/8")}]}
    )
    chain.sub = certificate(
        "sub",
        chain.sub_key,
        "root",
        chain.root_key,
        ca=True,
        usage=CA,
        more=[extension("name_constraints", limits, critical=True)],
    )
    names = x509.GeneralNames([x509.GeneralName("ip_address", "10.1.1.1")])
    leaf = chain.issue("leaf", more=[extension("subject_alt_name", names)])
    assert chain.outcome(leaf).reason_code == "name_constraint"


def test_what_only_the_library_refuses_is_refused():
    """A policy required by the sub CA and carried by nobody."""
    chain = Chain()
    required = extension("policy_constraints", {"require_explicit_policy": 0}, critical=True)
    chain.sub = certificate(
        "sub", chain.sub_key, "root", chain.root_key, ca=True, usage=CA, more=[required]
    )
    outcome = chain.outcome()
    assert (outcome.verdict, outcome.reason_code) == (PathVerdict.BAD, "path_refused")


# Revocation


def test_certificate_not_listed_is_good(chain):
    assert chain.judged().reason_code == "ok"


def test_certificate_is_revoked_from_the_moment_listed(chain):
    revoked = [(serial(chain.leaf), AT, {})]
    outcome = chain.judged(revoked)
    assert (outcome.verdict, outcome.reason_code) == (PathVerdict.BAD, "revoked")
    assert outcome.revoked_at == AT


def test_certificate_revoked_later_was_good(chain):
    revoked = [(serial(chain.leaf), AT + timedelta(1), {})]
    outcome = chain.judged(revoked, this_update=AT + timedelta(2))
    assert (outcome.reason_code, outcome.revoked_at) == ("ok", AT + timedelta(1))


def test_compromised_key_is_bad_since_it_was_compromised(chain):
    entry = {"crl_reason": "key_compromise", "invalidity_date": AT - timedelta(30)}
    revoked = [(serial(chain.leaf), AT + timedelta(1), entry)]
    outcome = chain.judged(revoked)
    assert (outcome.reason_code, outcome.revoked_at) == ("revoked", AT - timedelta(30))


def test_entry_taken_off_the_list_counts_no_more(chain):
    revoked = [(serial(chain.leaf), AT - timedelta(1), {"crl_reason": "remove_from_crl"})]
    assert chain.judged(revoked).reason_code == "ok"


def test_listing_counts_even_on_a_stale_list(chain):
    revoked = [(serial(chain.leaf), AT - timedelta(9), {})]
    assert chain.judged(revoked, next_update=AT - timedelta(1)).reason_code == "revoked"
    assert chain.judged(next_update=AT - timedelta(1)).reason_code == "crl_expired"


def test_listing_counts_when_revocation_is_not_asked_for(chain):
    revoked = [(serial(chain.leaf), AT - timedelta(9), {})]
    assert chain.outcome(crls=chain.lists(revoked)[1:]).reason_code == "revoked"
    assert chain.outcome(crls=[]).reason_code == "ok"


def test_newest_list_decides(chain):
    held = [(serial(chain.leaf), AT - timedelta(9), {"crl_reason": "certificate_hold"})]
    crls = [*chain.lists(held), *chain.lists(this_update=AT - timedelta(1))]
    assert chain.outcome(crls=crls, require_revocation=True).reason_code == "ok"


def test_revoked_beats_a_missing_list_above(chain):
    revoked = [(serial(chain.leaf), AT - timedelta(9), {})]
    crls = chain.lists(revoked)[1:]
    assert chain.outcome(crls=crls, require_revocation=True).reason_code == "revoked"


def test_wrong_purpose_beats_a_missing_list(chain):
    outcome = chain.outcome(require_revocation=True, purpose="encrypt")
    assert (outcome.verdict, outcome.reason_code) == (PathVerdict.BAD, "key_usage_mismatch")


def point(**members):
    return extension("issuing_distribution_point", members, critical=True)


@pytest.mark.parametrize(
    "members",
    [
        {"only_contains_ca_certs": True},
        {"only_contains_attribute_certs": True},
        {"indirect_crl": True},
        {"only_some_reasons": {"key_compromise"}},
        {
            "distribution_point": x509.DistributionPointName(
                "name_relative_to_crl_issuer",
                x509.Name.build({"common_name": "2"}).chosen[0],
            )
        },
        {
            "distribution_point": x509.DistributionPointName(
                "full_name",
                [x509.GeneralName("uniform_resource_identifier", "http://crl.example/2")],
            )
        },
    ],
    ids=lambda members: next(iter(members)),
)
def test_list_about_others_says_nothing(chain, members):
    revoked = [(serial(chain.leaf), AT - timedelta(9), {})]
    assert chain.judged(revoked, extensions=[point(**members)]).reason_code == "crl_not_found"


def test_list_of_end_entities_says_nothing_of_authorities(chain):
    lists = [
        revocation_list("root", chain.root_key, extensions=[point(only_contains_user_certs=True)]),
        revocation_list("sub", chain.sub_key),
    ]
    outcome = chain.outcome(crls=lists, require_revocation=True)
    assert outcome.reason_code == "crl_not_found"


def test_list_of_end_entities_counts_for_one(chain):
    assert chain.judged(extensions=[point(only_contains_user_certs=True)]).reason_code == "ok"


def test_shard_that_the_certificate_names_counts(chain):
    name = [x509.GeneralName("uniform_resource_identifier", "http://crl.example/1")]
    full = x509.DistributionPointName("full_name", name)
    shard = extension("crl_distribution_points", [{"distribution_point": full}])
    leaf = chain.issue("sharded", more=[shard])
    here = [point(distribution_point=x509.DistributionPointName("full_name", name))]
    revoked = [(serial(leaf), AT - timedelta(9), {})]
    assert chain.judged(revoked, leaf, extensions=here).reason_code == "revoked"


@pytest.mark.parametrize(
    "unusable",
    [
        extension("delta_crl_indicator", 1, critical=True),
        extension("delta_crl_indicator", 1),
        extension("1.2.3.4", core.ParsableOctetString(b"\x05\x00"), critical=True),
    ],
    ids=["delta", "delta not marked critical", "unknown critical extension"],
)
def test_list_that_cannot_be_used_alone_says_nothing(chain, unusable):
    assert chain.judged(extensions=[unusable]).reason_code == "crl_not_found"


def test_list_signed_by_a_namesake_is_not_believed(chain):
    crls = [chain.lists()[0], revocation_list("sub", SM2Key())]
    outcome = chain.outcome(crls=crls, require_revocation=True)
    assert (outcome.verdict, outcome.reason_code) == (PathVerdict.UNKNOWN, "crl_bad_signature")


def test_authority_without_crl_sign_may_not_list():
    chain = Chain()
    chain.sub = certificate(
        "sub", chain.sub_key, "root", chain.root_key, ca=True, usage=("key_cert_sign",)
    )
    assert chain.judged().reason_code == "crl_bad_signature"


def test_list_younger_than_the_certificate_is_silent_about_it(chain):
    """RFC 5280 lets a CA drop entries of certificates that have run out."""
    leaf = chain.issue("short", not_after=AT + timedelta(1))
    later = AT + timedelta(30)
    assert chain.judged((), leaf, this_update=later).reason_code == "crl_not_found"
    kept = extension("2.5.29.60", core.ParsableOctetString(core.GeneralizedTime(START).dump()))
    assert chain.judged((), leaf, this_update=later, extensions=[kept]).reason_code == "ok"
    since = core.GeneralizedTime(AT + timedelta(9)).dump()
    late = extension("2.5.29.60", core.ParsableOctetString(since))
    assert chain.judged((), leaf, this_update=later, extensions=[late]).reason_code != "ok"
    broken = extension("2.5.29.60", core.ParsableOctetString(b"\x05\x00"))
    assert chain.judged((), leaf, this_update=later, extensions=[broken]).reason_code != "ok"


def test_other_entries_and_extensions_of_a_list_are_passed_over(chain):
    """An entry whose date holds our serial's bytes, and an extension nobody asks about."""
    number = serial(chain.leaf)
    other = int.from_bytes(b"\x01" + core.Integer(number).dump())
    revoked = [(other, AT - timedelta(9), {})]
    unknown = extension("1.2.3.4", core.ParsableOctetString(b"\x05\x00"))
    leaf = chain.issue("leaf", not_after=AT + timedelta(1))
    assert serial(leaf) == number
    assert chain.judged(revoked, extensions=[unknown]).reason_code == "ok"
    late = chain.judged(revoked, leaf, this_update=AT + timedelta(9), extensions=[unknown])
    assert late.reason_code == "crl_not_found"


def test_compromise_without_a_date_of_its_own_counts_from_the_listing(chain):
    revoked = [(serial(chain.leaf), AT, {"crl_reason": "key_compromise"})]
    assert chain.judged(revoked).revoked_at == AT
    revoked = [(serial(chain.leaf), AT, {"invalidity_date": AT - timedelta(3)})]
    assert chain.judged(revoked).revoked_at == AT


def test_entry_whose_extension_is_no_extension_says_nothing(chain):
    broken = {"invalidity_date": core.GeneralizedTime(contents=b"yesterday")}
    revoked = [(serial(chain.leaf), AT, {"crl_reason": "key_compromise"} | broken)]
    assert chain.judged(revoked).reason_code == "crl_not_found"


# Memory and foreign bytes


def test_sm2_over_a_digest_alone_cannot_hold(chain):
    """SM2 hashes the key's identity first, so a bare digest of the message is no input."""
    signed = x509.Certificate.load(chain.leaf)
    with pytest.raises(InvalidSignature):
        SM2SignatureValidator().validate_signature(
            signed["signature_value"].native,
            signed["tbs_certificate"].dump(),
            x509.Certificate.load(chain.sub).public_key,
            signed["signature_algorithm"],
            SignatureValidationContext(prehashed=True),
        )


def test_hash_broken_for_signatures_is_refused():
    class SHA1Key(P256Key):
        mechanism = "1.2.840.10045.4.1"

        def sign(self, message):
            der = self.private.sign(message, ec.ECDSA(hashes.SHA1()))
            return b"".join(part.to_bytes(32) for part in decode_dss_signature(der))

    assert Chain(SHA1Key).outcome().reason_code == "weak_algorithm"


def test_memory_of_signatures_is_bounded():
    memory = SignatureMemory(capacity=2)
    for key in (b"1", b"2", b"1", b"3"):
        memory.keep(key, True)
        memory.recall(key)
    assert len(memory) == 2
    assert (memory.recall(b"1"), memory.recall(b"2"), memory.recall(b"3")) == (True, None, True)


@given(st.binary(max_size=400))
def test_any_bytes_for_a_leaf_are_malformed(junk):
    outcome = MODULE_CHAIN.outcome(junk)
    assert (outcome.verdict, outcome.reason_code) == (PathVerdict.BAD, "malformed")


@settings(max_examples=300)
@given(position=st.integers(0, 5000), value=st.integers(0, 255))
def test_no_changed_byte_passes(position, value):
    leaf = bytearray(MODULE_CHAIN.leaf)
    position %= len(leaf)
    if leaf[position] == value:
        return
    leaf[position] = value
    assert MODULE_CHAIN.outcome(bytes(leaf)).verdict is not PathVerdict.OK


@settings(max_examples=200)
@given(position=st.integers(0, 5000), value=st.integers(0, 255))
def test_no_changed_byte_of_a_list_passes(position, value):
    root_list, sub_list = MODULE_LISTS
    changed = bytearray(sub_list)
    position %= len(changed)
    if changed[position] == value:
        return
    changed[position] = value
    outcome = MODULE_CHAIN.outcome(crls=[root_list, bytes(changed)], require_revocation=True)
    assert outcome.verdict is PathVerdict.UNKNOWN


MODULE_CHAIN = Chain()
MODULE_LISTS = MODULE_CHAIN.lists([(7, AT, {})], next_update=END)
