"""Keys in envelopes: opened by their holder alone, and only if both halves fit."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealkit import oids
from sealkit.asn1 import encode
from sealkit.asn1.enveloped_key import (
    EnvelopedKey,
    envelop,
    open_envelope,
    parse_enveloped_key,
)
from sealkit.errors import DecryptionError, InvalidKeyError, MalformedError
from sealkit.sm import sm4
from sealkit.sm.encryption import encrypt
from sealkit.sm.sm2 import SM2PrivateKey

HOLDER, PAIR = SM2PrivateKey.generate(), SM2PrivateKey.generate()
SOUND = envelop(PAIR, HOLDER.public_key)
KEY = bytes(range(16))


def in_field_form(plain, algorithm=oids.SM4_ECB):
    """An envelope as others write it, around these whole blocks."""
    cipher = encrypt(HOLDER.public_key, KEY)
    return EnvelopedKey(algorithm, cipher, PAIR.public_key, sm4.encrypt_blocks(KEY, plain))


def test_holder_opens_it():
    read = parse_enveloped_key(SOUND.der)
    assert read == SOUND
    assert open_envelope(read, HOLDER) == PAIR


def test_neither_key_stands_in_it():
    assert PAIR.scalar not in SOUND.der
    assert PAIR.scalar.hex() not in repr(SOUND)


def test_nobody_else_opens_it():
    with pytest.raises(DecryptionError):
        open_envelope(SOUND, SM2PrivateKey.generate())


@pytest.mark.parametrize("algorithm", [oids.SM4, oids.SM4_ECB])
@pytest.mark.parametrize(
    "plain", [PAIR.scalar, PAIR.scalar + b"\x10" * 16, bytes(32) + PAIR.scalar]
)
def test_forms_met_in_the_field_are_read(plain, algorithm):
    """Unpadded, padded, and filled up in front to the field of a device."""
    envelope = parse_enveloped_key(in_field_form(plain, algorithm).der)
    assert open_envelope(envelope, HOLDER) == PAIR


def test_algorithm_without_parameters_is_read():
    null = encode.sequence(encode.object_identifier(oids.SM4_ECB), encode.null())
    bare = encode.sequence(encode.object_identifier(oids.SM4_ECB))
    body = SOUND.der[SOUND.der.index(null) + len(null) :]
    assert parse_enveloped_key(encode.sequence(bare, body)) == SOUND


@pytest.mark.parametrize(
    "plain",
    [
        SM2PrivateKey.generate().scalar,
        bytes(32),
        b"\xff" * 32,
        PAIR.scalar + b"\x0f" * 16,
        b"\x01" * 32 + PAIR.scalar,
    ],
)
def test_private_key_that_does_not_fit_is_refused(plain):
    with pytest.raises(DecryptionError):
        open_envelope(in_field_form(plain), HOLDER)


def test_changed_private_key_is_refused():
    changed = bytes((SOUND.encrypted_key[0] ^ 1,)) + SOUND.encrypted_key[1:]
    with pytest.raises(DecryptionError):
        open_envelope(replace(SOUND, encrypted_key=changed), HOLDER)


@pytest.mark.parametrize(
    "envelope",
    [
        replace(SOUND, algorithm=oids.SM4_CBC),
        replace(SOUND, encrypted_key=bytes(16)),
        replace(SOUND, encrypted_key=bytes(80)),
        replace(SOUND, key_cipher=encrypt(HOLDER.public_key, bytes(15))),
    ],
)
def test_other_algorithms_and_lengths_are_malformed(envelope):
    with pytest.raises(MalformedError):
        parse_enveloped_key(envelope.der)


def test_public_key_off_the_curve_is_malformed():
    point = encode.bit_string(PAIR.public_key.point)
    wrong = encode.bit_string(PAIR.public_key.point[:-1] + b"\x00")
    with pytest.raises(MalformedError):
        parse_enveloped_key(SOUND.der.replace(point, wrong))


def test_part_blocks_are_no_business_of_sm4_ecb():
    for key, blocks in ((KEY, bytes(15)), (bytes(15), bytes(16))):
        with pytest.raises(InvalidKeyError):
            sm4.encrypt_blocks(key, blocks)
        with pytest.raises(InvalidKeyError):
            sm4.decrypt_blocks(key, blocks)


@given(foreign=st.binary(max_size=300))
def test_any_bytes_are_a_value_or_malformed(foreign):
    try:
        parse_enveloped_key(foreign)
    except MalformedError:
        return


@settings(deadline=None)
@given(at=st.integers(0, len(SOUND.der) - 1), octet=st.integers(0, 255))
def test_one_changed_octet_opens_to_nothing_else(at, octet):
    changed = bytearray(SOUND.der)
    changed[at] = octet
    try:
        found = open_envelope(parse_enveloped_key(bytes(changed)), HOLDER)
    except (MalformedError, DecryptionError):
        return
    assert found == PAIR
