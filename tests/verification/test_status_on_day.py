from datetime import timedelta

import pytest

from sealkit import status_list
from sealkit.status_day import day_end
from tests.conformance.bad_days import DAY, DeadSource, sound_days
from tests.conformance.instants import AT
from verification.report import Severity, Verdict


def report(world, document, *, days=None, at=AT, day=DAY):
    days = days or sound_days(world)
    return world.report(document, days=days, valid_on=day, status=DeadSource(), at=at)


@pytest.mark.parametrize("name", ["sound_ofd", "sound_pdf", "sound_code"])
def test_what_was_in_force_that_day_is_valid_without_the_present_list(world, name):
    document = getattr(world, name)
    found = report(world, document.encode() if isinstance(document, str) else document)
    (told,) = found.findings
    assert (told.code, told.severity) == ("report.about_a_day", Severity.INFO)
    assert told.evidence == {"day": "2026-11-20"}
    assert found.verdict is Verdict.VALID
    assert found.state == status_list.ACTIVE
    assert found.freshness["status"] == day_end(DAY) + timedelta(minutes=10)
    assert found.to_dict()["valid_on"] == "2026-11-20"


def test_a_report_on_the_present_names_no_day(world):
    assert "valid_on" not in world.report(world.sound_ofd).to_dict()


def test_what_was_suspended_that_day_is_not_valid_though_it_is_today(world):
    found = report(world, world.sound_ofd, days=sound_days(world, status_list.SUSPENDED))
    assert problems(found) == ["status.suspended"]
    assert world.report(world.sound_ofd).verdict is Verdict.VALID


def codes_at(world, at):
    return problems(report(world, world.sound_code.encode(), at=at))


def problems(found):
    return [entry.code for entry in found.findings if entry.severity is not Severity.INFO]


def test_a_day_is_asked_about_when_it_is_over_and_its_list_made(world):
    end = day_end(DAY)
    assert "status.day_not_over" in codes_at(world, end - timedelta(seconds=1))
    assert codes_at(world, end) == ["status.other_time"]
    assert codes_at(world, end + timedelta(minutes=10)) == []
