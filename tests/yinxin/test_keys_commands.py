"""`yinxin keys` and the options of `yinxin signer`, as operators call them."""

import json
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from ca.keystores import sealing
from ca.keystores.sealed import SealedKeystore
from tests.ca.keystores.material import KEYS, PASSPHRASE, secret_of
from yinxin.cli import main

ANOTHER = "another passphrase 2027"


@pytest.fixture
def word(tmp_path):
    file = tmp_path / "passphrase"
    file.write_text(f"{PASSPHRASE}\n")
    return file


@pytest.fixture(scope="module")
def sealed_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sealed")
    (folder / "passphrase").write_text(PASSPHRASE)
    options = ("--new-passphrase-file", folder / "passphrase")
    done = run("seal", KEYS, folder / "region.keys", *options)
    assert done.exit_code == 0, done.output
    return folder / "region.keys"


@pytest.fixture
def sealed(sealed_once, tmp_path):
    file = tmp_path / "region.keys"
    file.write_bytes(sealed_once.read_bytes())
    return file


def run(*arguments, group="keys"):
    return CliRunner().invoke(main, [group, *map(str, arguments)])


def opens(file, passphrase):
    return SealedKeystore(file, sealing.passphrase_from(passphrase)).names()


def test_a_directory_of_plain_keys_is_sealed(sealed):
    assert "sub_ca" in opens(sealed, PASSPHRASE)


def test_an_existing_file_is_not_written_over(sealed, word):
    before = sealed.read_bytes()
    done = run("seal", KEYS, sealed, "--new-passphrase-file", word)
    assert done.exit_code == 64
    assert sealed.read_bytes() == before


def test_the_passphrase_is_changed_and_the_keys_stay(sealed, word, tmp_path):
    new = tmp_path / "new"
    new.write_text(ANOTHER)
    done = run("reseal", sealed, "--opening-file", word, "--new-passphrase-file", new)
    assert done.exit_code == 0, done.output
    assert "sub_ca" in opens(sealed, ANOTHER)
    assert ANOTHER not in done.output


def test_shares_are_handed_out_in_files_and_open_it(sealed, word, tmp_path):
    options = ("--threshold", 2, "--shares", 3, "--out", tmp_path / "shares")
    done = run("split", sealed, "--opening-file", word, *options)
    assert done.exit_code == 0, done.output
    files = sorted((tmp_path / "shares").iterdir())
    assert [file.name for file in files] == [f"share-{n}-of-3.txt" for n in (1, 2, 3)]
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    assert not any(file.read_text().strip() in done.output for file in files)
    both = tmp_path / "both"
    both.write_text(files[0].read_text() + files[2].read_text())
    new = tmp_path / "new"
    new.write_text(ANOTHER)
    one = run("reseal", sealed, "--opening-file", files[1], "--new-passphrase-file", new)
    assert one.exit_code == 1
    assert "1 shares were given, 2 are needed" in one.output
    two = run("reseal", sealed, "--opening-file", both, "--new-passphrase-file", new)
    assert two.exit_code == 0, two.output
    assert "sub_ca" in opens(sealed, ANOTHER)


def test_shares_are_shown_before_the_file_needs_them(sealed, word):
    done = run("split", sealed, "--opening-file", word, "--threshold", 2, "--shares", 3)
    assert done.exit_code == 0
    assert len(re.findall(r"密钥分片 \d/3", done.output)) == 3


@pytest.mark.parametrize("numbers", [(1, 3), (4, 3), (2, 17)])
def test_impossible_shares_leave_the_file_as_it_was(sealed, word, numbers):
    threshold, count = numbers
    before = sealed.read_bytes()
    options = ("--threshold", threshold, "--shares", count)
    done = run("split", sealed, "--opening-file", word, *options)
    assert done.exit_code == 1
    assert sealed.read_bytes() == before


def test_a_wrong_passphrase_is_refused_and_not_repeated(sealed, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text("a wrong passphrase")
    done = run("reseal", sealed, "--opening-file", wrong, "--new-passphrase-file", wrong)
    assert done.exit_code == 1
    assert "a wrong passphrase" not in done.output


def test_keys_are_listed_with_what_they_are_for(sealed):
    done = run("list", sealed, "--json")
    told = {entry["key"]: entry for entry in map(json.loads, done.output.splitlines())}
    assert told["sub_ca"]["purposes"] == ["crl", "certificate"]
    assert told["receipt"]["purposes"] == ["receipt"]
    assert "seal_use" in run("list", sealed).output
    assert "seal_use" in run("list").output


def test_no_command_shows_a_key(sealed, word, tmp_path):
    new = tmp_path / "new"
    new.write_text(ANOTHER)
    said = run("list", sealed).output
    said += run("reseal", sealed, "--opening-file", word, "--new-passphrase-file", new).output
    assert secret_of("sub_ca").hex() not in said


def test_a_passphrase_is_read_from_a_descriptor(sealed, tmp_path):
    new = tmp_path / "new"
    new.write_text(ANOTHER)
    command = f"{sys.executable} -m yinxin.cli keys reseal {sealed} --opening-file /dev/fd/3"
    done = subprocess.run(
        ["bash", "-c", f'{command} --new-passphrase-file {new} 3<<<"{PASSPHRASE}"'],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert opens(sealed, ANOTHER)


def test_nothing_is_asked_where_nobody_sits(sealed):
    done = run("reseal", sealed)
    assert done.exit_code == 64
    assert "YINXIN_KEYSTORE_OPENING_FILE" in done.output


def test_a_missing_log_of_uses_is_an_error(tmp_path):
    assert run("verify-log", tmp_path / "nothing").exit_code == 1
    assert run("verify-log", tmp_path / "nothing", "--head", "x").exit_code == 64


@pytest.mark.parametrize(
    "options",
    [("--grant", "sub_ca:anything"), ("--rate", "timestamp=fast"), ("--rate", "anything=1:1")],
)
def test_wrong_options_of_the_signer_are_wrong_usage(tmp_path, options):
    places = ("--socket", tmp_path / "s", "--log", tmp_path / "l")
    assert run(*places, *options, group="signer").exit_code == 64


def test_the_memory_of_a_hardened_process_is_its_own():
    lines = (
        "import ctypes, resource",
        "from yinxin.signer_process import harden",
        "harden()",
        "print(ctypes.CDLL(None).prctl(3), resource.getrlimit(resource.RLIMIT_CORE))",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "0 (0, 0)"


@pytest.mark.parametrize(
    ("environment", "keystore"),
    [("development", "unix:/run/yinxin/signer"), ("production", "files")],
)
def test_a_signer_holds_keys_itself_and_no_plain_ones_in_production(
    tmp_path, monkeypatch, environment, keystore
):
    monkeypatch.setenv("YINXIN_ENVIRONMENT", environment)
    monkeypatch.setenv("YINXIN_KEYSTORE", keystore)
    done = run("--socket", tmp_path / "s", "--log", tmp_path / "l", group="signer")
    assert done.exit_code == 1
    assert "YINXIN_KEYSTORE" in done.output
    assert not (tmp_path / "l").exists()
