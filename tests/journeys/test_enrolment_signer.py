"""The web server may not sign certificates: what is approved waits for a machine that may."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from sealkit.asn1 import certificate_builder
from sealkit.asn1.certification_request import build_request
from sealkit.asn1.x509 import pem_to_certificates, to_pem
from sealkit.sm.sm2 import SM2PrivateKey
from tests.journeys.conftest import Region
from tests.journeys.test_signer import SignerProcess
from yinxin.context import open_context
from yinxin.demonstration.setting_up import set_up
from yinxin.serving import free_port, running
from yinxin.settings import Settings

PLACE = "/v1/ca/enrolments"


@pytest.fixture(scope="module")
def signers():
    """One for the web server, and one for the registration officers."""
    with tempfile.TemporaryDirectory(prefix="yx") as web, tempfile.TemporaryDirectory() as office:
        ordinary = SignerProcess(Path(web))
        granted = SignerProcess(Path(office), "--grant", "sub_ca:certificate")
        yield ordinary, granted
        for process in (ordinary, granted):
            process.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def served(signers, tmp_path_factory):
    settings = Settings(
        data_directory=tmp_path_factory.mktemp("enrolment"),
        port=free_port(),
        demonstration=True,
        keystore=f"unix:{signers[0].socket}",
        keys_directory=Path("/nonexistent"),
    )
    context = open_context(settings)
    set_up(context)
    with running(context) as address:
        yield Region(context, address, {})
    context.close()


def issue_approved(served, signer):
    settings = served.context.settings
    environment = {
        "YINXIN_DATA_DIRECTORY": str(settings.data_directory),
        "YINXIN_PUBLIC_URL": settings.public_url,
        "YINXIN_KEYSTORE": f"unix:{signer.socket}",
    }
    return subprocess.run(
        [sys.executable, "-m", "yinxin.cli", "ca", "issue-approved"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_what_is_approved_is_signed_where_certificates_are_granted(served, signers):
    ordinary, granted = signers
    key = SM2PrivateKey.generate()
    name = certificate_builder.name({"C": "CN", "O": "旅程试验局", "CN": "等候签发"})
    pem = to_pem(build_request(name, key), "CERTIFICATE REQUEST").decode()
    members = {"profile": "seal_signer", "request": pem}
    headers = {"Idempotency-Key": "journey-of-the-signer"}
    found = served.client("ca-operator").post(PLACE, members, **headers).json
    place = f"{PLACE}/{found['authority']}/{found['id']}"
    for account in ("ca-approver", "ca-approver-2"):
        found = served.client(account).post(f"{place}/approve").json
    assert (found["state"], found["certificate"]) == ("approved", None)
    early = served.ask("ca-operator", "GET", f"{place}/certificate.pem")
    served.refused(404, "ca.certificate.unknown", early)
    refusal = ordinary.log.read_text().splitlines()[-1]
    assert '"purpose":"certificate"' in refusal
    assert '"outcome":"ca.key.purpose"' in refusal

    waiting = issue_approved(served, ordinary)
    assert waiting.returncode == 1
    assert "ca.key.purpose" in waiting.stdout
    done = issue_approved(served, granted)
    assert done.returncode == 0, done.stdout + done.stderr
    assert served.client("ca-approver").get(place).json["state"] == "issued"
    content = served.client("ca-operator").get(f"{place}/certificate.pem").content
    (certificate,) = pem_to_certificates(content)
    assert certificate.spki == key.public_key.spki
    assert f"{served.address}/ocsp".encode() in certificate.der
