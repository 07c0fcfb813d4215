"""`yinxin ca enrol`, `requests`, `approve` and `reject` against a running service."""

import json
from itertools import count

import pytest
from typer.testing import CliRunner

from sealkit.asn1 import certificate_builder
from sealkit.asn1.certification_request import build_request
from sealkit.asn1.enveloped_key import open_envelope, parse_enveloped_key
from sealkit.asn1.x509 import pem_to_certificates, to_pem
from sealkit.sm import signature
from sealkit.sm.sm2 import SM2PrivateKey
from yinxin.cli import main
from yinxin.demonstration.setting_up import SECRET

_numbers = count(1)


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    return file


@pytest.fixture
def ca(home, secret):
    """Run a command as an account; give what it printed as JSON, or its result."""

    def run(command, *arguments, account="ca-operator", exit_code=0, as_json=True):
        options = ["--account", account, "--server", home.address, "--secret-file", secret]
        options += ["--json"] * as_json
        done = CliRunner().invoke(main, ["ca", command, *map(str, arguments), *map(str, options)])
        assert done.exit_code == exit_code, done.output
        if not as_json or exit_code:
            return done
        # The service runs in this process too, and its log goes to the same stream.
        (answer,) = [line for line in done.stdout.splitlines() if line[:1] in ("{", "[")]
        return json.loads(answer)

    return run


@pytest.fixture
def request_file(tmp_path):
    def make(key):
        name = certificate_builder.name(
            {"C": "CN", "O": "命令行试验局", "CN": f"命令行试验 {next(_numbers)}"}
        )
        der = build_request(name, key)
        file = tmp_path / f"request-{next(_numbers)}.pem"
        file.write_bytes(to_pem(der, "CERTIFICATE REQUEST"))
        return file, der

    return make


def named(found):
    return f"{found['authority']}/{found['id']}"


def test_from_a_file_to_a_certificate_in_a_file(ca, request_file, tmp_path):
    key, new = SM2PrivateKey.generate(), SM2PrivateKey.generate()
    file, _der = request_file(key)
    found = ca("enrol", file, "--profile", "code_signer")
    assert ca("enrol", file, "--profile", "code_signer")["id"] == found["id"]
    shown = ca("requests", account="ca-approver", as_json=False)
    assert "命令行试验局" in shown.stdout
    assert named(found) in [named(entry) for entry in ca("requests", account="ca-approver")]
    own = ca("approve", named(found), exit_code=1)
    assert "ca.not_entitled" in own.stderr
    assert ca("approve", named(found), account="ca-approver")["state"] == "submitted"
    twice = ca("approve", named(found), account="ca-approver", exit_code=1)
    assert "ca.enrolment.separation_of_duties" in twice.stderr
    issued = ca("approve", named(found), account="ca-approver-2")
    assert issued["state"] == "issued"
    out = tmp_path / "certificate.pem"
    ca("collect", named(found), "--out", out, as_json=False)
    (certificate,) = pem_to_certificates(out.read_bytes())
    assert certificate.spki == key.public_key.spki
    ca("collect", named(found), "--out", out, as_json=False, exit_code=64)

    file, der = request_file(new)
    vouched = tmp_path / "old.sig"
    vouched.write_bytes(signature.to_der(key.sign(der)))
    options = ("--rekeys", issued["serial"], "--old-key-signature", vouched)
    following = ca("enrol", file, "--profile", "code_signer", *options)
    assert (following["way"], following["predecessor"]) == ("rekey", issued["serial"])
    assert ca("withdraw", named(following), "--note", "不需要")["state"] == "withdrawn"


def test_a_pair_comes_as_three_files(ca, request_file, tmp_path):
    key = SM2PrivateKey.generate()
    file, _der = request_file(key)
    found = ca("enrol", file, "--profile", "dual_signing")
    ca("approve", named(found), account="ca-approver")
    options = ("--encryption-out", tmp_path / "e.pem", "--key-out", tmp_path / "key")
    ca("collect", named(found), "--out", tmp_path / "s.pem", *options, as_json=False)
    (encryption,) = pem_to_certificates((tmp_path / "e.pem").read_bytes())
    pair = open_envelope(parse_enveloped_key((tmp_path / "key").read_bytes()), key)
    assert encryption.spki == pair.public_key.spki


def test_a_request_is_rejected_with_a_reason(ca, request_file):
    file, _der = request_file(SM2PrivateKey.generate())
    host = ("--host", "gateway.example.cn", "--address", "10.0.0.1")
    found = ca("enrol", file, "--profile", "gateway_tls", *host)
    assert (found["dns_names"], found["ip_addresses"]) == (["gateway.example.cn"], ["10.0.0.1"])
    done = ca("reject", named(found), "--note", "未备案", account="ca-approver", as_json=False)
    assert "rejected" in done.stdout


def test_mistakes_are_told_and_exit_64(ca, request_file, tmp_path):
    file, _der = request_file(SM2PrivateKey.generate())
    absent = ca("enrol", tmp_path / "absent", "--profile", "receipt", exit_code=64)
    assert "cannot be read" in absent.stderr
    ca("enrol", file, "--profile", "cross_ca", "--permit", "O", exit_code=64)
    ca("approve", "nothing", exit_code=64)
    ca("approve", "sub_ca/../x", exit_code=64)
    ca("requests", account="nobody", exit_code=64)
    lint = ca("enrol", file, "--profile", "gateway_tls", exit_code=1)
    assert "alternative_names.not_as_profiled" in lint.stderr


def test_service_that_is_not_there_is_told(secret):
    options = ["--account", "a", "--server", "http://127.0.0.1:9", "--secret-file", str(secret)]
    done = CliRunner().invoke(main, ["ca", "requests", *options])
    assert done.exit_code == 1
    assert "cannot be reached" in done.stderr


def test_what_is_approved_is_issued_on_the_machine_that_has_the_key(home, monkeypatch):
    settings = home.context.settings
    monkeypatch.setenv("YINXIN_DATA_DIRECTORY", str(settings.data_directory))
    monkeypatch.setenv("YINXIN_PUBLIC_URL", settings.public_url)
    done = CliRunner().invoke(main, ["ca", "issue-approved"])
    assert done.exit_code == 0, done.output
    assert "已签发 0 张" in done.stdout
