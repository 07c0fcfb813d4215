"""Delta lists: heard beside a list of their scope and number, silent otherwise (RFC 5280, 6.3)."""

from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import x509

from sealkit.asn1.crl import Revocation, build_crl
from tests.sealkit.formats.pdf.authorities import SM2Key, certificate, revocation_list
from verification.paths import validate_path

AT = datetime(2030, 6, 1, tzinfo=UTC)
CA = ("key_cert_sign", "crl_sign")
SIGN = ("digital_signature", "non_repudiation")
SHARD = "http://crl.example/sub/3.crl"
ROOT_KEY, SUB_KEY, LEAF_KEY = SM2Key(), SM2Key(), SM2Key()


def extension(name, value, *, critical=False):
    return {"extn_id": name, "critical": critical, "extn_value": value}


def full_name(address):
    name = x509.GeneralName("uniform_resource_identifier", address)
    return x509.DistributionPointName("full_name", [name])


ROOT = certificate("root", ROOT_KEY, "root", ROOT_KEY, ca=True, usage=CA)
SUB = certificate("sub", SUB_KEY, "root", ROOT_KEY, ca=True, usage=CA)
LEAF = certificate(
    "leaf",
    LEAF_KEY,
    "sub",
    SUB_KEY,
    usage=SIGN,
    more=[extension("crl_distribution_points", [{"distribution_point": full_name(SHARD)}])],
)
SERIAL = x509.Certificate.load(LEAF).serial_number
REVOKED = (SERIAL, AT - timedelta(hours=3), {"crl_reason": "superseded"})
HELD = (SERIAL, AT - timedelta(days=5), {"crl_reason": "certificate_hold"})
REMOVED = (SERIAL, AT - timedelta(hours=3), {"crl_reason": "remove_from_crl"})


def listed(number, *revoked, base=None, shard=None, key=SUB_KEY, made=timedelta(days=1), **more):
    extensions = [extension("crl_number", number)]
    if base is not None:
        extensions.append(extension("delta_crl_indicator", base, critical=True))
    if shard is not None:
        point = {"distribution_point": full_name(shard)}
        extensions.append(extension("issuing_distribution_point", point, critical=True))
    dates = {"this_update": AT - made, "next_update": AT + timedelta(days=6)} | more
    return revocation_list("sub", key, revoked, extensions=extensions, **dates)


def judged(*lists):
    outcome = validate_path(
        LEAF,
        intermediates=[SUB],
        anchors=[ROOT],
        crls=[revocation_list("root", ROOT_KEY), *lists],
        at=AT,
        purpose="sign",
        require_revocation=True,
    )
    return outcome.reason_code


NEW = timedelta(hours=1)


def test_certificate_that_a_delta_lists_is_revoked():
    assert judged(listed(5)) == "ok"
    assert judged(listed(5), listed(7, REVOKED, base=4, made=NEW)) == "revoked"


def test_delta_that_lists_nothing_leaves_the_complete_list_as_it_is():
    assert judged(listed(5), listed(7, base=4, made=NEW)) == "ok"
    assert judged(listed(5, REVOKED), listed(7, base=4, made=NEW)) == "revoked"


def test_delta_of_a_partition_goes_with_the_list_of_the_same():
    complete = listed(5, shard=SHARD)
    assert judged(complete, listed(7, REVOKED, base=4, shard=SHARD, made=NEW)) == "revoked"


def test_delta_of_a_partition_is_heard_though_another_complete_list_is_newer_than_its_base():
    lists = [
        listed(5, shard=SHARD, made=timedelta(days=2)),
        listed(90, made=timedelta(days=1)),
        listed(7, REVOKED, base=4, shard=SHARD, made=NEW),
    ]
    assert judged(*lists) == "revoked"


def test_newest_of_several_deltas_decides():
    lists = [listed(5, HELD), listed(6, base=5, made=2 * NEW), listed(7, REMOVED, base=5, made=NEW)]
    assert judged(*lists) == "ok"


def test_hold_that_a_delta_lifts_is_lifted():
    assert judged(listed(5, HELD)) == "revoked"
    assert judged(listed(5, HELD), listed(7, REMOVED, base=4, made=NEW)) == "ok"


@pytest.mark.parametrize(
    "unfit",
    [
        {"number": 7, "base": 6},
        {"number": 5, "base": 4},
        {"number": 7, "base": 4, "shard": SHARD},
        {"number": 7, "base": 4, "key": SM2Key()},
    ],
    ids=["adds to a later list", "is no later", "is of another scope", "is forged"],
)
def test_delta_that_does_not_fit_is_not_heard(unfit):
    number = unfit["number"]
    rest = {name: value for name, value in unfit.items() if name != "number"}
    assert judged(listed(5), listed(number, REVOKED, made=NEW, **rest)) == "ok"


def test_delta_alone_says_nothing():
    assert judged(listed(7, REVOKED, base=4)) == "crl_not_found"


def test_list_without_a_number_has_no_deltas():
    bare = revocation_list("sub", SUB_KEY, this_update=AT - timedelta(days=1))
    assert judged(bare, listed(7, REVOKED, base=0, made=NEW)) == "ok"


def test_fresh_delta_does_not_make_a_stale_list_fresh():
    stale = listed(5, made=timedelta(days=9), next_update=AT - timedelta(days=2))
    assert judged(stale, listed(7, base=4, made=NEW)) == "crl_expired"
    assert judged(stale, listed(7, REVOKED, base=4, made=NEW)) == "revoked"


def test_partitions_and_deltas_of_our_own_authority_are_understood():
    """As `ca.revocation_answers.partitions` makes them, read by the path rules."""

    class Signer:
        algorithm = "sm2-sm3"
        certificate_der = SUB
        sign = staticmethod(SUB_KEY.sign)

    dates = {"this_update": AT - timedelta(hours=1), "next_update": AT + timedelta(days=1)}
    scope = {"distribution_point": SHARD, "signer": Signer, **dates}
    base = build_crl(number=1, revoked={}, **scope)
    delta = build_crl(
        number=2,
        revoked={SERIAL: Revocation(AT - timedelta(minutes=5), 1, AT - timedelta(days=9))},
        base_number=1,
        **scope,
    )
    assert judged(base) == "ok"
    assert judged(base, delta) == "revoked"
