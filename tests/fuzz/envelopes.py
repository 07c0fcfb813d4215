"""Targets of SM2 encryption, key envelopes and what certificates say of their holders."""

from sealkit.asn1 import certificate_builder, der, encode
from sealkit.asn1.enveloped_key import envelop, open_envelope, parse_enveloped_key
from sealkit.asn1.extensions import read_extensions
from sealkit.asn1.particulars import (
    Particulars,
    distribution_points,
    extensions,
    read_particulars,
)
from sealkit.errors import DecryptionError
from sealkit.sm.encryption import decrypt, encrypt, parse_cipher, parse_raw_cipher
from tests.fuzz.signed_structures import KEY
from tests.fuzz.target import target


@target(parse_cipher, refuses=(DecryptionError,))
def sm2_cipher(foreign):
    """An SM2Cipher, and what it hides."""
    decrypt(KEY, parse_cipher(foreign))


@target(parse_raw_cipher, refuses=(DecryptionError,))
def raw_sm2_cipher(foreign):
    """A ciphertext as cards write it, and what it hides."""
    decrypt(KEY, parse_raw_cipher(foreign))


@target(parse_enveloped_key, refuses=(DecryptionError,))
def enveloped_key(foreign):
    """An SM2EnvelopedKey, and the key in it."""
    open_envelope(parse_enveloped_key(foreign), KEY)


@target(read_particulars)
def certificate_particulars(foreign):
    """Extensions that say more of a holder: hosts, names, policies, addresses."""
    read_particulars(read_extensions(der.parse(foreign, der.SEQUENCE).children()))


def envelope_seeds():
    """Return first inputs by name, by target."""
    cipher = encrypt(KEY.public_key, b"0123456789abcdef")
    said = Particulars(
        dns_names=("a.example.cn",),
        ip_addresses=("10.0.0.1", "::1"),
        permitted_names=(certificate_builder.name({"C": "CN", "O": "局"}),),
        policies=("1.2.3",),
        organisation_code="91650100MA7DEM016D",
    )
    built = encode.sequence(*extensions(said), distribution_points(["http://a.cn/1.crl"]))
    return {
        "sm2_cipher": {"sound": cipher.der},
        "raw_sm2_cipher": {"sound": cipher.raw},
        "enveloped_key": {"sound": envelop(KEY, KEY.public_key).der},
        "certificate_particulars": {"everything": built},
    }
