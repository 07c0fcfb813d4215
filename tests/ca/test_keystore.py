"""Keys are used and not seen; production refuses development keys."""

import copy
import pickle
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ca.errors import (
    DevelopmentKeyError,
    FaultySignatureError,
    KeyMismatchError,
    UnknownKeyError,
)
from ca.keystore import ECDSASigner, FileKeystore, SM2Signer
from sealkit.asn1 import algorithms
from sealkit.asn1.x509 import parse_certificate, pem_to_der, to_pem
from sealkit.errors import MalformedError, UnsupportedError
from sealkit.signer import ECDSA_P256_SHA256, SM2_SM3
from sealkit.sm import backend
from sealkit.sm import signature as encodings
from sealkit.sm.sm2 import SM2PrivateKey

KEYS = Path(__file__).parents[2] / "keys_dev" / "650000"


@pytest.fixture
def directory(tmp_path):
    return Path(shutil.copytree(KEYS, tmp_path / "keys"))


def pkcs8(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def test_names_are_those_of_the_key_files(keystore):
    assert {"root", "sub_ca", "seal_maker", "token", "pdf_signer_ecdsa"} <= set(keystore.names())


@pytest.mark.parametrize(
    ("name", "algorithm"), [("receipt", SM2_SM3), ("pdf_signer_ecdsa", ECDSA_P256_SHA256)]
)
def test_signature_verifies_with_the_certificate(keystore, name, algorithm):
    signer = keystore.signer(name)
    assert signer.algorithm == algorithm
    signature = signer.sign(b"message")
    assert len(signature) == 64
    certificate = parse_certificate(signer.certificate_der)
    algorithms.verify(
        certificate.spki,
        algorithms.signature_algorithm(signer),
        encodings.to_der(signature),
        b"message",
    )


def test_signer_is_opened_once(keystore):
    assert keystore.signer("receipt") is keystore.signer("receipt")


@pytest.mark.parametrize("name", ["nobody", "../650000/receipt", ""])
def test_unknown_name_is_refused(keystore, name):
    with pytest.raises(UnknownKeyError):
        keystore.signer(name)


def test_certificate_without_its_key_is_refused(directory):
    (directory / "receipt.key.pem").unlink()
    with pytest.raises(UnknownKeyError):
        FileKeystore(directory).signer("receipt")


def test_key_without_its_certificate_is_refused(directory):
    (directory / "receipt.cert.pem").unlink()
    with pytest.raises(UnknownKeyError):
        FileKeystore(directory).signer("receipt")


@pytest.mark.parametrize("other", ["log", "pdf_signer_ecdsa"])
def test_key_of_another_certificate_is_refused(directory, other):
    shutil.copy(directory / f"{other}.key.pem", directory / "receipt.key.pem")
    with pytest.raises(KeyMismatchError):
        FileKeystore(directory).signer("receipt")


def test_sm2_key_beside_an_ecdsa_certificate_is_refused(directory):
    shutil.copy(directory / "receipt.key.pem", directory / "pdf_signer_ecdsa.key.pem")
    with pytest.raises(KeyMismatchError):
        FileKeystore(directory).signer("pdf_signer_ecdsa")


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())],
    ids=["RSA", "P-384"],
)
def test_key_of_another_kind_is_refused(directory, key):
    (directory / "receipt.key.pem").write_bytes(pkcs8(key))
    with pytest.raises(KeyMismatchError):
        FileKeystore(directory).signer("receipt")


@pytest.mark.parametrize(
    "content",
    [b"", to_pem(b"\x30\x03\x02\x01\x00", "PRIVATE KEY"), to_pem(b"\x04\x00", "PRIVATE KEY")],
    ids=["empty", "cut", "no sequence"],
)
def test_file_that_is_no_key_is_refused(directory, content):
    (directory / "receipt.key.pem").write_bytes(content)
    with pytest.raises(MalformedError):
        FileKeystore(directory).signer("receipt")


def test_key_that_libcrypto_cannot_read_is_refused(directory):
    rsa_like = pem_to_der(pkcs8(ec.generate_private_key(ec.SECP256R1())), "PRIVATE KEY")
    broken = rsa_like.replace(rsa_like[-32:], bytes(32))
    (directory / "pdf_signer_ecdsa.key.pem").write_bytes(to_pem(broken, "PRIVATE KEY"))
    with pytest.raises(MalformedError):
        FileKeystore(directory).signer("pdf_signer_ecdsa")


def test_development_keys_are_refused_in_production():
    with pytest.raises(DevelopmentKeyError):
        FileKeystore(KEYS, production=True)


def test_development_key_added_after_the_start_is_refused_in_production(tmp_path):
    keystore = FileKeystore(tmp_path, production=True)
    shutil.copy(KEYS / "log.cert.pem", tmp_path)
    shutil.copy(KEYS / "log.key.pem", tmp_path)
    with pytest.raises(DevelopmentKeyError):
        keystore.signer("log")


def test_empty_directory_is_allowed_in_production(tmp_path):
    assert FileKeystore(tmp_path, production=True).names() == ()


def test_uncleared_library_stops_the_keystore(monkeypatch):
    monkeypatch.setattr(backend, "SIGNING_LIBRARIES", {})
    with pytest.raises(UnsupportedError):
        FileKeystore(KEYS)


@pytest.mark.parametrize("name", ["receipt", "pdf_signer_ecdsa"])
def test_signer_does_not_show_or_send_its_key(keystore, name):
    signer = keystore.signer(name)
    der = pem_to_der((KEYS / f"{name}.key.pem").read_bytes(), "PRIVATE KEY")
    secret = der[36:68]
    for shown in (repr(signer), str(signer), repr(vars(signer))):
        assert secret.hex() not in shown.lower()
        assert str(int.from_bytes(secret)) not in shown
        assert repr(secret)[2:-1] not in shown
    with pytest.raises(TypeError):
        pickle.dumps(signer)
    with pytest.raises(TypeError):
        copy.deepcopy(signer)


class FaultySM2Key(SM2PrivateKey):
    """A device that flips one bit of s now and then."""

    def sign(self, message, signer_id=b""):
        signature = super().sign(message)
        return signature[:-1] + bytes((signature[-1] ^ 1,))


def test_faulty_sm2_signature_never_leaves(keystore):
    scalar = pem_to_der((KEYS / "receipt.key.pem").read_bytes(), "PRIVATE KEY")[36:68]
    faulty = SM2Signer(FaultySM2Key(scalar), keystore.certificate("receipt"))
    with pytest.raises(FaultySignatureError) as raised:
        faulty.sign(b"message")
    assert scalar.hex() not in str(raised.value)


class FaultyECDSAKey:
    """A P-256 device that signs something else."""

    def __init__(self, key):
        self._key = key

    def public_key(self):
        return self._key.public_key()

    def sign(self, message, algorithm):
        return self._key.sign(message + b"!", algorithm)


def test_faulty_ecdsa_signature_never_leaves(keystore):
    good = keystore.signer("pdf_signer_ecdsa")
    faulty = ECDSASigner(FaultyECDSAKey(good._key), keystore.certificate("pdf_signer_ecdsa"))
    with pytest.raises(FaultySignatureError):
        faulty.sign(b"message")


@pytest.mark.peer
@pytest.mark.parametrize("name", ["receipt", "pdf_signer_ecdsa"])
def test_openssl_reads_the_key_files(openssl, name):
    file = str(KEYS / f"{name}.key.pem")
    assert openssl.run("pkey", "-in", file, "-noout", "-check").returncode == 0
    public = openssl.run("pkey", "-in", file, "-pubout").stdout.encode()
    certificate = FileKeystore(KEYS).certificate(name)
    assert pem_to_der(public, "PUBLIC KEY") == certificate.spki
