"""SM2 encryption and key envelopes, each opened by programs that nobody here wrote."""

import pytest
from asn1crypto import pem

from sealkit.asn1 import encode
from sealkit.asn1.enveloped_key import envelop, parse_enveloped_key
from sealkit.errors import DecryptionError
from sealkit.sm import sm4
from sealkit.sm.encryption import decrypt, encrypt, parse_cipher
from sealkit.sm.sm2 import SM2PrivateKey, SM2PublicKey
from tests.peers.bouncy_castle import RefusedError
from tests.peers.flipping import flipped

SECRET = "会话密钥 0123456789".encode()


@pytest.fixture
def key():
    return SM2PrivateKey.generate()


def sec1(key):
    """ECPrivateKey, as the OpenSSL command reads it."""
    return encode.sequence(
        encode.integer(1),
        encode.octet_string(key.scalar),
        encode.context(0, encode.object_identifier("1.2.156.10197.1.301")),
        encode.context(1, encode.bit_string(key.public_key.point)),
    )


def write_pair(openssl, key):
    openssl.write("k.key", pem.armor("EC PRIVATE KEY", sec1(key)))
    openssl.write_key("k", key.public_key.spki)


def opened(openssl, cipher):
    """Return what the command finds in a ciphertext, None if it refuses."""
    openssl.write("c", cipher)
    command = ("pkeyutl", "-decrypt", "-inkey", "k.key", "-in", "c", "-out", "found")
    code, _said = openssl.attempt(*command)
    return openssl.read("found") if code == 0 else None


def test_openssl_opens_ours_and_refuses_it_changed(openssl, key):
    write_pair(openssl, key)
    ours = encrypt(key.public_key, SECRET).der
    assert opened(openssl, ours) == SECRET
    assert opened(openssl, flipped(ours, len(ours) - 1)) is None


def test_we_open_what_openssl_hid(openssl, key):
    write_pair(openssl, key)
    for number in range(8):  # coordinates with a leading zero octet come in time
        openssl.write("secret", SECRET + bytes((number,)))
        openssl.run(
            "pkeyutl", "-encrypt", "-pubin", "-inkey", "k.pub", "-in", "secret", "-out", "c"
        )
        hidden = openssl.read("c")
        assert decrypt(key, parse_cipher(hidden)) == SECRET + bytes((number,))
    with pytest.raises(DecryptionError):
        decrypt(key, parse_cipher(flipped(hidden, len(hidden) - 1)))


def test_bouncy_castle_opens_ours_and_refuses_it_changed(bouncy, theirs):
    (spki,) = bouncy.ask("public-key", "bc-sign")
    ours = encrypt(SM2PublicKey.from_spki(spki), SECRET).der
    assert bouncy.ask("decrypt", "bc-sign", ours) == [SECRET]
    with pytest.raises(RefusedError):
        bouncy.ask("decrypt", "bc-sign", flipped(ours, len(ours) - 1))


def test_we_open_what_bouncy_castle_hid(bouncy, key):
    for _ in range(8):
        (hidden,) = bouncy.ask("encrypt", key.public_key.spki, SECRET)
        assert decrypt(key, parse_cipher(hidden)) == SECRET
    with pytest.raises(DecryptionError):
        decrypt(key, parse_cipher(flipped(hidden, len(hidden) - 1)))


def test_openssl_finds_the_key_of_an_envelope_of_ours(openssl, key):
    """SM4 key by pkeyutl, private key by enc; asn1parse agrees on the structure."""
    pair = SM2PrivateKey.generate()
    envelope = parse_enveloped_key(envelop(pair, key.public_key).der)
    write_pair(openssl, key)
    wrapping = opened(openssl, envelope.key_cipher.der)
    assert len(wrapping) == sm4.KEY_BYTES
    openssl.write("encrypted", envelope.encrypted_key)
    openssl.run(
        "enc", "-d", "-sm4-ecb", "-nopad", "-K", wrapping.hex(), "-in", "encrypted", "-out", "d"
    )
    assert openssl.read("d") == pair.scalar
    openssl.write("envelope", envelope.der)
    kinds = [kind for _, depth, _, _, kind in openssl.structure("envelope") if depth == 1]
    assert kinds == ["SEQUENCE", "SEQUENCE", "BIT STRING", "BIT STRING"]
