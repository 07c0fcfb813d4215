"""A service whose keys are in another process works as ever, and cannot be made to misuse them."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from ca.authority import new_serial, prepare
from ca.errors import PurposeError
from ca.keystore import Purpose
from ca.keystores import sealing
from ca.keystores.remote.client import RemoteKeystore
from ca.profiles import PROFILES
from sealkit.asn1 import tsp
from sealkit.sm import sm3
from sealkit.sm.sm2 import SM2PrivateKey
from tests.ca.keystores.material import PASSPHRASE, plain_keys, secret_of
from tests.journeys.conftest import Region
from yinxin.context import open_context
from yinxin.demonstration.setting_up import set_up
from yinxin.serving import free_port, running
from yinxin.settings import Settings


class SignerProcess:
    """`yinxin signer` over a sealed keystore, as an operator starts it."""

    def __init__(self, folder, *arguments):
        self.folder = folder
        self.socket, self.log = folder / "signer", folder / "uses.log"
        self._arguments = arguments
        keystore, opening = folder / "region.keys", folder / "passphrase"
        if not keystore.exists():
            sealed = sealing.seal(plain_keys(), sealing.passphrase_from(PASSPHRASE))
            sealing.write_file(keystore, sealed)
            opening.write_text(PASSPHRASE + "\n")
        self._environment = {
            "YINXIN_KEYSTORE": "sealed",
            "YINXIN_KEYSTORE_FILE": str(keystore),
            "YINXIN_KEYSTORE_OPENING_FILE": str(opening),
        }
        self.said = ""
        self.start()

    def start(self):
        command = [sys.executable, "-m", "yinxin.cli", "signer"]
        command += ["--socket", str(self.socket), "--log", str(self.log), *self._arguments]
        self._process = subprocess.Popen(
            command,
            env=os.environ | self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said += self._process.stdout.readline()  # it says when it listens

    def end(self, how):
        self._process.send_signal(how)
        rest, _ = self._process.communicate(timeout=30)
        self.said += rest
        return self._process.returncode

    @property
    def limits(self):
        return Path(f"/proc/{self._process.pid}/limits").read_text()


@pytest.fixture(scope="module")
def signer():
    with tempfile.TemporaryDirectory(prefix="yx") as name:
        process = SignerProcess(Path(name))
        yield process
        process.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def served(signer, tmp_path_factory):
    """A region that runs with the keys of the signer."""
    settings = Settings(
        data_directory=tmp_path_factory.mktemp("signer"),
        port=free_port(),
        demonstration=True,
        keystore=f"unix:{signer.socket}",
        keys_directory=Path("/nonexistent"),
    )
    context = open_context(settings)
    set_up(context)
    with running(context) as address:
        yield Region(context, address, {})
    context.close()


def lines(signer):
    return signer.log.read_text().splitlines()


def verify_log(signer, *arguments):
    command = [sys.executable, "-m", "yinxin.cli", "keys", "verify-log", str(signer.log)]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)


def test_a_licence_is_minted_stamped_and_valid(served, signer, company):
    assert isinstance(served.context.keystore, RemoteKeystore)
    licence = served.mint(company)
    for form in ("ofd", "pdf"):
        assert served.verify(served.file(licence, form))["verdict"] == "valid"
    used = "\n".join(lines(signer))
    for purpose in ("seal", "seal_use", "pdf", "code", "status", "log", "timestamp", "crl"):
        assert f'"purpose":"{purpose}"' in used
    assert '"outcome":"signed"' in used
    assert "refused" not in used


def test_the_timestamp_service_stamps(served):
    query = tsp.build_request(sm3.digest(b"message"), nonce=7)
    headers = {"Content-Type": "application/timestamp-query"}
    answer = served.client().call("POST", "/tsa", query, headers)
    token = tsp.parse_response(answer.content).token
    certificate = served.context.keystore.certificate("timestamp")
    token.verify(imprint=sm3.digest(b"message"), certificate_der=certificate.der)


def test_a_stolen_web_server_gets_no_certificate_and_is_on_record(served, signer):
    keystore = RemoteKeystore(signer.socket, stopwatch=time.monotonic)
    tbs = prepare(
        PROFILES["seal_signer"],
        subject={"C": "CN", "O": "盗用者", "CN": "假印章"},
        spki=SM2PrivateKey.generate().public_key.spki,
        issuer=keystore.certificate("sub_ca"),
        not_before=keystore.certificate("sub_ca").not_before,
        not_after=keystore.certificate("sub_ca").not_before.replace(year=2028),
        serial=new_serial(),
    ).tbs
    attempts = [
        ("sub_ca", Purpose.CERTIFICATE),
        ("sub_ca", Purpose.CRL),
        ("seal_maker", Purpose.SEAL),
        ("timestamp", Purpose.TIMESTAMP),
        ("token", Purpose.TOKEN),
    ]
    for name, purpose in attempts:
        with pytest.raises(PurposeError):
            keystore.signer(name, purpose).sign(tbs)
    keystore.close()
    refused = [line for line in lines(signer) if '"outcome":"ca.key.purpose"' in line]
    assert [f'"key":"{name}"' in line for (name, _), line in zip(attempts, refused, strict=True)]
    assert all(sm3.digest(tbs).hex() in line for line in refused)


def test_while_the_signer_is_down_a_licence_waits_and_then_goes_on(served, signer, company):
    place = served.apply(company)
    served.client("market-reviewer").post(f"{place}/review", {"decision": "approve"})
    assert signer.end(signal.SIGKILL) == -signal.SIGKILL
    down = served.ask("market-clerk", "POST", f"{place}/mint")
    served.refused(503, "ca.signer.unavailable", down)
    signer.start()
    licence = served.client("market-clerk").post(f"{place}/mint").json
    assert served.verify(served.file(licence))["verdict"] == "valid"


def test_its_log_holds_and_a_changed_line_is_named(served, signer, tmp_path):
    head = served.context.keystore.use_log_head()
    done = verify_log(signer, "--head", f"{head.sequence}:{head.digest}")
    assert done.returncode == 0, done.stdout + done.stderr
    copy = lines(signer)
    copy[4] = copy[4].replace('"uid":', '"uid":1')
    (tmp_path / "uses.log").write_text("\n".join(copy) + "\n")
    command = [sys.executable, "-m", "yinxin.cli", "keys", "verify-log", tmp_path / "uses.log"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "line 5: changed" in done.stdout


def test_it_dumps_no_core_and_says_no_secret(signer):
    core = next(line for line in signer.limits.splitlines() if line.startswith("Max core file"))
    assert core.split()[4:6] == ["0", "0"]
    log = signer.log.read_text()
    for name in ("sub_ca", "token", "receipt"):
        assert secret_of(name).hex() not in signer.said + log
    assert PASSPHRASE not in signer.said + log


def test_it_ends_when_told_to_and_leaves_no_socket(tmp_path):
    with tempfile.TemporaryDirectory(prefix="yx") as name:
        process = SignerProcess(Path(name))
        assert process.end(signal.SIGTERM) == 0
        assert not process.socket.exists()
        assert "就绪" in process.said
