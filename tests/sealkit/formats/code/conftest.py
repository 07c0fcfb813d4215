"""A signer of codes."""

import pytest

from tests.sealkit.asn1.identities import sm2_identity


@pytest.fixture(scope="session")
def signer():
    return sm2_identity("证照码签名")


@pytest.fixture(scope="session")
def public_key(signer):
    return signer.key.public_key
