"""Verifying a file of 5 MB takes less than 64 MB, whatever is in it; and a bomb takes nothing."""

import pytest

from benchmarks.memory import LIMIT_BYTES, peaks_of

FIVE_MB = ["ofd_that_unfolds", "ofd_of_many_objects", "pdf_with_attachment", "pdf_of_many_values"]


@pytest.mark.parametrize("name", FIVE_MB)
def test_document_of_five_megabytes_is_verified_within_the_limit(name):
    """Resident memory, over what the process held before it read the file."""
    size, resident = peaks_of(name, "resident")
    assert size > 4.5 * 1024 * 1024
    assert resident < LIMIT_BYTES


def test_zip_bomb_is_refused_before_it_unfolds():
    """256 MB of zeros in 256 KB."""
    _, resident = peaks_of("zip_bomb", "resident")
    assert resident < 8 * 1024 * 1024
