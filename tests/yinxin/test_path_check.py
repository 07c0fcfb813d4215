"""`yinxin ca check-path` on every shared chain, and called wrongly."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.verification.test_paths_vectors import CASES, UNKNOWN, VECTORS
from yinxin.cli import main
from yinxin.path_check import reasons

ROOT = Path(__file__).parents[2]
runner = CliRunner()


def arguments(case, *, purpose=None):
    given = ["ca", "check-path", "--json", "--at", case["validation_time"]]
    given += ["--leaf", str(VECTORS / case["leaf"]), "--purpose", purpose or case["purpose"]]
    for option, name in (("anchors", "trust_anchors"), ("intermediates", "intermediates")):
        for file in case[name]:
            given += [f"--{option}", str(VECTORS / file)]
    for file in case["crls"] if case["revocation"] != "none" else []:
        given += ["--crl", str(VECTORS / file)]
    return given


def expected(case):
    if case["expected_profile"] == "valid":
        return "valid", 0
    return ("cannot_say", 2) if case["id"] in UNKNOWN else ("invalid", 1)


# A case may ask for revocation and give no list at all; the command then does not check it.
COMMANDABLE = [case for case in CASES if case["revocation"] == "none" or case["crls"]]


@pytest.mark.parametrize("case", COMMANDABLE, ids=[case["id"] for case in COMMANDABLE])
def test_each_shared_chain_has_its_verdict_and_reason(case):
    done = runner.invoke(main, arguments(case))
    answer = json.loads(done.stdout)
    assert answer["reason_code"] == case["reason_code"]
    assert (answer["verdict"], done.exit_code) == expected(case)
    assert answer["zh"] and answer["en"]


def test_all_shared_chains_can_be_put_as_a_command():
    assert len(COMMANDABLE) == 42


@pytest.mark.parametrize("case", [CASES[0], CASES[2]], ids=[CASES[0]["id"], CASES[2]["id"]])
def test_it_runs_as_a_process_and_prints_for_people(case):
    given = [word for word in arguments(case) if word != "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "yinxin.cli", *given],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=ROOT,
    )
    assert done.returncode == expected(case)[1]
    assert case["reason_code"] in done.stdout
    assert "revocation was not checked" in done.stdout


@pytest.mark.parametrize(
    "wrong",
    [
        {"--leaf": "missing.pem"},
        {"--anchors": "missing.pem"},
        {"--at": "yesterday"},
        {"--purpose": "decorate"},
    ],
)
def test_called_wrongly_it_says_what_is_wrong(wrong):
    given = arguments(CASES[0])
    for option, value in wrong.items():
        given[given.index(option) + 1] = value
    done = runner.invoke(main, given)
    assert done.exit_code == 64
    assert "yinxin:" in done.output


def test_a_leaf_that_is_no_certificate_is_invalid_and_an_anchor_is_a_mistake(tmp_path):
    garbage = tmp_path / "garbage.der"
    garbage.write_bytes(b"\x30\x03\x02\x01\x01")
    given = arguments(CASES[0])
    given[given.index("--leaf") + 1] = str(garbage)
    done = runner.invoke(main, given)
    assert (json.loads(done.stdout)["reason_code"], done.exit_code) == ("malformed", 1)
    given = arguments(CASES[0])
    given[given.index("--anchors") + 1] = str(garbage)
    assert runner.invoke(main, given).exit_code == 64


@pytest.mark.parametrize("wrong", [["--leaf"], ["--colour", "red"]], ids=["left out", "unknown"])
def test_a_wrong_option_is_never_taken_for_a_verdict(wrong):
    given = arguments(CASES[0])
    place = given.index("--leaf")
    given[place : place + 2] = [] if wrong == ["--leaf"] else [*given[place : place + 2], *wrong]
    assert runner.invoke(main, given).exit_code == 64
    assert runner.invoke(main, ["verify", *wrong]).exit_code == 64


def test_a_leaf_file_with_two_certificates_is_a_mistake(tmp_path):
    both = tmp_path / "both.pem"
    both.write_bytes(2 * (VECTORS / CASES[0]["leaf"]).read_bytes())
    given = arguments(CASES[0])
    given[given.index("--leaf") + 1] = str(both)
    assert runner.invoke(main, given).exit_code == 64


def test_every_reason_has_its_sentence():
    used = set()
    for name in ("paths", "path_rules", "path_building", "path_revocation"):
        source = (ROOT / "verification" / f"{name}.py").read_text("utf-8")
        used |= set(re.findall(r'(?:DeadEnd|Standing)\(\s*"([a-z_]+)"', source))
    used |= {case["reason_code"] for case in CASES} | {"malformed"}
    assert used <= set(reasons())
