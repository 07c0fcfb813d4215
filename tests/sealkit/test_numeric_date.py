from datetime import UTC, datetime

import pytest

from sealkit import numeric_date
from sealkit.errors import MalformedError


def test_there_and_back():
    at = datetime(2026, 3, 18, tzinfo=UTC)
    assert numeric_date.from_datetime(at) == 1773792000
    assert numeric_date.to_datetime(1773792000) == at


@pytest.mark.parametrize("seconds", [None, -1, 1.5, True, "0", 2**63, numeric_date.LATEST + 1])
def test_what_is_no_time(seconds):
    with pytest.raises(MalformedError):
        numeric_date.to_datetime(seconds)


@pytest.mark.parametrize("year", [1969, 9001])
def test_what_is_not_written(year):
    with pytest.raises(MalformedError):
        numeric_date.from_datetime(datetime(year, 6, 1, tzinfo=UTC))
