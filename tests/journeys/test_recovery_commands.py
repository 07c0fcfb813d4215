"""`yinxin ca recover`: a kept key leaves escrow by three persons, typed at a terminal."""

import json

import pytest
from typer.testing import CliRunner

from sealkit.asn1 import certificate_builder
from sealkit.asn1.certification_request import build_request
from sealkit.asn1.enveloped_key import open_envelope, parse_enveloped_key
from sealkit.asn1.x509 import parse_certificate, to_pem
from sealkit.sm.encryption import decrypt, encrypt
from sealkit.sm.sm2 import SM2PrivateKey
from yinxin.cli import main
from yinxin.demonstration.setting_up import SECRET

ENROLMENTS = "/v1/ca/enrolments"


@pytest.fixture
def recover(home, tmp_path):
    """Run `yinxin ca recover …` as an account."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET)

    def run(*arguments, account="ca-operator", exit_code=0):
        options = ["--account", account, "--server", home.address, "--secret-file", str(secret)]
        done = CliRunner().invoke(main, ["ca", "recover", *map(str, arguments), *options])
        assert done.exit_code == exit_code, done.output
        return done

    return run


@pytest.fixture(scope="module")
def pair(regions):
    """The encryption certificate of a pair, a recipient's certificate and its key."""
    home, court = regions[0], SM2PrivateKey.generate()

    def enrolled(profile, key, wanted):
        name = certificate_builder.name({"C": "CN", "O": "命令行恢复局", "CN": profile})
        found = home.client("ca-operator").post(
            ENROLMENTS,
            {
                "profile": profile,
                "request": to_pem(build_request(name, key), "CERTIFICATE REQUEST").decode(),
            },
            **{"Idempotency-Key": f"recover-command-{profile}"},
        )
        place = f"{ENROLMENTS}/sub_ca/{found.json['id']}"
        home.client("ca-approver").post(f"{place}/approve")
        return parse_certificate(home.client("ca-operator").get(f"{place}/{wanted}").content)

    holder = SM2PrivateKey.generate()
    encryption = enrolled("dual_signing", holder, "encryption-certificate.der")
    return encryption, enrolled("department_client", court, "certificate.der"), court


@pytest.fixture
def asked(recover, pair):
    """A recovery that waits for approvals, as it is named."""
    encryption, recipient, _court = pair
    options = ("--recipient", f"{recipient.serial:x}", "--reason", "调取证据通知书〔2026〕12 号")
    found = printed(recover("ask", f"{encryption.serial:x}", *options, "--json"))
    assert found["state"] == "requested"
    return f"sub_ca/{found['id']}"


def printed(done):
    """What was printed as JSON; the service logs to the same stream."""
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return json.loads(line)


def test_two_others_approve_and_the_envelope_opens_for_the_recipient_alone(
    recover, asked, pair, tmp_path
):
    encryption, _recipient, court = pair
    out = tmp_path / "key.der"
    assert "批准 1/2" in recover("approve", asked, account="ca-approver").stdout
    early = recover("take", asked, "--out", out, exit_code=1)
    assert "ca.certificate.unknown" in early.stderr
    assert not out.exists()
    assert printed(recover("approve", asked, "--json", account="ca-approver-2"))["state"] == (
        "delivered"
    )
    recover("take", asked, "--out", out)
    key = open_envelope(parse_enveloped_key(out.read_bytes()), court)
    assert decrypt(key, encrypt(encryption.sm2_key, b"kept")) == b"kept"
    before = out.read_bytes()
    assert "exists" in recover("take", asked, "--out", out, exit_code=64).stderr
    assert out.read_bytes() == before
    recover("take", asked, "--out", tmp_path / "no" / "where", exit_code=64)


def test_nobody_approves_twice_or_what_he_may_not(recover, asked):
    assert "ca.not_entitled" in recover("approve", asked, exit_code=1).stderr
    recover("approve", asked, account="ca-approver")
    twice = recover("approve", asked, account="ca-approver", exit_code=1)
    assert "ca.enrolment.separation_of_duties" in twice.stderr


def test_who_approves_does_not_ask(recover, pair):
    encryption, recipient, _court = pair
    options = ("--recipient", f"{recipient.serial:x}", "--reason", "无")
    refused = recover("ask", f"{encryption.serial:x}", *options, account="ca-approver", exit_code=1)
    assert "ca.not_entitled" in refused.stderr


def test_a_rejected_recovery_is_shown_with_its_reason_and_stays_so(recover, asked):
    recover("reject", asked, "--note", "依据不足", account="ca-approver")
    shown = recover("show", asked).stdout
    assert "rejected" in shown
    assert "依据不足" in shown
    assert "调取证据通知书" in shown
    after = recover("approve", asked, account="ca-approver-2", exit_code=1)
    assert "ca.enrolment.transition" in after.stderr


def test_a_key_that_is_not_kept_is_told(recover):
    refused = recover("ask", "1f", "--recipient", "1f", "--reason", "无", exit_code=1)
    assert "ca.certificate.unknown" in refused.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "xyz", "--recipient", "1f", "--reason", "无"),
        ("ask", "1f", "--recipient", "1" * 41, "--reason", "无"),
        ("show", "sub_ca"),
        ("show", "sub_ca/../../accounts"),
        ("approve", "/1"),
        ("reject", "sub_ca/1?x", "--note", "无"),
    ],
)
def test_what_cannot_be_right_ends_with_64(recover, arguments):
    recover(*arguments, exit_code=64)
