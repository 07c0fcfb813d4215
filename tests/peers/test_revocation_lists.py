"""Revocation lists, judged both ways."""

from datetime import timedelta

import pytest

from sealkit.asn1.crl import Revocation, build_crl, parse_crl
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import InvalidSignatureError, MalformedError
from tests.peers.flipping import flipped
from tests.peers.openssl import DISTID
from tests.sealkit.asn1.identities import AT

REVOKED = 0x1234567890ABCDEF1234


def revocation_list(root, **changes):
    options = {
        "signer": root,
        "number": 7,
        "this_update": AT,
        "next_update": AT + timedelta(7),
        "revoked": {REVOKED: Revocation(AT, 1), 99: Revocation(AT, 4)},
    }
    return build_crl(**options | changes)


KINDS = {
    "full": {},
    "delta": {"base_number": 6},
    "partition": {"distribution_point": "http://crl.example/1.crl"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_bouncy_castle_verifies_our_list_and_finds_the_revoked(bouncy, root, kind):
    der = revocation_list(root, **KINDS[kind])
    issuer = root.certificate_der
    assert bouncy.ask("verify-crl", der, issuer, REVOKED) == [b"1", b"7"]
    assert bouncy.ask("verify-crl", der, issuer, 5) == [b"absent", b"7"]
    assert bouncy.refuses("verify-crl", flipped(der, der.index(b"\x12\x34\x56")), issuer, REVOKED)


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_verifies_our_list_raw_and_reads_it(openssl, root, kind):
    der = revocation_list(root, **KINDS[kind])
    openssl.write_key("root", root.spki)
    assert openssl.verifies_signed("root", der)
    assert not openssl.verifies_signed("root", flipped(der, der.index(b"\x12\x34\x56")))
    openssl.write("list.der", der)
    text = openssl.run("crl", "-inform", "DER", "-in", "list.der", "-noout", "-text")
    assert "1234567890ABCDEF1234" in text
    assert "Key Compromise" in text


def test_we_verify_a_list_of_bouncy_castle(bouncy, theirs):
    (der,) = bouncy.ask("make-crl", "bc-root", REVOKED, AT, AT + timedelta(7))
    issuer = parse_certificate(theirs["root"])
    parsed = parse_crl(der)
    parsed.verify_signed_by(issuer)
    assert parsed.revoked[REVOKED].reason == 1
    refused_by_us(flipped(der, der.index(b"\x12\x34\x56")), issuer)


def refused_by_us(der, issuer):
    with pytest.raises((InvalidSignatureError, MalformedError)):
        parse_crl(der).verify_signed_by(issuer)


def test_we_verify_a_list_of_openssl(openssl, root):
    openssl.write_identity("ca", root)
    openssl.write(
        "index.txt", b"R\t460101000000Z\t261101000000Z,keyCompromise\t7B\tunknown\t/CN=x\n"
    )
    openssl.write("number", b"07\n")
    openssl.write(
        "ca.cnf",
        b"[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sm3\n"
        b"crl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n",
    )
    openssl.run(
        "ca", "-gencrl", "-config", "ca.cnf", "-keyfile", "ca.key", "-cert", "ca.pem",
        "-md", "sm3", "-sigopt", DISTID, "-crldays", "7", "-out", "list.pem",
    )  # fmt: skip
    openssl.run("crl", "-in", "list.pem", "-outform", "DER", "-out", "list.der")
    der, issuer = openssl.read("list.der"), parse_certificate(root.certificate_der)
    parsed = parse_crl(der)
    parsed.verify_signed_by(issuer)
    assert parsed.revoked[0x7B].reason == 1
    refused_by_us(flipped(der, der.index(b"\x02\x01\x7b") + 2), issuer)
