"""What strangers say of our structures, and we of theirs: OpenSSL, gmssl-pyx.

OpenSSL 3.0 has no default signer ID, so SM2 inside its CMS and timestamps cannot verify:
there it cuts the signed bytes out and checks them raw. With ECDSA it judges the whole.
"""

import hashlib
from datetime import timedelta

import gmssl_pyx
import pytest

from sealkit.asn1 import cms, ses, tsp
from sealkit.asn1.x509 import parse_certificate
from sealkit.sm import sm2, sm3
from tests.peers.openssl import OpenSSL
from tests.sealkit.asn1.identities import AT
from tests.sealkit.asn1.ses.products import PATH, seal_info

CONTENT = "内容 content".encode()
POLICY = "1.2.156.3005.9"


@pytest.fixture
def openssl(tmp_path):
    return OpenSSL(tmp_path)


def signer_info_cut(openssl, name):
    """Signed attributes, as a SET, and signature value, both cut out by OpenSSL."""
    lines = openssl.structure(name)
    start = max(number for number, line in enumerate(lines) if line[1:5:3] == (3, "SET"))
    inside = [line for line in lines[start:] if line[1] == 5]
    attributes = next(line for line in inside if line[4] == "cont [ 0 ]")
    value = [line for line in inside if line[4] == "OCTET STRING"][-1]
    return b"\x31" + openssl.cut(name, attributes[0])[1:], openssl.cut(name, value[0])


@pytest.mark.peer
@pytest.mark.parametrize("gm", [False, True])
def test_openssl_verifies_the_attributes_of_an_sm2_message(openssl, sm2_signer, gm):
    openssl.write_identity("signer", sm2_signer)
    openssl.write("message.der", cms.sign(CONTENT, sm2_signer, at=AT, gm=gm))
    attributes, value = signer_info_cut(openssl, "message.der")
    assert openssl.verifies_sm2("signer", value, attributes)


@pytest.mark.peer
def test_openssl_verifies_an_sm2_message_without_attributes(openssl, sm2_signer):
    openssl.write_identity("signer", sm2_signer)
    openssl.write(
        "message.der", cms.sign(CONTENT, sm2_signer, at=AT, gm=True, with_attributes=False)
    )
    value = [line for line in openssl.structure("message.der") if line[4] == "OCTET STRING"][-1]
    assert openssl.verifies_sm2("signer", openssl.cut("message.der", value[0]), CONTENT)


@pytest.mark.peer
@pytest.mark.parametrize("with_attributes", [True, False])
@pytest.mark.parametrize("detached", [True, False])
def test_openssl_verifies_a_whole_ecdsa_message(
    openssl, ecdsa_root, ecdsa_signer, with_attributes, detached
):
    openssl.write_identity("root", ecdsa_root)
    openssl.write("content", CONTENT)
    message = cms.sign(
        CONTENT, ecdsa_signer, at=AT, with_attributes=with_attributes, detached=detached
    )
    openssl.write("message.der", message)
    out = openssl.run(
        "cms", "-verify", "-cades" if with_attributes else "-binary", "-binary",
        "-inform", "DER", "-in", "message.der", "-CAfile", "root.pem", "-purpose", "any",
        "-attime", str(int(AT.timestamp())),
        *(("-content", "content") if detached else ()),
    )  # fmt: skip
    assert "Verification successful" in out


@pytest.mark.peer
@pytest.mark.parametrize("options", [(), ("-cades",), ("-noattr",), ("-keyid",), ("-nocerts",)])
def test_we_verify_messages_of_openssl(openssl, ecdsa_signer, options):
    openssl.write_identity("signer", ecdsa_signer)
    openssl.write("content", CONTENT)
    openssl.run(
        "cms", "-sign", "-binary", "-nodetach", "-in", "content", "-outform", "DER",
        "-signer", "signer.pem", "-inkey", "signer.key", "-md", "sha256",
        "-out", "message.der", *options,
    )  # fmt: skip
    parsed = cms.parse((openssl.folder / "message.der").read_bytes())
    parsed.verify(CONTENT, certificate_der=ecdsa_signer.certificate_der)
    assert (parsed.attributes is None) == ("-noattr" in options)


def answer(service, request_der, **options):
    return tsp.build_response(
        tsp.parse_request(request_der),
        **{"serial": 77, "at": AT, "policy": POLICY, "signer": service} | options,
    )


@pytest.mark.peer
@pytest.mark.parametrize("digest", ["sm3", "sha256"])
def test_openssl_asks_and_reads_our_answer(openssl, timestamper, digest):
    openssl.write("content", CONTENT)
    openssl.run("ts", "-query", "-data", "content", f"-{digest}", "-cert", "-out", "query.tsq")
    query = (openssl.folder / "query.tsq").read_bytes()
    request = tsp.parse_request(query)
    assert (request.algorithm, request.wants_certificate) == (digest, True)
    assert request.imprint == hashlib.new(digest, CONTENT).digest()
    response = answer(timestamper, query, accuracy=timedelta(seconds=1))
    openssl.write("answer.tsr", response)
    text = openssl.run("ts", "-reply", "-in", "answer.tsr", "-text")
    assert "Status: Granted." in text
    assert f"Policy OID: {POLICY}" in text
    assert f"Hash Algorithm: {digest}" in text
    assert "Serial number: 0x4D" in text
    assert "Time stamp: Nov 23 08:30:15 2026 GMT" in text
    assert "Accuracy: 0x01 seconds" in text
    assert f"Nonce: 0x{request.nonce:016X}" in text
    tsp.parse_response(response).token.verify(CONTENT)


@pytest.mark.peer
def test_openssl_verifies_the_signature_of_an_sm2_timestamp(openssl, timestamper):
    openssl.write_identity("signer", timestamper)
    request = tsp.build_request(sm3.digest(CONTENT), nonce=1)
    token = tsp.parse_response(answer(timestamper, request)).token
    openssl.write("token.der", token.der)
    attributes, value = signer_info_cut(openssl, "token.der")
    assert openssl.verifies_sm2("signer", value, attributes)


@pytest.mark.peer
def test_openssl_verifies_a_whole_ecdsa_timestamp(openssl, ecdsa_root, ecdsa_timestamper):
    openssl.write_identity("root", ecdsa_root)
    openssl.write("content", CONTENT)
    openssl.run("ts", "-query", "-data", "content", "-sha256", "-cert", "-out", "query.tsq")
    query = (openssl.folder / "query.tsq").read_bytes()
    openssl.write("answer.tsr", answer(ecdsa_timestamper, query))
    verify = ("ts", "-verify", "-in", "answer.tsr", "-CAfile", "root.pem")
    at = ("-attime", str(int(AT.timestamp())))
    assert "Verification: OK" in openssl.run(*verify, "-queryfile", "query.tsq", *at)
    assert "Verification: OK" in openssl.run(*verify, "-data", "content", *at)


@pytest.mark.peer
def test_we_verify_a_timestamp_of_openssl(openssl, ecdsa_timestamper):
    openssl.write_identity("tsa", ecdsa_timestamper)
    openssl.write("serial", b"01\n")
    openssl.write(
        "tsa.cnf",
        b"[tsa]\nserial=serial\ndefault_policy=1.2.3.4\ndigests=sha256,sm3\n"
        b"accuracy=secs:1,millisecs:500,microsecs:100\nsigner_digest=sha256\n"
        b"ordering=yes\ntsa_name=yes\ness_cert_id_chain=no\ness_cert_id_alg=sha256\n",
    )
    openssl.write("query.tsq", tsp.build_request(sm3.digest(CONTENT), nonce=1 << 62))
    assert "Hash Algorithm: sm3" in openssl.run("ts", "-query", "-in", "query.tsq", "-text")
    openssl.run(
        "ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "query.tsq",
        "-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "answer.tsr",
    )  # fmt: skip
    token = tsp.parse_response((openssl.folder / "answer.tsr").read_bytes()).token
    token.verify(CONTENT)
    assert token.nonce == 1 << 62
    assert token.accuracy == timedelta(seconds=1, milliseconds=500, microseconds=100)
    assert token.signer_certificate_der == ecdsa_timestamper.certificate_der


@pytest.mark.peer
def test_openssl_reads_our_refusal(openssl):
    openssl.write(
        "refusal.tsr",
        tsp.build_refusal(tsp.Status.REJECTION, tsp.Failure.TIME_NOT_AVAILABLE, "clock in doubt"),
    )
    text = openssl.run("ts", "-reply", "-in", "refusal.tsr", "-text")
    assert "Status: Rejected." in text
    assert "clock in doubt" in text
    assert "the TSA's time source is not available" in text


@pytest.fixture
def sealed(openssl, sm2_signer, seal_maker):
    seal = ses.build_seal(seal_info(sm2_signer.certificate_der), seal_maker)
    signature = ses.build_signature(
        seal_der=seal,
        at=AT,
        data_hash=sm3.digest(CONTENT),
        property_info=PATH,
        signer=sm2_signer,
    )
    openssl.write("seal.esl", seal)
    openssl.write("SignedValue.dat", signature)
    openssl.write_identity("maker", seal_maker)
    openssl.write_identity("signer", sm2_signer)
    return seal, signature


@pytest.mark.peer
def test_openssl_takes_a_seal_apart_and_verifies_its_maker(openssl, sealed):
    top = [line for line in openssl.structure("seal.esl") if line[1] == 1]
    assert [line[4] for line in top] == ["SEQUENCE", "OCTET STRING", "OBJECT", "BIT STRING"]
    info, value = (openssl.cut("seal.esl", top[number][0]) for number in (0, 3))
    assert openssl.verifies_sm2("maker", value, info)


@pytest.mark.peer
def test_openssl_takes_a_seal_signature_apart_and_verifies_it(openssl, sealed):
    top = [line for line in openssl.structure("SignedValue.dat") if line[1] == 1]
    assert [line[4] for line in top] == ["SEQUENCE", "OCTET STRING", "OBJECT", "BIT STRING"]
    tbs, value = (openssl.cut("SignedValue.dat", top[number][0]) for number in (0, 3))
    assert openssl.verifies_sm2("signer", value, tbs)


def test_gmssl_verifies_seal_and_signature(sealed):
    """GmSSL in C, by digests that we form from the pieces."""
    seal, signature = ses.parse_seal(sealed[0]), ses.parse_signature(sealed[1])
    for certificate, value, message in (
        (seal.maker_certificate_der, seal.signature, seal.signed),
        (signature.certificate_der, signature.signature, signature.tbs),
    ):
        point = parse_certificate(certificate).sm2_key.point
        e = sm3.digest(sm2.identity_digest(point) + message)
        assert gmssl_pyx.sm2_verify_sm3_digest(point[1:], e, value)
        assert not gmssl_pyx.sm2_verify_sm3_digest(point[1:], sm3.digest(message), value)
