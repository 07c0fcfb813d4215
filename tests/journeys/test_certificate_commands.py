"""The daily work with certificates, as an operator types it beside a running service."""

import json

import pytest
from typer.testing import CliRunner

from ca import authority
from ca.keystore import Purpose
from ca.profiles import PROFILES
from sealkit.asn1.crl import parse_crl
from sealkit.asn1.x509 import to_pem
from sealkit.sm.sm2 import SM2PrivateKey
from yinxin.audit import find_fault
from yinxin.cli import main
from yinxin.demonstration.setting_up import SECRET


@pytest.fixture
def ca(home, tmp_path, monkeypatch):
    """Run `yinxin ca …` on the machine of the service."""
    monkeypatch.setenv("YINXIN_DATA_DIRECTORY", str(home.context.settings.data_directory))
    monkeypatch.setenv("YINXIN_SERVER", home.address)
    monkeypatch.setenv("YINXIN_ACCOUNT", "ca-operator")
    secret = tmp_path / "secret"
    secret.write_text(SECRET)

    def run(*arguments, exit_code=0, signed_in=False):
        options = ["--server", home.address, "--secret-file", str(secret)] if signed_in else []
        done = CliRunner().invoke(main, ["ca", *map(str, arguments), *options])
        assert done.exit_code == exit_code, done.output
        return done

    return run


def lines(done):
    """What was printed as JSON; the service logs to the same stream."""
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


@pytest.fixture
def issued(home):
    """A certificate that the authority issued past the register, as an earlier system did."""

    def issue(profile="receipt", name="先前系统签发"):
        context = home.context
        at = context.now().replace(microsecond=0)
        prepared = authority.prepare(
            PROFILES[profile],
            subject={"C": "CN", "O": "旅程试验机构", "CN": name},
            spki=SM2PrivateKey.generate().public_key.spki,
            issuer=context.keystore.certificate("sub_ca"),
            not_before=at,
            not_after=at.replace(year=at.year + 1),
            serial=authority.new_serial(),
        )
        return authority.issue(prepared, context.keystore.signer("sub_ca", Purpose.CERTIFICATE))

    return issue


@pytest.fixture
def registered(ca, issued, tmp_path):
    certificate = issued()
    file = tmp_path / "certificate.pem"
    file.write_bytes(to_pem(certificate.der, "CERTIFICATE"))
    ca("register", file, "--profile", "receipt")
    return certificate


def test_what_an_earlier_system_issued_is_registered_listed_and_shown(
    ca, home, registered, tmp_path
):
    name = f"sub_ca/{registered.serial:x}"
    (found,) = lines(ca("list", "--profile", "receipt", "--subject", "先前系统", "--json"))[-1:]
    assert found["state"] == "valid"
    shown = ca("show", name, "--out", tmp_path / "copy.pem").output
    assert registered.fingerprint.hex() in shown
    assert (tmp_path / "copy.pem").read_bytes() == to_pem(registered.der, "CERTIFICATE")
    with home.context.database.reading() as session:
        assert find_fault(session) is None


def test_only_what_ends_soon_is_listed_when_asked(ca, registered):
    soon = lines(ca("list", "--within", 400, "--json"))
    assert f"{registered.serial:x}" in {entry["serial"] for entry in soon}
    assert lines(ca("list", "--within", 1, "--authority", "root", "--json")) == []


def test_a_revoked_certificate_is_shown_so_and_is_in_the_next_list(ca, home, registered):
    name = f"sub_ca/{registered.serial:x}"
    ca("revoke", name, "--reason", "key_compromise", signed_in=True)
    (found,) = lines(ca("show", name, "--json"))
    assert (found["state"], found["reason"]) == ("revoked", "key_compromise")
    ca("crl", "--build-now", "sub_ca", signed_in=True)
    newest = parse_crl(home.client().get("/crl/sub_ca.crl").content)
    assert registered.serial in newest.revoked
    told = {entry["authority"]: entry for entry in lines(ca("crl", "--json"))}
    assert told["sub_ca"]["number"] >= newest.number
    assert all(entry["fresh"] for entry in told.values())


def test_a_stranger_s_certificate_is_not_registered(ca, tmp_path):
    key = SM2PrivateKey.generate()
    prepared = authority.prepare(
        PROFILES["root"],
        subject={"C": "CN", "O": "别的机构", "CN": "别的根"},
        spki=key.public_key.spki,
        issuer=None,
        not_before=authority_time(),
        not_after=authority_time(years=5),
        serial=authority.new_serial(),
    )

    class Self:
        certificate_der = b""
        algorithm = "sm2-sm3"
        sign = staticmethod(key.sign)

    stranger = authority.issue(prepared, Self())
    file = tmp_path / "stranger.pem"
    file.write_bytes(to_pem(stranger.der, "CERTIFICATE"))
    assert (
        "not issued by this region" in ca("register", file, "--profile", "root", exit_code=1).output
    )


def test_a_certificate_that_breaks_the_profile_is_not_registered(ca, issued, tmp_path):
    file = tmp_path / "certificate.pem"
    file.write_bytes(to_pem(issued().der, "CERTIFICATE"))
    assert (
        "certificate refused" in ca("register", file, "--profile", "timestamp", exit_code=1).output
    )


def test_the_calendar_says_who_acts_when_and_by_which_command(ca, tmp_path):
    file = tmp_path / "calendar.ics"
    found = lines(ca("calendar", "--months", 300, "--ics", file, "--json"))
    things = {entry["thing"] for entry in found}
    assert things == {
        *("certificate", "ceremony", "revocation_list", "root_list", "trust_metadata")
    }
    assert [entry["act_by"] for entry in found] == sorted(entry["act_by"] for entry in found)
    calendar = file.read_bytes()
    assert calendar.count(b"BEGIN:VEVENT") == len(found)
    assert all(len(line) <= 75 for line in calendar.split(b"\r\n"))


def test_something_overdue_ends_with_1_for_whoever_watches(ca):
    late = ca("calendar", "--at", "2045-12-31T00:00:00Z", "--json", exit_code=1)
    assert "overdue" in {entry["urgency"] for entry in lines(late)}


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "sub_ca"),
        ("show", "sub_ca/zz"),
        ("show", "../x/1"),
        ("revoke", "sub_ca/1", "--reason", "boredom"),
        ("revoke", "sub_ca/1", "--reason", "superseded", "--invalid-since", "yesterday"),
        ("list", "--state", "lost"),
        ("list", "--within", "-1"),
        ("register", "/nowhere.pem", "--profile", "receipt"),
        ("calendar", "--at", "tomorrow"),
    ],
)
def test_wrong_usage_ends_with_64(ca, arguments):
    ca(*arguments, exit_code=64)


def test_an_unknown_certificate_ends_with_1(ca):
    ca("show", "sub_ca/1", exit_code=1)
    ca("revoke", "sub_ca/1", "--reason", "superseded", exit_code=1, signed_in=True)


def authority_time(years=0):
    from datetime import UTC, datetime

    return datetime(2026 + years, 11, 1, tzinfo=UTC)
