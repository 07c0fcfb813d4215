"""The offline verifier's arguments: times, trust directories, names too long for a file."""

from datetime import UTC, datetime

import pytest

from verification.trust import TrustStore
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
