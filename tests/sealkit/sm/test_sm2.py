"""SM2 through our public functions: the shared cases, the published example, the ranges."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import InvalidKeyError, InvalidSignatureError, MalformedError, SealkitError
from sealkit.sm import curve, signature, sm2, sm3
from sealkit.sm.sm2 import SM2PrivateKey, SM2PublicKey


def _known_answer():
    file = Path(__file__).parents[2] / "vectors" / "sm2_signatures" / "cases.json"
    return {
        name: bytes.fromhex(text)
        for name, text in json.loads(file.read_text())["known_answer"].items()
    }


KEY = SM2PrivateKey(_known_answer()["private_key_hex"])


def test_shared_case(case):
    try:
        key = SM2PublicKey(case.public_key)
        raw = signature.from_der(case.signature_der)
        if case.digest is not None:
            key.verify_digest(raw, case.digest)
        else:
            key.verify(raw, case.message, case.signer_id)
        accepted = True
    except SealkitError:
        accepted = False
    assert accepted == case.valid, case.reason


def test_published_example_gives_its_z_and_e():
    answer = _known_answer()
    key = KEY.public_key
    assert sm2.identity_digest(key.point) == answer["z_hex"]
    assert key.digest(b"message digest") == answer["e_hex"]
    key.verify(answer["r_hex"] + answer["s_hex"], b"message digest")


@pytest.mark.parametrize(
    ("signer_id", "z"),
    [
        (b"", "f2a1724ed3d6767e22fcd19bfb33cd8af34f59ad7fdc8747cce6acacd414f1f9"),
        (
            bytes.fromhex("1234567812345678"),
            "f203bae8d2d8ff70e1993bfbaa8a79932bb70e3df718e3f46b616de254630fa9",
        ),
        (b"ALICE123@YAHOO.COM", "26db4bc1839bd22e97e1dab667ec5e0a730d5e16521398b4435c576a93afd7ed"),
    ],
)
def test_z_depends_on_the_signer_id(signer_id, z):
    assert sm2.identity_digest(KEY.public_key.point, signer_id).hex() == z


def test_signer_id_of_8192_bytes_is_refused():
    with pytest.raises(ValueError, match="8191"):
        sm2.identity_digest(KEY.public_key.point, bytes(8192))


@pytest.mark.parametrize("scalar", [0, curve.N - 1, curve.N, 2**256 - 1])
def test_private_key_out_of_range_is_refused(scalar):
    with pytest.raises(InvalidKeyError):
        SM2PrivateKey(scalar.to_bytes(32))


@pytest.mark.parametrize("scalar", [1, 2, curve.N - 2])
def test_private_key_at_the_edge_of_its_range_signs(scalar):
    key = SM2PrivateKey(scalar.to_bytes(32))
    key.public_key.verify(key.sign(b"edge"), b"edge")


def test_private_key_does_not_show_itself():
    assert KEY.scalar.hex() not in repr(KEY)


def test_spki_round_trip_and_kid_of_the_fact_sheet():
    key = KEY.public_key
    assert SM2PublicKey.from_spki(key.spki) == key
    assert key.kid.hex() == "d94a2fcb88a63e82"


def test_spki_of_another_curve_is_malformed():
    p256 = KEY.public_key.spki.replace(bytes.fromhex("822d"), bytes.fromhex("822e"))
    with pytest.raises(MalformedError):
        SM2PublicKey.from_spki(p256)


@given(st.binary(max_size=200))
def test_two_signatures_of_one_message_differ_and_both_verify(message):
    first, second = KEY.sign(message), KEY.sign(message)
    assert first != second
    KEY.public_key.verify(first, message)
    KEY.public_key.verify(second, message)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_signature_or_refused(der):
    try:
        raw = signature.from_der(der)
    except InvalidSignatureError:
        return
    assert signature.to_der(raw) == der


@given(st.integers(1, curve.N - 1), st.integers(1, curve.N - 1))
def test_der_and_raw_are_two_forms_of_one_thing(r, s):
    raw = r.to_bytes(32) + s.to_bytes(32)
    assert signature.from_der(signature.to_der(raw)) == raw


@given(st.integers(0, 511))
def test_one_flipped_bit_of_a_signature_is_refused(bit):
    raw = bytearray(KEY.sign(b"message"))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InvalidSignatureError):
        KEY.public_key.verify(bytes(raw), b"message")


def test_sm3_of_abc():
    assert sm3.digest(b"abc").hex().startswith("66c7f0f462eeedd9d1f2d46bdc10e4e2")
    assert sm3.hmac(b"k", b"abc").hex().startswith("af684d81732e81f6a9c5dd0aa68f2766")
    pieces = sm3.hasher()
    pieces.update(b"a")
    pieces.update(b"bc")
    assert pieces.digest() == sm3.digest(b"abc")
