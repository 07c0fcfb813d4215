"""The same keys in every keystore: plain, sealed under a passphrase, sealed under shares."""

import tempfile
from pathlib import Path

import pytest

from ca.keystores import sealing, shares
from tests.ca.keystores import softhsm
from tests.ca.keystores.material import PASSPHRASE, plain_keys


@pytest.fixture(scope="session")
def sealed_file(tmp_path_factory):
    """All development keys, sealed under a passphrase."""
    file = tmp_path_factory.mktemp("sealed") / "region.keys"
    sealing.write_file(file, sealing.seal(plain_keys(), sealing.passphrase_from(PASSPHRASE)))
    return file


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """All development keys, sealed so that three of five shares open them."""
    file = tmp_path_factory.mktemp("shared") / "region.keys"
    made = shares.split(3, 5)
    sealing.write_file(file, sealing.seal(plain_keys(), made.passphrase, shares=made.known))
    return file, made


@pytest.fixture
def short_directory():
    """A directory with a path so short that a socket fits."""
    with tempfile.TemporaryDirectory(prefix="yx") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def token(tmp_path_factory):
    """A SoftHSM2 token with the ECDSA development keys."""
    if softhsm.MODULE is None:
        pytest.skip("SoftHSM2 is not installed")
    softhsm.make_token(tmp_path_factory.mktemp("softhsm"))
