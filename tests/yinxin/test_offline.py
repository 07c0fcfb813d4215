"""The offline verifier's arguments: times, trust directories, names too long for a file."""

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from tests.conformance import instants
from tests.conformance.bad_bundles import under_two_roots
from tests.conformance.world import guangdong, xinjiang
from verification.bundle import build_bundle
from verification.trust import TrustStore
from yinxin.cli import main
from yinxin.offline import UsageError, load_trust, parse_instant, verify_one, worse

AT = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_time_without_zone_is_utc():
    assert parse_instant("2026-11-23") == AT
    assert parse_instant("2026-11-23T08:00:00+08:00") == AT


@pytest.mark.parametrize("text", ["", "yesterday", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_time_is_wrong_usage(text):
    with pytest.raises(UsageError):
        parse_instant(text)


def test_a_code_longer_than_a_file_name_is_judged():
    answer = verify_one("CL1:" + "A" * 600, TrustStore(()), AT)
    assert answer["verdict"] in ("invalid", "cannot_say")


def test_a_file_that_is_not_there_cannot_be_judged(tmp_path):
    answer = verify_one(str(tmp_path / "none.ofd"), TrustStore(()), AT)
    assert answer["verdict"] == "cannot_say"
    assert answer["findings"][0]["code"] == "document.unreadable"


def test_a_directory_without_trust_is_wrong_usage(tmp_path):
    for content in (None, b"not a certificate"):
        if content:
            (tmp_path / "root.pem").write_bytes(content)
        with pytest.raises(UsageError):
            load_trust([tmp_path])


def test_invalid_is_worse_than_cannot_say():
    assert worse("cannot_say", "invalid") == worse("invalid", "valid") == "invalid"
    assert worse("valid", "cannot_say") == "cannot_say"


def test_the_command_works_from_a_bundle_and_says_when_it_is_too_old(tmp_path):
    world = xinjiang()
    signer, tokens = world.signer("trust_bundle"), world.sound_status.tokens
    file = tmp_path / "bundle.json"
    now = instants.AT
    file.write_bytes(build_bundle(world.trust.regions, tokens, {}, signer=signer, at=now))
    root, other = tmp_path / "root.pem", tmp_path / "other.pem"
    root.write_bytes(world.trust.regions[0].to_files()["root.pem"])
    other.write_bytes(guangdong().trust.regions[0].to_files()["root.pem"])

    def answer(at, *options):
        arguments = ["verify", world.sound_code, "--offline", str(file), "--at", at.isoformat()]
        return CliRunner().invoke(main, [*arguments, "--json", *options])

    assert answer(now, "--root", str(root)).exit_code == 0
    late = answer(now + timedelta(days=2))
    assert late.exit_code == 2
    assert "bundle.stale" in late.output
    assert answer(now, "--root", str(other)).exit_code == 64
    file.write_bytes(under_two_roots(world)[0])
    assert answer(now, "--root", str(root)).exit_code == 64
    file.write_bytes(b"{}")
    assert answer(now).exit_code == 64
