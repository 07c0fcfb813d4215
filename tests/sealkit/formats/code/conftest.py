"""The published SM2 sample key, and a signer of our own."""

import pytest

from sealkit.sm.sm2 import SM2PrivateKey
from tests.sealkit.asn1.identities import sm2_identity

SAMPLE_SCALAR = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"


@pytest.fixture(scope="session")
def sample_key():
    return SM2PrivateKey(bytes.fromhex(SAMPLE_SCALAR)).public_key


@pytest.fixture(scope="session")
def signer():
    return sm2_identity("证照码签名")


@pytest.fixture(scope="session")
def public_key(signer):
    return signer.key.public_key
