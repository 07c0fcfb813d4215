"""Finding ways: namesakes, loops, cross certificates, and what a search may cost."""

import asyncio
from datetime import timedelta

from tests.sealkit.formats.pdf.authorities import (
    SM2Key,
    certificate,
)
from tests.verification.paths.chains import AT, CA, SIGN, Chain
from verification.path_building import Limits
from verification.paths import PathVerdict


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


def test_pool_is_read_up_to_a_size(chain):
    """Anybody can send certificates of 64 KB, full of names; reading them is what costs."""
    large = b"\0" * 1000
    limits = Limits(pool_bytes=1000 + len(chain.sub))
    inside, outside = [large, chain.sub], [large, b"\0", chain.sub]
    assert chain.outcome(intermediates=inside, limits=limits).reason_code == "ok"
    assert chain.outcome(intermediates=outside, limits=limits).reason_code == "issuer_not_found"


def test_no_more_ways_are_judged_than_allowed(chain):
    """Judging is the dear part, and an authority under an anchor can make ways at will."""
    expired = [
        certificate(
            "sub", chain.sub_key, "root", chain.root_key, ca=True, usage=CA,
            not_after=AT - timedelta(days),
        )
        for days in (1, 2)
    ]  # fmt: skip
    pool = [*expired, chain.sub]
    assert chain.outcome(intermediates=pool, limits=Limits(ways=2)).reason_code == "expired"
    assert chain.outcome(intermediates=pool, limits=Limits(ways=3)).reason_code == "ok"


def test_thousand_certificates_of_one_authority_are_judged_a_few_times(chain, monkeypatch):
    """Each makes a complete way: same name, same key, certified by the root a thousand times."""
    pool = [
        certificate(
            "sub", chain.sub_key, "root", chain.root_key, ca=True, usage=CA, path_length=n + 1
        )
        for n in range(1000)
    ]
    judged = []
    monkeypatch.setattr(
        "verification.paths.broken_path_rules", lambda way, at: judged.append(way) or iter(())
    )
    outcome = chain.outcome(intermediates=pool, purpose="timestamp")
    assert outcome.reason_code == "eku_mismatch"
    assert len(judged) == Limits().ways


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
