"""The committed development keys are what their script makes, and peers agree with them."""

import importlib.util
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ca.keystore import FileKeystore
from sealkit import oids
from sealkit.asn1.x509 import parse_certificate, pem_to_certificates

KEYS = Path(__file__).parents[2] / "keys_dev"
REGIONS = ("650000", "440000")
SCRIPT = KEYS / "make_dev_keys.py"

_spec = importlib.util.spec_from_file_location("make_dev_keys", SCRIPT)
make_dev_keys = importlib.util.module_from_spec(_spec)
sys.modules["make_dev_keys"] = make_dev_keys
_spec.loader.exec_module(make_dev_keys)

ENTRIES = [(region, entry) for region in REGIONS for entry in make_dev_keys.ENTRIES]
NAMES = [f"{region}/{entry.name}" for region, entry in ENTRIES]


def certificate(region, name):
    return FileKeystore(KEYS / region).certificate(name)


def test_committed_keys_are_as_made():
    assert make_dev_keys.check() == []


def test_check_finds_what_was_changed(tmp_path, monkeypatch):
    copy = shutil.copytree(KEYS, tmp_path / "keys_dev")
    monkeypatch.setattr(make_dev_keys, "HERE", copy)
    (copy / "650000" / "log.key.pem").unlink()
    shutil.copy(copy / "650000" / "receipt.cert.pem", copy / "650000" / "token.cert.pem")
    swapped = copy / "440000" / "sub_ca.cert.pem"
    swapped.write_bytes((copy / "650000" / "sub_ca.cert.pem").read_bytes())
    faults = make_dev_keys.check()
    assert any(fault.startswith("650000/log:") for fault in faults)
    assert "650000/token: not what this script makes" in faults
    assert any(fault.startswith("440000/sub_ca:") for fault in faults)


def test_writing_again_gives_the_same_keys_and_signed_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(make_dev_keys, "HERE", tmp_path)
    make_dev_keys.write()
    for region in REGIONS:
        for entry in make_dev_keys.ENTRIES:
            name = f"{entry.name}.key.pem"
            assert (tmp_path / region / name).read_bytes() == (KEYS / region / name).read_bytes()
            made = pem_to_certificates((tmp_path / region / f"{entry.name}.cert.pem").read_bytes())
            assert made[0].tbs == certificate(region, entry.name).tbs


def test_script_prints_no_key():
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=KEYS.parent,
        env={"PYTHONPATH": str(KEYS.parent), "PATH": "/usr/bin:/bin"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "development keys are as made\n"


@pytest.mark.parametrize(("region", "entry"), ENTRIES, ids=NAMES)
def test_certificate_is_marked_and_lasts(region, entry):
    found = certificate(region, entry.name)
    parts = dict(found.subject_parts)
    assert parts["C"] == "CN"
    assert parts["O"].endswith(" 开发测试 DEV")
    assert parts["CN"].endswith(" DEV")
    assert found.valid_at(datetime(2026, 1, 1, tzinfo=UTC))
    assert found.valid_at(datetime(2046, 1, 1, tzinfo=UTC))
    assert found.is_ca == (entry.name in ("root", "sub_ca", "ecdsa_root"))


def test_regions_share_no_key_and_no_serial_number():
    found = [certificate(region, entry.name) for region, entry in ENTRIES]
    assert len({each.spki for each in found}) == len(found)
    assert len({each.serial for each in found}) == len(found)


@pytest.mark.parametrize("name", ["root", "sub_ca", "receipt"])
def test_no_region_signed_for_the_other(name):
    found = certificate("650000", name)
    assert found.issuer_der != certificate("440000", "root").subject_der
    assert found.issuer_der != certificate("440000", "sub_ca").subject_der


@pytest.mark.peer
@pytest.mark.parametrize(("region", "entry"), ENTRIES, ids=NAMES)
def test_openssl_verifies_each_link(openssl, region, entry):
    found = certificate(region, entry.name)
    issuer = found if found.is_self_issued else certificate(region, entry.issuer)
    sm2 = found.signature_algorithm == oids.SM2_WITH_SM3
    assert openssl.verifies_link(found.der, issuer.der, sm2=sm2)
    if entry.name == "root":
        # OpenSSL does not look at the signature of an anchor: check it raw.
        assert openssl.verifies_raw(found.tbs, found.signature, found.spki)


@pytest.mark.peer
def test_openssl_refuses_a_link_to_the_other_region(openssl):
    leaf, stranger = certificate("650000", "receipt"), certificate("440000", "sub_ca")
    assert not openssl.verifies_link(leaf.der, stranger.der)


@pytest.mark.peer
def test_openssl_prints_the_names_in_chinese(openssl):
    file = str(KEYS / "650000" / "seal_signer_market.cert.pem")
    text = openssl.run("x509", "-in", file, "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus")
    found = parse_certificate(certificate("650000", "seal_signer_market").der)
    assert re.sub(r"\s*=\s*", "=", text.stdout.strip()) == f"subject={found.subject}"
