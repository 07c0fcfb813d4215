"""What revocation lists say in time, within their scope, by whom they are signed."""

from datetime import timedelta

import pytest
from asn1crypto import core, x509

from tests.sealkit.formats.pdf.authorities import (
    START,
    SM2Key,
    certificate,
    revocation_list,
)
from tests.verification.paths.chains import AT, Chain, extension, serial
from verification.paths import PathVerdict


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
