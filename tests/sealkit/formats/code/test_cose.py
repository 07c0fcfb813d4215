import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit import cbor
from sealkit.errors import (
    InvalidKeyError,
    InvalidSignatureError,
    MalformedError,
    UnsupportedError,
)
from sealkit.formats.code import cose
from tests.sealkit.asn1.identities import ecdsa_identity


@pytest.fixture
def message(signer):
    return cose.sign(b"payload", signer)


def members(message):
    return cbor.decode(message[1:])


def rebuilt(protected, unprotected, payload, signature, tag=b"\xd2"):
    if isinstance(protected, dict):
        protected = cbor.encode(protected)
    return tag + cbor.encode([protected, unprotected, payload, signature])


def test_the_shared_example_verifies(format_vectors, sample_key):
    vector = format_vectors["cose"]
    parsed = cose.parse(bytes.fromhex(vector["cose_sign1"]))
    assert parsed.kid.hex() == vector["kid"] == sample_key.kid.hex()
    assert parsed.payload.hex() == vector["payload"]
    assert parsed.signed.hex() == vector["sig_structure"]
    assert sample_key.digest(parsed.signed).hex() == vector["e"]
    assert parsed.signature.hex() == vector["signature"]
    parsed.verify(sample_key)


def test_what_we_sign_is_of_the_same_form(message, signer, public_key):
    parsed = cose.parse(message)
    assert parsed.payload == b"payload"
    assert members(message)[0] == bytes.fromhex("a2013a000100000448") + public_key.kid
    assert len(message) == 89 + len(b"payload") - 1  # the sheet's 89 hold a payload of one byte
    parsed.verify(public_key)


def test_the_type_stands_in_the_protected_header(signer, public_key):
    parsed = cose.parse(cose.sign(b"", signer, typ="application/x"))
    assert parsed.typ == "application/x"
    parsed.verify(public_key)


def test_only_sm2_keys_sign():
    with pytest.raises(InvalidKeyError):
        cose.sign(b"", ecdsa_identity("x"))


def test_one_flipped_bit_of_the_payload(message, public_key):
    protected, unprotected, payload, signature = members(message)
    changed = rebuilt(protected, unprotected, bytes([payload[0] ^ 1]) + payload[1:], signature)
    with pytest.raises(InvalidSignatureError):
        cose.parse(changed).verify(public_key)


def test_r_and_s_swapped(message, public_key):
    protected, unprotected, payload, signature = members(message)
    changed = rebuilt(protected, unprotected, payload, signature[32:] + signature[:32])
    with pytest.raises(InvalidSignatureError):
        cose.parse(changed).verify(public_key)


def test_protected_header_encoded_again_in_another_way(message, public_key):
    """1 as 0x1801: readable CBOR, but not the bytes that were signed."""
    protected, unprotected, payload, signature = members(message)
    longer = protected.replace(b"\xa2\x01", b"\xa2\x18\x01", 1)
    changed = cose.parse(rebuilt(longer, unprotected, payload, signature))
    assert changed.kid == public_key.kid
    with pytest.raises(InvalidSignatureError):
        changed.verify(public_key)


def test_payload_with_its_length_written_longer_still_verifies(message, public_key):
    """Non-deterministic CBOR outside what is signed is no reason to refuse."""
    at = message.index(b"\x47payload")
    cose.parse(message[:at] + b"\x58\x07" + message[at + 1 :]).verify(public_key)


@pytest.mark.parametrize("alg", [-7, -48, -8, 5, "SM2", None, -65536])
def test_other_algorithms(message, alg):
    _, unprotected, payload, signature = members(message)
    with pytest.raises(UnsupportedError):
        cose.parse(rebuilt({1: alg, 4: bytes(8)}, unprotected, payload, signature))


@pytest.mark.parametrize("tag", [b"\xd1", b"\xd8\x62", b"\xd8\x12", b"", b"\xd8\x3d\xd2"])
def test_other_tags(message, tag):
    with pytest.raises(MalformedError):
        cose.parse(tag + message[1:])


KID = {1: cose.ALG_SM2_SM3, 4: bytes(8)}


@pytest.mark.parametrize(
    ("protected", "unprotected", "payload", "signature", "error"),
    [
        ({4: bytes(8)}, {1: cose.ALG_SM2_SM3}, b"", bytes(64), MalformedError),
        (b"", {1: cose.ALG_SM2_SM3, 4: bytes(8)}, b"", bytes(64), MalformedError),
        (KID, {1: cose.ALG_SM2_SM3}, b"", bytes(64), MalformedError),
        (KID, {}, None, bytes(64), MalformedError),
        (KID, {}, b"", bytes(63), MalformedError),
        (KID, {}, b"", bytes(65), MalformedError),
        (KID, {}, b"", None, MalformedError),
        (KID, [], b"", bytes(64), MalformedError),
        (7, {}, b"", bytes(64), MalformedError),
        (b"\x80", {}, b"", bytes(64), MalformedError),
        (
            bytes.fromhex("bf013a000100000448") + bytes(8) + b"\xff",
            {},
            b"",
            bytes(64),
            MalformedError,
        ),
        (
            bytes.fromhex("a3013a000100000448") + bytes(8) + b"\x01\x00",
            {},
            b"",
            bytes(64),
            MalformedError,
        ),
        (cbor.encode(KID) + b"\x00", {}, b"", bytes(64), MalformedError),
        ({1: cose.ALG_SM2_SM3}, {4: bytes(8)}, b"", bytes(64), MalformedError),
        (KID | {4: bytes(7)}, {}, b"", bytes(64), MalformedError),
        (KID | {16: 7}, {}, b"", bytes(64), MalformedError),
        (KID | {2: [99], 99: 0}, {}, b"", bytes(64), UnsupportedError),
        (KID | {2: ["b"], "b": 0}, {}, b"", bytes(64), UnsupportedError),
        (KID | {2: []}, {}, b"", bytes(64), MalformedError),
        (KID | {2: 4}, {}, b"", bytes(64), MalformedError),
        (KID | {2: [16]}, {}, b"", bytes(64), MalformedError),
        (KID | {2: [b"4"]}, {}, b"", bytes(64), MalformedError),
    ],
)
def test_headers_and_members_that_are_refused(protected, unprotected, payload, signature, error):
    with pytest.raises(error):
        cose.parse(rebuilt(protected, unprotected, payload, signature))


def test_a_critical_header_that_we_know_is_read():
    cose.parse(rebuilt(KID | {2: [4]}, {}, b"", bytes(64)))


@pytest.mark.parametrize(
    "document", ["", "d2", "d280", "d2a0", "d283404040", "d28540a0404040", "d200"]
)
def test_other_structures(document):
    with pytest.raises(MalformedError):
        cose.parse(bytes.fromhex(document))


def test_a_message_over_two_megabytes_is_not_looked_at():
    with pytest.raises(MalformedError):
        cose.parse(b"\xd2" + bytes(cose.MAX_BYTES))


def test_an_unknown_header_label_in_the_unprotected_header_is_passed_over(message, public_key):
    protected, _, payload, signature = members(message)
    cose.parse(rebuilt(protected, {394: [b"receipt"]}, payload, signature)).verify(public_key)


def test_another_key_does_not_verify(message, sample_key):
    with pytest.raises(InvalidSignatureError):
        cose.parse(message).verify(sample_key)


@given(document=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(document):
    for candidate in (document, b"\xd2\x84" + document):
        try:
            cose.parse(candidate)
        except (MalformedError, UnsupportedError):
            pass


@given(at=st.integers(0, 212), byte=st.integers(0, 255))
def test_a_changed_byte_never_verifies(format_vectors, sample_key, at, byte):
    original = bytes.fromhex(format_vectors["cose"]["cose_sign1"])
    changed = original[:at] + bytes([byte]) + original[at + 1 :]
    try:
        parsed = cose.parse(changed)
        parsed.verify(sample_key)
    except (MalformedError, UnsupportedError, InvalidSignatureError):
        return
    assert dataclasses.astuple(parsed) == dataclasses.astuple(cose.parse(original))
