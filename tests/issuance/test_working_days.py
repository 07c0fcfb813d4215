from datetime import UTC, date, datetime

import pytest

from issuance.errors import CalendarFileError
from issuance.working_days import deadline, is_working_day, load_calendars

YEARS = load_calendars()


def due(since, days):
    return deadline(datetime.fromisoformat(since).astimezone(UTC), days)


@pytest.mark.parametrize(
    ("since", "days", "last"),
    [
        ("2026-11-23T12:00:00+08:00", 1, "2026-11-24"),
        ("2026-11-23T12:00:00+08:00", 5, "2026-11-30"),
        ("2026-11-27T23:59:00+08:00", 1, "2026-11-30"),
        ("2026-09-30T09:00:00+08:00", 1, "2026-10-08"),
        ("2026-10-08T09:00:00+08:00", 2, "2026-10-10"),
        ("2026-04-03T09:00:00+08:00", 1, "2026-04-07"),
        ("2026-09-24T09:00:00+08:00", 1, "2026-09-28"),
        ("2026-02-13T09:00:00+08:00", 2, "2026-02-24"),
    ],
)
def test_a_deadline_is_the_end_of_the_last_working_day(since, days, last):
    found = due(since, days)
    end = datetime.fromisoformat(f"{last}T16:00:00+00:00")
    assert (found.at, found.provisional) == (end, False)


def test_an_event_late_in_the_evening_in_utc_belongs_to_the_next_day_in_beijing():
    assert due("2026-11-23T23:00:00+00:00", 1).at == datetime(2026, 11, 25, 16, tzinfo=UTC)


def test_a_year_without_a_calendar_counts_weekdays_and_is_provisional():
    found = due("2026-12-31T10:00:00+08:00", 1)
    assert found.provisional
    assert found.at == datetime(2027, 1, 1, 16, tzinfo=UTC)


def test_statutory_holidays_of_2026_are_rest():
    statutory = ["01-01", "02-17", "04-05", "05-01", "06-19", "09-25", "10-01", "10-02"]
    assert not any(is_working_day(date.fromisoformat(f"2026-{day}"), YEARS) for day in statutory)


@pytest.mark.parametrize(
    "text",
    [
        '[[rest]]\nname = "x"\nfrom = 2026-01-01\n',
        '[[rest]]\nfrom = 2027-01-01\nsureness = "law"\n',
        '[[rest]]\nfrom = 2026-01-03\nto = 2026-01-01\nsureness = "law"\n',
        '[[rest]]\nfrom = "2026-01-03"\nsureness = "law"\n',
        "[[rest]\n",
    ],
)
def test_a_mistake_in_a_calendar_names_the_file(tmp_path, text):
    (tmp_path / "2026.toml").write_text(text, "utf-8")
    with pytest.raises(CalendarFileError, match=r"2026\.toml"):
        load_calendars(tmp_path)
