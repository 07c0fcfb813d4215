"""Identities shared by the tests of signed structures."""

import pytest

from tests.sealkit.asn1.identities import ecdsa_identity, sm2_identity


@pytest.fixture(scope="session")
def sm2_root():
    return sm2_identity("测试根 CA")


@pytest.fixture(scope="session")
def sm2_signer(sm2_root):
    return sm2_identity("测试用印人", sm2_root)


@pytest.fixture(scope="session")
def seal_maker(sm2_root):
    return sm2_identity("测试制章人", sm2_root)


@pytest.fixture(scope="session")
def timestamper(sm2_root):
    return sm2_identity("测试时间戳", sm2_root, purpose="time_stamping")


@pytest.fixture(scope="session")
def ecdsa_root():
    return ecdsa_identity("Test ECDSA root")


@pytest.fixture(scope="session")
def ecdsa_signer(ecdsa_root):
    return ecdsa_identity("Test ECDSA signer", ecdsa_root)


@pytest.fixture(scope="session")
def ecdsa_timestamper(ecdsa_root):
    return ecdsa_identity("Test ECDSA timestamps", ecdsa_root, purpose="time_stamping")


@pytest.fixture(params=["sm2", "ecdsa"])
def signer(request):
    return request.getfixturevalue(f"{request.param}_signer")
