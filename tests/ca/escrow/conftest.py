"""The office of the enrolment tests, with a vault for kept keys."""

from dataclasses import replace

import pytest

from ca.escrow import tables  # noqa: F401  # joins the metadata
from tests.ca.enrolment.conftest import engine, key, office, services, trail  # noqa: F401
from yinxin.vault import Vault


@pytest.fixture
def vault():
    return Vault(bytes(range(16)))


@pytest.fixture
def keeping(office, vault):  # noqa: F811
    """The office of an authority that keeps keys."""
    office.services = replace(office.services, escrow=vault)
    return office
