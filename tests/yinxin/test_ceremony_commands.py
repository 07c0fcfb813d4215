"""`yinxin ca ceremony` as operators type it."""

import json

import pytest
from typer.testing import CliRunner

from yinxin import ceremony_room
from yinxin.cli import main

ROOT_PLAN = """
kind = "root"
region = "650000"
leader = "甲"
witnesses = ["乙", "丙"]
holders = ["丁", "戊"]
threshold = 2
[subject]
C = "CN"
O = "示例机构"
CN = "示例根"
"""
LIST_PLAN = """
kind = "list"
region = "650000"
rehearsal = true
leader = "甲"
witnesses = ["乙", "丙"]
root_keystore = "root/root.sealed"
previous_list = "root/root.crl"
"""


def run(*arguments, typed=None):
    return CliRunner().invoke(main, ["ca", "ceremony", *map(str, arguments)], input=typed)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where a root ceremony was rehearsed."""
    folder = tmp_path_factory.mktemp("ceremony")
    (folder / "root.toml").write_text(ROOT_PLAN.replace("[subject]", "rehearsal = true\n[subject]"))
    done = run(
        *("perform", folder / "root.toml", "--out", folder / "root"),
        *("--shares-out", folder / "shares", "--agreed"),
    )
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """A machine whose only interface that is up is the loopback."""
    for name, flags in (("lo", "0x9"), ("eth0", "0x1002")):
        (tmp_path / "net" / name).mkdir(parents=True)
        (tmp_path / "net" / name / "flags").write_text(f"{flags}\n")
    monkeypatch.setattr(ceremony_room, "INTERFACES", tmp_path / "net")
    return tmp_path


@pytest.mark.parametrize("kind", ["root", "sub_ca", "list", "revocation"])
def test_a_plan_to_fill_in_is_printed_and_whole(kind, tmp_path):
    printed = run("plan", kind)
    assert printed.exit_code == 0
    plan = tmp_path / "plan.toml"
    plan.write_text(printed.stdout)
    # Whole: what is missing is only what the plan points to, or a room without a network.
    tried = run("perform", plan, "--out", tmp_path / "out")
    assert "root/root." in tried.output or "connected" in tried.output, tried.output


def test_a_rehearsed_ceremony_verifies_against_its_root(folder):
    told = run("verify", folder / "root", "--root", folder / "root" / "root.cert.pem", "--json")
    assert told.exit_code == 0
    assert json.loads(told.stdout)["verdict"] == "valid"
    assert run("verify", folder / "root").exit_code == 2


def test_a_changed_file_is_told_and_exits_1(folder, tmp_path):
    for file in (folder / "root").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "root.crl").write_bytes(b"x")
    told = run("verify", tmp_path, "--root", folder / "root" / "root.cert.pem")
    assert told.exit_code == 1
    assert "root.crl  file_changed" in told.output


def test_a_list_follows_with_shares_from_a_file(folder):
    (folder / "list.toml").write_text(LIST_PLAN)
    shares = folder / "brought.txt"
    shares.write_text("".join(f.read_text() for f in sorted((folder / "shares").iterdir())))
    done = run(
        *("perform", folder / "list.toml", "--out", folder / "list"),
        *("--root-shares", shares, "--agreed"),
    )
    assert done.exit_code == 0, done.output
    assert (folder / "list" / "root.crl").is_file()
    again = run("perform", folder / "list.toml", "--out", folder / "list", "--agreed")
    assert again.exit_code == 64


def test_shares_are_shown_to_their_holders_and_nothing_is_left_unless_they_come_back(offline):
    plan, out = offline / "root.toml", offline / "root"
    plan.write_text(ROOT_PLAN)
    everybody = ["甲", "乙", "丙"]
    typed = [*everybody, "乙", "丙", *everybody, *everybody, "a word", "another word"]
    shown = run("perform", plan, "--out", out, typed="\n".join(typed) + "\n")
    assert shown.exit_code == 1
    assert "密钥分片 1 → 丁" in shown.output and "密钥分片 2 → 戊" in shown.output
    assert "share 1 given" in shown.output
    assert [entry.name for entry in offline.iterdir() if "root" in entry.name] == ["root.toml"]


def test_shares_may_be_typed(folder):
    (folder / "typed.toml").write_text(LIST_PLAN)
    words = "".join(file.read_text() for file in sorted((folder / "shares").iterdir()))
    done = run("perform", folder / "typed.toml", "--out", folder / "typed", "--agreed", typed=words)
    assert done.exit_code == 0, done.output
    assert not any(line in done.output for line in words.splitlines())


def test_whoever_types_another_name_ends_it_and_nothing_is_left(offline):
    plan, out = offline / "root.toml", offline / "root"
    plan.write_text(ROOT_PLAN)
    done = run("perform", plan, "--out", out, typed="甲\n乙\n别人\n")
    assert (done.exit_code, out.exists()) == (1, False)
    assert "does not agree" in done.output


def test_a_whole_real_ceremony_at_a_terminal(offline):
    plan, out = offline / "root.toml", offline / "root"
    plan.write_text(ROOT_PLAN)
    everybody = ["甲", "乙", "丙"]
    typed = [*everybody, "乙", "丙", *everybody, *everybody, *everybody]
    done = run(
        *("perform", plan, "--out", out, "--shares-out", offline / "shares"),
        typed="\n".join(typed) + "\n",
    )
    assert done.exit_code == 0, done.output
    root = out / "root.cert.pem"
    assert run("verify", out, "--root", root).exit_code == 0
    assert "DEV" not in run("verify", out, "--root", root).output


def test_a_connected_machine_is_refused(tmp_path, monkeypatch):
    (tmp_path / "net" / "eth0").mkdir(parents=True)
    (tmp_path / "net" / "eth0" / "flags").write_text("0x1003\n")
    monkeypatch.setattr(ceremony_room, "INTERFACES", tmp_path / "net")
    (tmp_path / "root.toml").write_text(ROOT_PLAN)
    done = run("perform", tmp_path / "root.toml", "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "eth0" in done.output


def test_agreeing_for_everybody_is_for_rehearsals(tmp_path):
    (tmp_path / "root.toml").write_text(ROOT_PLAN)
    done = run("perform", tmp_path / "root.toml", "--out", tmp_path / "out", "--agreed")
    assert done.exit_code == 64


@pytest.mark.parametrize(
    "arguments",
    [
        ("perform", "absent.toml", "--out", "out"),
        ("verify", "absent"),
        ("plan", "wedding"),
        ("perform",),
    ],
)
def test_wrong_usage_exits_64(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(*arguments).exit_code == 64
