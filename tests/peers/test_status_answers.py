"""OCSP asked, answered and judged by us, Bouncy Castle and the openssl command."""

from datetime import timedelta

import pytest

from sealkit import oids
from sealkit.asn1 import ocsp
from sealkit.asn1.crl import Revocation
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import SealkitError
from tests.peers.flipping import flipped
from tests.peers.openssl import DISTID
from tests.sealkit.asn1.identities import AT

NEXT = AT + timedelta(hours=8)
SERIAL = 0x1234567890ABCDEF
NONCE = bytes(range(32))
HASHES = {"sha1": "1.3.14.3.2.26", "sha256": oids.SHA256, "sm3": oids.SM3}
STATES = {"good": ocsp.GOOD, "unknown": ocsp.UNKNOWN, "revoked": Revocation(AT, 1)}


def our_answer(asked, responder, status="good"):
    request = ocsp.parse_request(asked)
    answers = [ocsp.Answer(identifier.der, STATES[status]) for identifier in request.certificates]
    return ocsp.build_response(
        answers, signer=responder, at=AT, next_update=NEXT, nonce=request.nonce
    )


@pytest.mark.parametrize("status", STATES)
@pytest.mark.parametrize("digest", HASHES)
def test_bouncy_castle_asks_and_verifies_our_answer(bouncy, root, responder, digest, status):
    issuer = root.certificate_der
    (asked,) = bouncy.ask("ask-status", HASHES[digest], issuer, SERIAL, NONCE)
    answer = our_answer(asked, responder, status)
    said, nonce = bouncy.ask("verify-status", answer, issuer, SERIAL)
    assert said.decode() == status
    assert nonce.endswith(NONCE)
    assert bouncy.refuses("verify-status", answer, issuer, SERIAL + 1)
    forged = flipped(answer, answer.index(NONCE))
    assert bouncy.refuses("verify-status", forged, issuer, SERIAL)


@pytest.mark.parametrize("status", STATES)
@pytest.mark.parametrize("digest", HASHES)
def test_we_ask_bouncy_castle_and_verify_its_answer(bouncy, theirs, digest, status):
    issuer = parse_certificate(theirs["root"])
    asked = ocsp.build_request([ocsp.certificate_id(issuer, SERIAL, digest)], nonce=NONCE)
    (answer,) = bouncy.ask("make-status", "bc-ocsp", asked, AT, NEXT, status)
    basic = ocsp.parse_response(answer).basic
    basic.verify(issuer, at=AT)
    assert (basic.singles[0].status, basic.nonce) == (status, NONCE)
    with pytest.raises(SealkitError):
        ocsp.parse_response(flipped(answer, answer.index(NONCE))).basic.verify(issuer, at=AT)


@pytest.mark.parametrize("digest", HASHES)
def test_openssl_asks_reads_our_answer_and_verifies_it_raw(openssl, root, responder, digest):
    openssl.write_identity("ca", root)
    openssl.write_key("responder", responder.spki)
    openssl.run(
        "ocsp", "-issuer", "ca.pem", f"-{digest}", "-serial", hex(SERIAL), "-reqout", "q.der"
    )
    answer = our_answer(openssl.read("q.der"), responder, "revoked")
    openssl.write("a.der", answer)
    text = openssl.run(
        "ocsp", "-respin", "a.der", "-issuer", "ca.pem", f"-{digest}", "-serial", hex(SERIAL),
        "-noverify", "-resp_text", "-no_nonce",
    )  # fmt: skip
    assert "revoked" in text and "keyCompromise" in text
    basic = openssl.cut("a.der", octets(openssl, "a.der"))
    assert openssl.verifies_signed("responder", basic)
    assert not openssl.verifies_signed("responder", flipped(basic, 60))


def octets(openssl, name):
    """Offset of the OCTET STRING that holds the BasicOCSPResponse."""
    return next(line[0] for line in openssl.structure(name) if line[4] == "OCTET STRING")


@pytest.mark.parametrize("digest", ["sha1", "sm3"])
def test_we_verify_an_answer_of_openssl(openssl, root, responder, digest):
    issuer = parse_certificate(root.certificate_der)
    openssl.write_identity("ca", root)
    openssl.write_identity("ocsp", responder)
    openssl.write(
        "index.txt",
        f"R\t460101000000Z\t261101000000Z,keyCompromise\t{SERIAL:X}\tunknown\t/CN=x\n".encode(),
    )
    openssl.write(
        "q.der",
        ocsp.build_request([ocsp.certificate_id(issuer, SERIAL, digest)], nonce=NONCE),
    )
    openssl.run(
        "ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", "ocsp.pem", "-rkey", "ocsp.key",
        "-rmd", "sm3", "-rsigopt", DISTID, "-reqin", "q.der", "-respout", "a.der", "-ndays", "1",
    )  # fmt: skip
    answer = openssl.read("a.der")
    basic = ocsp.parse_response(answer).basic
    basic.verify(issuer, at=basic.produced_at)
    (single,) = basic.singles
    assert (single.status, single.reason, basic.nonce) == ("revoked", 1, NONCE)
    forged = ocsp.parse_response(flipped(answer, answer.index(NONCE))).basic
    with pytest.raises(SealkitError):
        forged.verify(issuer, at=basic.produced_at)
