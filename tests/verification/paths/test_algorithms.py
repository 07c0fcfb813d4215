"""Keys and algorithms: which signatures hold, and under which names."""

import pytest
from asn1crypto import core, x509

from tests.sealkit.formats.pdf.authorities import (
    P256Key,
    SM2Key,
    certificate,
)
from tests.verification.paths.chains import SIGN, Chain
from verification.paths import PathVerdict


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
