import json
from pathlib import Path

import pytest

from sealkit.sm.sm2 import SM2PrivateKey

SAMPLE_SCALAR = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"


@pytest.fixture(scope="session")
def format_vectors():
    """The values of `tests/vectors/credential_formats`."""
    file = Path(__file__).parents[1] / "vectors" / "credential_formats" / "vectors.json"
    return json.loads(file.read_text("utf-8"))


@pytest.fixture(scope="session")
def sample_key():
    """The published SM2 sample key of GM/T 0003.5, which the vectors are signed with."""
    return SM2PrivateKey(bytes.fromhex(SAMPLE_SCALAR)).public_key
