"""The peers, and material of ours for them to judge."""

import os
import shutil

import pytest

from tests.conformance.world import World
from tests.peers import bouncy_castle, libcrypto
from tests.peers.bouncy_castle import BouncyCastle
from tests.peers.openssl import OpenSSL
from tests.sealkit.asn1.identities import sm2_identity


def absent(what):
    """A missing peer is passed over, unless `make test-peers` has asked for all of them."""
    if os.environ.get("YINXIN_PEERS") == "required":
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed: `make test-peers` installs it")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent.name == "peers":
            item.add_marker(pytest.mark.peer)


@pytest.fixture(scope="session")
def bouncy(tmp_path_factory):
    missing = bouncy_castle.missing()
    if missing:
        absent("Bouncy Castle for Java (" + ", ".join(missing) + ")")
    peer = BouncyCastle(tmp_path_factory.mktemp("bouncy"))
    yield peer
    peer.close()


@pytest.fixture
def openssl(tmp_path):
    if shutil.which("openssl") is None:
        absent("openssl")
    return OpenSSL(tmp_path)


@pytest.fixture(scope="session")
def path_error():
    if libcrypto.LIBRARY is None:
        absent("libcrypto 3")
    return libcrypto.path_error


@pytest.fixture(scope="session")
def world():
    return World("650000")


@pytest.fixture(scope="session")
def root():
    return sm2_identity("测试根 CA")


@pytest.fixture(scope="session")
def signer(root):
    return sm2_identity("测试用印人", root)


@pytest.fixture(scope="session")
def maker(root):
    return sm2_identity("测试制章人", root)


@pytest.fixture(scope="session")
def timestamper(root):
    return sm2_identity("测试时间戳", root, purpose="time_stamping")


@pytest.fixture(scope="session")
def responder(root):
    return sm2_identity("测试状态应答", root, purpose="ocsp_signing")


@pytest.fixture(scope="session")
def theirs(bouncy):
    """Certificates that Bouncy Castle made for itself, by name."""
    made = {"root": bouncy.ask("make-certificate", "bc-root", "", "ca")[0]}
    for purpose in ("sign", "timestamp", "ocsp"):
        name = f"bc-{purpose}"
        made[purpose] = bouncy.ask("make-certificate", name, "bc-root", purpose)[0]
    return made
