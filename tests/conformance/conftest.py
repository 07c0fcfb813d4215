"""A licence as we mint it, for the checklist: two seals, a seam over three pages, a lock."""

import io
import zipfile
from types import SimpleNamespace

import pytest

from ca.keystore import FileKeystore
from tests.conformance import test_bad_licences  # noqa: F401  # registers the cases
from tests.conformance.taken_apart import SIGNS
from tests.issuance.seals.test_several_seals import (
    file_of,
    long_licence,
    put_into_service,
    with_kind,
)
from tests.issuance.world import ROOT, make_world
from tests.sealkit.asn1.identities import sm2_identity


@pytest.fixture(scope="session")
def minted(tmp_path_factory):
    """A licence of three pages with two seals, a seam and a lock, and its region."""
    keystore = FileKeystore(ROOT / "keys_dev" / "650000")
    world = make_world(tmp_path_factory.mktemp("checklist"), keystore)
    put_into_service(world, type=1)
    world = with_kind(world, seals=("06", "01"), seam=True, lock=True)
    document = file_of(world, world.mint(data=long_licence()))
    entries = {}
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        names = archive.namelist()
        entries = {name: archive.read(name) for name in names}
    return SimpleNamespace(world=world, document=document, entries=entries, names=names)


@pytest.fixture(scope="session")
def seal(minted):
    return minted.entries[f"{SIGNS}/Sign_0/Seal.esl"]


@pytest.fixture(scope="session")
def value(minted):
    return minted.entries[f"{SIGNS}/Sign_0/SignedValue.dat"]


@pytest.fixture(scope="session")
def maker():
    return sm2_identity("测试制章人", sm2_identity("测试根 CA"))
