"""From identifiers to computations, and the refusals on the way."""

import hashlib

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sealkit import oids
from sealkit.asn1 import algorithms, der, encode
from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError
from sealkit.sm.sm2 import SPKI_PREFIX
from tests.sealkit.asn1.identities import ecdsa_identity, sm2_identity


@pytest.mark.parametrize("identity", [sm2_identity, ecdsa_identity])
def test_what_a_signer_signs_verifies_under_its_algorithm(identity):
    signer = identity("signer")
    value = algorithms.sign(signer, b"message")
    algorithm = algorithms.signature_algorithm(signer)
    algorithms.verify(signer.spki, algorithm, value, b"message")
    for spki, message in ((signer.spki, b"massage"), (identity("other").spki, b"message")):
        with pytest.raises(InvalidSignatureError):
            algorithms.verify(spki, algorithm, value, message)


def test_both_sm2_identifiers_mean_the_same():
    signer = sm2_identity("signer")
    value = algorithms.sign(signer, b"message")
    for algorithm in (oids.SM2_WITH_SM3, oids.SM2_SIGNATURE):
        algorithms.verify(signer.spki, algorithm, value, b"message")


@pytest.mark.parametrize(("algorithm", "name"), [(oids.SM3, "sm3"), (oids.SHA256, "sha256")])
def test_digest_is_the_one_named(algorithm, name):
    assert algorithms.digest(algorithm, b"abc") == hashlib.new(name, b"abc").digest()


def test_weak_and_unknown_algorithms_are_unsupported():
    for weak in ("1.3.14.3.2.26", "1.2.840.113549.2.5", oids.HMAC_SM3):
        with pytest.raises(UnsupportedError):
            algorithms.digest(weak, b"abc")
    with pytest.raises(UnsupportedError):
        algorithms.verify(b"", "1.2.840.113549.1.1.11", b"", b"")


def p384():
    return (
        ec.generate_private_key(ec.SECP384R1())
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


@pytest.mark.parametrize("algorithm", [oids.SM2_WITH_SM3, oids.ECDSA_WITH_SHA256])
@pytest.mark.parametrize(
    "spki", [b"", b"0\0", SPKI_PREFIX + b"\4" + bytes(64), p384()], ids=range(4)
)
def test_key_of_no_use_verifies_nothing(algorithm, spki):
    with pytest.raises(InvalidSignatureError):
        algorithms.verify(spki, algorithm, encode.sequence(), b"message")


def read(*parts):
    return algorithms.read_identifier(
        der.parse(encode.sequence(encode.sequence(*parts))).children()
    )


def test_parameters_are_absent_or_null_where_we_know_the_algorithm():
    sm3 = encode.object_identifier(oids.SM3)
    assert read(sm3) == read(sm3, encode.null()) == oids.SM3
    with pytest.raises(MalformedError, match="parameters"):
        read(sm3, encode.integer(1))
    with pytest.raises(MalformedError):
        read(sm3, encode.null(), encode.null())
    assert read(encode.object_identifier("1.2.3"), encode.integer(1)) == "1.2.3"
