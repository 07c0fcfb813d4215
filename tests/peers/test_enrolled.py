"""Requests, and certificates issued for them, before programs that nobody here wrote."""

from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import csr

from ca.authority import issue, new_serial, prepare
from ca.keystore import FileKeystore
from ca.profiles import PROFILES
from sealkit.asn1 import certificate_builder
from sealkit.asn1.certification_request import build_request, parse_request
from sealkit.asn1.particulars import Particulars, read_particulars
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import InvalidSignatureError
from sealkit.sm.sm2 import SM2PrivateKey
from tests.peers.bouncy_castle import RefusedError
from tests.peers.flipping import flipped
from tests.peers.openssl import DISTID
from yinxin.settings import PROJECT

AT = datetime(2026, 11, 23, tzinfo=UTC)
NAME = certificate_builder.name({"C": "CN", "O": "示例局", "CN": "asker"})


@pytest.fixture(scope="module")
def ours():
    return FileKeystore(PROJECT / "keys_dev" / "650000")


@pytest.fixture(scope="module")
def others():
    return FileKeystore(PROJECT / "keys_dev" / "440000")


def issued(keystore, authority, purpose, spki, subject, particulars):
    prepared = prepare(
        PROFILES[purpose],
        subject=subject,
        spki=spki,
        issuer=keystore.certificate(authority),
        not_before=AT,
        not_after=AT + timedelta(days=300),
        serial=new_serial(),
        crl_address="http://ca.example.cn/crl/0.crl",
        ocsp_address="http://ca.example.cn/ocsp",
        particulars=particulars,
    )
    return issue(prepared, keystore.signer(authority))


def test_openssl_verifies_our_request(openssl):
    request = build_request(NAME, SM2PrivateKey.generate())
    command = ("req", "-inform", "DER", "-in", "r.der", "-verify", "-noout", "-vfyopt", DISTID)
    openssl.write("r.der", request)
    assert "verify OK" in openssl.attempt(*command)[1]
    openssl.write("r.der", flipped(request, request.index(b"asker")))
    assert "verify OK" not in openssl.attempt(*command)[1]


def test_bouncy_castle_verifies_our_request(bouncy):
    key = SM2PrivateKey.generate()
    request = build_request(NAME, key)
    assert bouncy.ask("verify-request", request) == [key.public_key.spki, NAME]
    with pytest.raises(RefusedError):
        bouncy.ask("verify-request", flipped(request, request.index(b"asker")))


def test_we_prove_requests_of_bouncy_castle(bouncy, theirs):
    (asked,) = bouncy.ask("make-request", "bc-sign")
    request = parse_request(asked)
    request.verify_possession()
    info = csr.CertificationRequest.load(asked)["certification_request_info"]
    assert request.spki == info["subject_pk_info"].dump()
    with pytest.raises(InvalidSignatureError):
        parse_request(flipped(asked, asked.index(b"bc-sign"))).verify_possession()


def test_hosts_that_openssl_asks_for_are_read(openssl):
    openssl.write(
        "c.cnf",
        b"[req]\nprompt=no\ndistinguished_name=dn\nreq_extensions=ext\n[dn]\nC=CN\nO=A\nCN=B\n"
        b"[ext]\nsubjectAltName=DNS:gateway.example.cn,IP:10.1.2.3,IP:2001:db8::1\n",
    )
    openssl.run("genpkey", "-algorithm", "SM2", "-out", "k.key")
    openssl.run(
        "req", "-new", "-key", "k.key", "-sm3", "-sigopt", DISTID, "-config", "c.cnf",
        "-outform", "DER", "-out", "r.der",
    )  # fmt: skip
    request = parse_request(openssl.read("r.der"))
    request.verify_possession()
    said = read_particulars(request.extensions)
    assert said.dns_names == ("gateway.example.cn",)
    assert said.ip_addresses == ("10.1.2.3", "2001:db8::1")


def test_openssl_knows_the_hosts_of_a_gateway(openssl, ours):
    said = Particulars(dns_names=("gateway.example.cn",), ip_addresses=("10.1.2.3",))
    subject = {"C": "CN", "O": "示例局", "CN": "网关"}
    spki = SM2PrivateKey.generate().public_key.spki
    leaf = issued(ours, "sub_ca", "gateway_tls", spki, subject, said)
    openssl.write_certificate("leaf.pem", leaf.der)
    for option, right, wrong in (
        ("-checkhost", "gateway.example.cn", "other.example.cn"),
        ("-checkip", "10.1.2.3", "10.1.2.4"),
    ):
        assert "does match" in openssl.run("x509", "-in", "leaf.pem", "-noout", option, right)
        assert "NOT match" in openssl.attempt("x509", "-in", "leaf.pem", "-noout", option, wrong)[1]


@pytest.fixture
def crossed(ours, others):
    """Our root, the neighbour's authority under it, and its leaves inside and outside."""
    other = others.certificate("sub_ca")
    inside, outside = map(others.certificate, ("seal_signer_market", "seal_signer_land"))
    organisation = dict(inside.subject_parts)["O"]
    names = (certificate_builder.name({"C": "CN", "O": organisation}),)
    said = Particulars(permitted_names=names, key_identifier=other.subject_key_identifier)
    subject = dict(other.subject_parts)
    cross = issued(ours, "root", "cross_ca", other.spki, subject, said)
    return ours.certificate("root").der, cross.der, inside.der, outside.der


def test_libcrypto_holds_a_cross_certificate_to_its_names(path_error, crossed):
    root, cross, inside, outside = crossed
    common = {"intermediates": [cross], "anchors": [root], "at": AT + timedelta(days=1)}
    assert path_error(inside, **common) == 0
    assert path_error(outside, **common) == 47  # X509_V_ERR_PERMITTED_VIOLATION


def test_bouncy_castle_holds_a_cross_certificate_to_its_names(bouncy, crossed):
    root, cross, inside, outside = crossed
    at = AT + timedelta(days=1)
    bouncy.ask("verify-path", at, 0, root, inside, cross)
    assert bouncy.refuses("verify-path", at, 0, root, outside, cross)
    assert parse_certificate(cross).path_length == 0
