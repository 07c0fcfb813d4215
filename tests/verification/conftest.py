"""Fixtures over a sound region."""

import pytest

from tests.conformance.world import World


@pytest.fixture(scope="session")
def world():
    return World("650000")


@pytest.fixture(scope="session")
def neighbour():
    return World("440000")
