"""Requests for certificates: read strictly, proven, and understood by OpenSSL both ways."""

import shutil
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from sealkit.asn1 import certificate_builder, encode
from sealkit.asn1.certification_request import (
    EXTENSION_REQUEST,
    MAX_REQUEST_BYTES,
    build_request,
    parse_request,
)
from sealkit.asn1.x509 import pem_to_der, to_pem
from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError
from sealkit.sm.sm2 import SM2PrivateKey

KEY = SM2PrivateKey.generate()
NAME = {"C": "CN", "O": "示例市市场监督管理局", "CN": "电子证照专用章"}
REQUEST = build_request(certificate_builder.name(NAME), KEY)
ID = "distid:1234567812345678"

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the openssl command is not installed"
)


def openssl(*arguments, **more):
    done = subprocess.run(
        ["openssl", *map(str, arguments)], capture_output=True, check=False, timeout=60, **more
    )
    return done.stdout + done.stderr


def test_what_was_asked_is_read_and_the_key_proven():
    request = parse_request(REQUEST)
    assert dict(request.subject) == NAME
    assert request.sm2_key == KEY.public_key
    assert request.extensions == ()
    request.verify_possession()


@needs_openssl
def test_openssl_verifies_our_request(tmp_path):
    file = tmp_path / "request.pem"
    file.write_bytes(to_pem(REQUEST, "CERTIFICATE REQUEST"))
    verify = ("req", "-in", file, "-verify", "-noout", "-vfyopt")
    # Its exit code is 0 either way; only the words tell.
    assert b"verify OK" in openssl(*verify, ID)
    assert b"verify OK" not in openssl(*verify, "distid:another")


@needs_openssl
def test_we_verify_openssls_request_with_the_extensions_it_asks_for(tmp_path):
    key, file = tmp_path / "key.pem", tmp_path / "request.pem"
    config = tmp_path / "request.cnf"
    config.write_text(
        "[req]\ndistinguished_name=dn\nprompt=no\nutf8=yes\nstring_mask=utf8only\n"
        "req_extensions=wish\n[dn]\nC=CN\nO=示例局\nCN=请求\n"
        "[wish]\nkeyUsage=critical,digitalSignature\nbasicConstraints=CA:TRUE\n",
        "utf-8",
    )
    openssl("genpkey", "-algorithm", "SM2", "-out", key)
    sign = ("-sm3", "-sigopt", ID, "-config", config, "-out", file)
    openssl("req", "-new", "-key", key, *sign)
    der = pem_to_der(file.read_bytes(), "CERTIFICATE REQUEST")
    request = parse_request(der)
    request.verify_possession()
    assert dict(request.subject)["CN"] == "请求"
    assert {extension.oid for extension in request.extensions} == {"2.5.29.15", "2.5.29.19"}
    place = der.index("请求".encode())
    forged = parse_request(der[:place] + "请来".encode() + der[place + 6 :])
    with pytest.raises(InvalidSignatureError):
        forged.verify_possession()


def test_a_request_for_somebody_elses_key_is_not_proven():
    theirs = SM2PrivateKey.generate().public_key.spki
    place = REQUEST.index(KEY.public_key.spki)
    stolen = REQUEST[:place] + theirs + REQUEST[place + len(theirs) :]
    with pytest.raises(InvalidSignatureError):
        parse_request(stolen).verify_possession()


def test_a_request_of_another_algorithm_is_read_and_not_ours_to_prove():
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "other")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    made = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    request = parse_request(made.public_bytes(Encoding.DER))
    with pytest.raises(UnsupportedError):
        request.verify_possession()


def test_a_key_off_the_curve_is_malformed():
    place = REQUEST.index(KEY.public_key.point) + 1
    with pytest.raises(MalformedError):
        parse_request(REQUEST[:place] + bytes(64) + REQUEST[place + 64 :])


def with_attributes(*attributes):
    info = encode.sequence(
        encode.integer(0),
        certificate_builder.name(NAME),
        KEY.public_key.spki,
        encode.context(0, *attributes),
    )
    rest = REQUEST[REQUEST.index(encode.algorithm("1.2.156.10197.1.501")) :]
    return encode.sequence(info, rest)


def extension_request():
    values = encode.set_of(encode.sequence())
    return encode.sequence(encode.object_identifier(EXTENSION_REQUEST), values)


def test_extensions_asked_for_twice_or_endless_attributes_are_malformed():
    assert parse_request(with_attributes(extension_request())).extensions == ()
    other = encode.sequence(encode.object_identifier("1.2.3.4"), encode.set_of(encode.integer(1)))
    assert parse_request(with_attributes(other)).extensions == ()
    for attributes in ((extension_request(),) * 2, (other,) * 17):
        with pytest.raises(MalformedError):
            parse_request(with_attributes(*attributes))


@pytest.mark.parametrize(
    "request_der",
    [
        b"",
        REQUEST + b"\x00",
        REQUEST[:-1],
        REQUEST.replace(b"\x02\x01\x00", b"\x02\x01\x01", 1),
        encode.sequence(encode.octet_string(bytes(MAX_REQUEST_BYTES))),
    ],
    ids=["empty", "trailing", "cut", "version", "too long"],
)
def test_what_is_no_request_is_malformed(request_der):
    with pytest.raises(MalformedError):
        parse_request(request_der)


@given(st.integers(0, len(REQUEST) - 1), st.binary(max_size=6))
def test_any_change_gives_a_request_or_malformed(place, patch):
    changed = REQUEST[:place] + patch + REQUEST[place + len(patch) :]
    try:
        request = parse_request(changed)
    except MalformedError:
        return
    if changed[: len(REQUEST) - 80] != REQUEST[: len(REQUEST) - 80]:
        with pytest.raises((InvalidSignatureError, UnsupportedError, MalformedError)):
            request.verify_possession()


@given(st.binary(max_size=400))
def test_any_bytes_give_a_request_or_malformed(content):
    try:
        parse_request(content)
    except MalformedError:
        return
