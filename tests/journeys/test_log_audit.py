"""Anybody can hold a region's log to what it signed, over HTTP, with its trust material alone."""

import json

from typer.testing import CliRunner

from yinxin.cli import main

runner = CliRunner()


def test_a_stranger_audits_the_log_twice(home, company, tmp_path):
    home.mint(company)
    folder = tmp_path / "trust"
    folder.mkdir()
    region = home.context.trust.store().region("650000")
    for name, content in region.to_files().items():
        (folder / name).write_bytes(content)
    seen = tmp_path / "seen.json"
    command = ["log", "audit", home.address, "--trust", str(folder), "--seen", str(seen)]
    first = runner.invoke(main, command)
    assert first.exit_code == 0, first.output
    second = runner.invoke(main, command)
    assert second.exit_code == 0, second.output
    seen.write_text(json.dumps(json.loads(seen.read_text()) | {"root": "00" * 32}))
    assert runner.invoke(main, command).exit_code == 1


def test_a_log_that_does_not_answer_is_not_called_faulty(home, tmp_path):
    folder = tmp_path / "trust"
    folder.mkdir()
    for name, content in home.context.trust.store().region("650000").to_files().items():
        (folder / name).write_bytes(content)
    command = ["log", "audit", "http://127.0.0.1:1", "--trust", str(folder)]
    assert runner.invoke(main, command).exit_code == 2
    assert runner.invoke(main, [*command[:4], str(tmp_path / "none")]).exit_code == 64
