"""asn1crypto, and the libraries above it, speak of SM2 and SM3 by name."""

import importlib

import pytest
from asn1crypto.algos import DigestAlgorithm, SignedDigestAlgorithm
from asn1crypto.keys import PublicKeyInfo
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

from sealkit import oids
from sealkit.asn1 import registry
from sealkit.sm.sm2 import SM2PrivateKey


def test_sm3_is_written_with_the_identifier_of_the_sheet_and_without_parameters():
    assert DigestAlgorithm({"algorithm": "sm3"}).dump().hex() == "300a06082a811ccf55018311"


@pytest.mark.parametrize("dotted", [oids.SM3, oids.SM3_WITHOUT_KEY])
def test_both_sm3_identifiers_are_read_under_one_name(dotted):
    assert DigestAlgorithm({"algorithm": dotted})["algorithm"].native == "sm3"


def test_sm2_with_sm3_is_written_without_parameters():
    algorithm = SignedDigestAlgorithm({"algorithm": registry.SM2_SM3_NAME})
    assert algorithm.dump().hex() == "300a06082a811ccf55018375"


def test_sm2_1_has_a_name_of_its_own():
    algorithm = SignedDigestAlgorithm({"algorithm": oids.SM2_SIGNATURE})
    assert algorithm["algorithm"].native == registry.SM2_NAME


def test_sm2_public_keys_name_their_curve():
    key = PublicKeyInfo.load(SM2PrivateKey.generate().public_key.spki)
    assert key.curve == ("named", "sm2p256v1")
    assert key.bit_size == 256


def test_certvalidator_finds_the_hash_by_name():
    assert get_pyca_cryptography_hash(registry.SM3_NAME).name == "sm3"


def test_registering_twice_changes_nothing():
    importlib.reload(registry)
    assert DigestAlgorithm({"algorithm": "sm3"})["algorithm"].dotted == oids.SM3
