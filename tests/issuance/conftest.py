import pytest

from ca.keystore import FileKeystore
from tests.issuance.world import ROOT, make_world


@pytest.fixture(scope="session")
def keystore():
    return FileKeystore(ROOT / "keys_dev" / "650000")


@pytest.fixture
def world(tmp_path, keystore):
    return make_world(tmp_path, keystore)
