"""Development keys to put into keystores."""

from pathlib import Path

from ca.keystore import FileKeystore
from ca.keystores import sealing
from sealkit.asn1.x509 import pem_to_der

KEYS = Path(__file__).parents[3] / "keys_dev" / "650000"
PASSPHRASE = "三人同心 其利断金 2026"


def plain_keys(*names):
    keystore = FileKeystore(KEYS)
    chosen = names or keystore.names()
    return {
        name: sealing.PlainKey(keystore.certificate(name), keystore.private_key(name))
        for name in chosen
    }


def secret_of(name):
    """The 32 bytes of a development key's number."""
    return pem_to_der((KEYS / f"{name}.key.pem").read_bytes(), "PRIVATE KEY")[36:68]


def shows(text, name):
    """Whether `text` holds the number of a key in any spelling we can think of."""
    secret = secret_of(name)
    spellings = (secret.hex(), str(int.from_bytes(secret)), repr(secret)[2:-1])
    return any(spelling in text or spelling in text.lower() for spelling in spellings)
