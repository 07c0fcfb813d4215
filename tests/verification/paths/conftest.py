"""A sound chain that no test changes."""

import pytest

from tests.verification.paths.chains import Chain


@pytest.fixture(scope="module")
def chain():
    return Chain()
