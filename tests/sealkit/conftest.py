import json
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def format_vectors():
    """The values of `tests/vectors/credential_formats`."""
    file = Path(__file__).parents[1] / "vectors" / "credential_formats" / "vectors.json"
    return json.loads(file.read_text("utf-8"))
