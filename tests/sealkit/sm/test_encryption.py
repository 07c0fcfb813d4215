"""SM2 encryption: what is hidden comes back, for its key alone, unchanged; all else is refused."""

import gmssl_pyx
import pytest
from gmssl import sm2 as gmssl_sm2
from hypothesis import given, settings
from hypothesis import strategies as st

from sealkit.asn1 import encode
from sealkit.errors import DecryptionError, MalformedError
from sealkit.sm import curve, sm3
from sealkit.sm.encryption import (
    MAX_MESSAGE_BYTES,
    SM2Cipher,
    decrypt,
    encrypt,
    parse_cipher,
    parse_raw_cipher,
)
from sealkit.sm.sm2 import SM2PrivateKey

KEY = SM2PrivateKey.generate()
SECRET = "会话密钥 0123456789".encode()


@settings(max_examples=50, deadline=None)
@given(message=st.binary(min_size=1, max_size=300))
def test_what_is_encrypted_comes_back(message):
    cipher = parse_cipher(encrypt(KEY.public_key, message).der)
    assert decrypt(KEY, cipher) == message
    assert len(cipher.masked) == len(message)


def test_longest_message_and_none():
    longest = bytes(MAX_MESSAGE_BYTES)
    assert decrypt(KEY, encrypt(KEY.public_key, longest)) == longest
    for wrong in (b"", bytes(MAX_MESSAGE_BYTES + 1)):
        with pytest.raises(ValueError, match="64 KiB"):
            encrypt(KEY.public_key, wrong)


def test_same_message_is_hidden_another_way_each_time():
    first, second = (encrypt(KEY.public_key, SECRET) for _ in range(2))
    assert first.point != second.point
    assert first.masked != second.masked


def test_another_key_does_not_open_it():
    with pytest.raises(DecryptionError):
        decrypt(SM2PrivateKey.generate(), encrypt(KEY.public_key, SECRET))


@pytest.mark.parametrize("part", ["digest", "masked"])
def test_one_changed_bit_is_noticed(part):
    cipher = encrypt(KEY.public_key, SECRET)
    parts = {"point": cipher.point, "digest": cipher.digest, "masked": cipher.masked}
    parts[part] = bytes((parts[part][0] ^ 1,)) + parts[part][1:]
    with pytest.raises(DecryptionError):
        decrypt(KEY, SM2Cipher(**parts))


def test_mask_of_zeros_is_never_written_and_refused_when_read():
    """GB/T 32918.4: of one-byte messages every 256th would be sent as it is."""
    message = b"\x2a"
    assert all(encrypt(KEY.public_key, message).masked != message for _ in range(2000))
    cipher = next(made for made in ciphers_of_others(message) if made.masked == message)
    with pytest.raises(DecryptionError):
        decrypt(KEY, cipher)


def ciphers_of_others(message):
    """By the integers of the standard, with whatever mask comes out."""
    from tests.sealkit.sm import reference

    for k in range(2, 5000):
        c1 = reference.multiply(k, (curve.GX, curve.GY))
        x, y = (int.from_bytes(KEY.public_key.point[i : i + 32]) for i in (1, 33))
        x2, y2 = (n.to_bytes(32) for n in reference.multiply(k, (x, y)))
        mask = sm3.digest(x2 + y2 + (1).to_bytes(4))[: len(message)]
        masked = bytes(a ^ b for a, b in zip(message, mask, strict=True))
        point = b"\x04" + c1[0].to_bytes(32) + c1[1].to_bytes(32)
        yield SM2Cipher(point, sm3.digest(x2 + message + y2), masked)


def test_standard_written_out_agrees():
    for _, cipher in zip(range(3), ciphers_of_others(b"standard"), strict=False):
        if cipher.masked != b"standard":
            assert decrypt(KEY, cipher) == b"standard"


def test_gmssl_in_python_and_we_open_each_others():
    # It writes x‖y‖C3‖C2 in hexadecimal digits and no leading 04.
    other = gmssl_sm2.CryptSM2(KEY.scalar.hex(), KEY.public_key.point[1:].hex(), mode=1)
    theirs = parse_raw_cipher(b"\x04" + other.encrypt(SECRET))
    assert decrypt(KEY, theirs) == SECRET
    assert other.decrypt(encrypt(KEY.public_key, SECRET).raw[1:]) == SECRET


def test_gmssl_in_c_and_we_open_each_others():
    theirs = parse_cipher(gmssl_pyx.sm2_encrypt(KEY.public_key.point[1:], SECRET))
    assert decrypt(KEY, theirs) == SECRET
    ours = encrypt(KEY.public_key, SECRET).der
    assert gmssl_pyx.sm2_decrypt(KEY.scalar, ours) == SECRET


@given(foreign=st.binary(max_size=200))
def test_any_bytes_are_a_value_or_malformed(foreign):
    for parse in (parse_cipher, parse_raw_cipher):
        try:
            parse(foreign)
        except MalformedError:
            continue


SOUND = encrypt(KEY.public_key, SECRET)


@settings(deadline=None)
@given(at=st.integers(0, len(SOUND.der) - 1), octet=st.integers(0, 255))
def test_one_changed_octet_is_a_value_or_malformed(at, octet):
    changed = bytearray(SOUND.der)
    changed[at] = octet
    try:
        read = parse_cipher(bytes(changed))
    except MalformedError:
        return
    if bytes(changed) != SOUND.der:
        with pytest.raises(DecryptionError):
            decrypt(KEY, read)


def coordinates():
    return [int.from_bytes(SOUND.point[start : start + 32]) for start in (1, 33)]


@pytest.mark.parametrize(
    "parts",
    [
        lambda x, y, c3, c2: (encode.integer(x + curve.P), encode.integer(y), c3, c2),
        lambda x, y, c3, c2: (encode.integer(-x), encode.integer(y), c3, c2),
        lambda x, y, c3, c2: (encode.integer(x), encode.integer(y ^ 1), c3, c2),
        lambda x, y, c3, c2: (encode.integer(0), encode.integer(0), c3, c2),
        lambda x, y, c3, c2: (encode.integer(x), encode.integer(y), c3),
        lambda x, y, c3, c2: (encode.integer(x), encode.integer(y), c3, c2, encode.null()),
        lambda x, y, c3, c2: (
            encode.integer(x),
            encode.integer(y),
            c3,
            encode.octet_string(b""),
        ),
        lambda x, y, c3, c2: (
            encode.integer(x),
            encode.integer(y),
            encode.octet_string(bytes(31)),
            c2,
        ),
    ],
)
def test_points_off_the_curve_and_parts_of_another_length_are_malformed(parts):
    rest = encode.octet_string(SOUND.digest), encode.octet_string(SOUND.masked)
    with pytest.raises(MalformedError):
        parse_cipher(encode.sequence(*parts(*coordinates(), *rest)))
