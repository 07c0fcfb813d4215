"""`yinxin verify --on DATE`: a trust directory and the frozen list of that day, and no network."""

import json

import pytest
from typer.testing import CliRunner

from tests.conformance.bad_days import sound_days
from tests.conformance.instants import AT
from tests.conformance.world import xinjiang
from yinxin.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    world, folder = xinjiang(), tmp_path_factory.mktemp("days")
    (folder / "trust").mkdir()
    for name, content in world.region_trust.to_files().items():
        (folder / "trust" / name).write_bytes(content)
    for name, state in (("active", 0), ("suspended", 2)):
        frozen = sound_days(world, state).frozen
        (folder / f"{name}.cwt").write_bytes(frozen.token)
        (folder / f"{name}.cwt.proof").write_bytes(frozen.proof)
    (folder / "licence.ofd").write_bytes(world.sound_ofd)
    return folder


def verify(folder, *arguments):
    at = ["--at", AT.isoformat(), "--trust", str(folder / "trust"), "--json"]
    return CliRunner().invoke(main, ["verify", str(folder / "licence.ofd"), *at, *arguments])


@pytest.mark.parametrize(("day", "code"), [("active", 0), ("suspended", 1)])
def test_the_frozen_list_decides_about_its_day(folder, day, code):
    answer = verify(folder, "--on", "2026-11-20", "--day", str(folder / f"{day}.cwt"))
    assert answer.exit_code == code, answer.output
    assert json.loads(answer.output)["valid_on"] == "2026-11-20"


def test_of_another_day_nothing_is_said(folder):
    answer = verify(folder, "--on", "2026-11-19", "--day", str(folder / "active.cwt"))
    assert answer.exit_code == 2
    assert "status.day_absent" in answer.output


def test_a_day_and_a_file_that_are_none_are_named(folder):
    for arguments in (
        ("--on", "20 November"),
        ("--on", "2026-11-20", "--day", str(folder / "licence.ofd")),
        ("--on", "2026-11-20", "--day", str(folder / "absent.cwt")),
    ):
        answer = verify(folder, *arguments)
        assert answer.exit_code == 64
        assert arguments[-1] in answer.output
