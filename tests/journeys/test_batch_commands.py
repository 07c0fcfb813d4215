"""A batch from a terminal: three bad lines among many are returned, the others are licences."""

import json

import pytest
from typer.testing import CliRunner

from tests.journeys.conftest import uscc
from yinxin.cli import main
from yinxin.demonstration.setting_up import SECRET

GOOD, BAD = 9, (2, 5, 11)


@pytest.fixture
def run(home, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(SECRET, "utf-8")

    def run(*words):
        access = ["--server", home.address, "--account", "market-clerk"]
        command = ["batch", *map(str, words), *access, "--secret-file", str(secret)]
        return CliRunner().invoke(main, command)

    return run


@pytest.fixture
def file(company, tmp_path):
    lines = []
    for number in range(1, GOOD + len(BAD) + 1):
        fields = company["fields"] | {"uscc": uscc(9300 + number)}
        if number in BAD:
            fields["uscc"] = "91650100MA7BT00030"
        lines.append(json.dumps({"fields": fields}, ensure_ascii=False))
    path = tmp_path / "lines.ndjson"
    path.write_text("\n".join(lines), "utf-8")
    return path


def said(done, beginning):
    """Return the line that the command printed, among those that the service logs."""
    (line,) = (line for line in done.stdout.splitlines() if line.startswith(beginning))
    return line


def test_good_lines_are_minted_and_bad_ones_returned_with_line_field_and_reason(
    home, run, file, tmp_path
):
    sent = run("submit", file, "--kind", "business_licence", "--ofd-only")
    assert sent.exit_code == 0, sent.output
    batch = said(sent, "B")
    again = run("submit", file, "--kind", "business_licence", "--ofd-only")
    assert said(again, "B") == batch
    checked = run("watch", batch)
    assert checked.exit_code == 0
    assert "waits for its review  minted 0  ready 9  refused 3" in checked.output
    home.ask("market-reviewer", "POST", f"/v1/batches/{batch}/review", {"decision": "approve"})
    done = json.loads(said(run("watch", batch, "--json"), "{"))
    assert (done["state"], done["minted"], done["forms"]) == ("finished", GOOD, "ofd")
    out = tmp_path / "result.ndjson"
    assert run("result", batch, "--out", out).exit_code == 0
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [line["line"] for line in lines] == list(range(1, 13))
    refused = [line for line in lines if line["state"] == "refused"]
    assert tuple(line["line"] for line in refused) == BAD
    for line in refused:
        assert line["problems"][0]["field"] == "uscc" and line["problems"][0]["zh"]
    assert len({line["licence_id"] for line in lines if line["state"] == "minted"}) == GOOD


def test_a_mistake_is_told_and_ends_with_its_own_status(run, file, tmp_path):
    assert run("submit", tmp_path / "lines.txt", "--kind", "business_licence").exit_code == 64
    assert run("submit", tmp_path / "none.csv", "--kind", "business_licence").exit_code == 64
    unknown = run("submit", file, "--kind", "nothing")
    assert unknown.exit_code == 1 and "issuance.kind.unknown" in unknown.output
    assert run("watch", "nothing").exit_code == 1
    assert run("result", "nothing").exit_code == 1
