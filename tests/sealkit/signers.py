"""Signers for tests: the development keys, and the published SM2 sample key."""

from pathlib import Path

from ca.keystore import FileKeystore
from sealkit.sm.sm2 import SM2PrivateKey

KEYS = Path(__file__).parents[2] / "keys_dev"
SHEET_KEY = SM2PrivateKey(
    bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
)
"""The sample key of GB/T 32918.5, which the fact sheets' vectors are signed with."""


def keystore(region: str = "650000") -> FileKeystore:
    return FileKeystore(KEYS / region)


def signer_of(name: str, region: str = "650000"):
    store = keystore(region)
    signer = store.signer(name)
    signer.public_key = store.certificate(name).sm2_key
    return signer
