"""What a peer cannot check, measured: when one of these fails, a peer has learnt something.

Then its row in docs/interoperability.md is out of date, and a real check can take its place.
"""

from datetime import timedelta

import pytest
from asn1crypto import pem
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from sealkit import oids
from sealkit.asn1 import cms, encode, ocsp, tsp
from sealkit.asn1.crl import build_crl
from sealkit.asn1.x509 import parse_certificate
from sealkit.sm import sm3
from tests.peers.bouncy_castle import CannotJudgeError, RefusedError
from tests.peers.openssl import DISTID
from tests.sealkit.asn1.identities import AT

MOMENT = ("-attime", str(int(AT.timestamp())))


def test_openssl_command_cannot_follow_three_levels(openssl, world):
    """`-vfyopt distid:` reaches the leaf only; the library can (test_certificates.py)."""
    for name in ("root", "sub_ca", "seal_signer_market"):
        openssl.write_certificate(f"{name}.pem", world.der(name))
    code, said = openssl.attempt(
        "verify", "-vfyopt", DISTID, "-no_check_time", "-CAfile", "root.pem",
        "-untrusted", "sub_ca.pem", "seal_signer_market.pem",
    )  # fmt: skip
    assert code != 0 and "error 7 at 1 depth" in said


def test_openssl_command_cannot_verify_a_list(openssl, root):
    der = build_crl(
        signer=root, number=1, this_update=AT, next_update=AT + timedelta(7), revoked={}
    )
    openssl.write("list.der", der)
    openssl.write_identity("root", root)
    _, said = openssl.attempt(
        "crl", "-inform", "DER", "-in", "list.der", "-verify", "-CAfile", "root.pem", "-noout"
    )
    assert "verify failure" in said


def test_openssl_command_cannot_verify_a_status_answer(openssl, root, responder):
    identifier = ocsp.certificate_id(parse_certificate(root.certificate_der), 5)
    answer = ocsp.build_response(
        [ocsp.Answer(identifier, ocsp.GOOD)],
        signer=responder,
        at=AT,
        next_update=AT + timedelta(hours=8),
    )
    openssl.write("a.der", answer)
    openssl.write_identity("root", root)
    _, said = openssl.attempt(
        "ocsp", "-respin", "a.der", "-issuer", "root.pem", "-sm3", "-serial", "5",
        "-CAfile", "root.pem", "-no_nonce", *MOMENT,
    )  # fmt: skip
    assert "Response Verify Failure" in said


@pytest.mark.parametrize("gm", [False, True])
def test_openssl_command_cannot_verify_a_message(openssl, root, signer, gm):
    openssl.write("m.der", cms.sign(b"content", signer, at=AT, gm=gm))
    openssl.write_identity("root", root)
    code, _ = openssl.attempt(
        "cms", "-verify", "-inform", "DER", "-in", "m.der", "-noverify", "-binary",
        "-CAfile", "root.pem", "-out", "content", *MOMENT,
    )  # fmt: skip
    assert code != 0


def test_openssl_command_cannot_verify_an_sm2_timestamp(openssl, root, timestamper):
    request = tsp.build_request(sm3.digest(b"content"), nonce=None)
    answer = tsp.build_response(
        tsp.parse_request(request), serial=1, at=AT, policy="1.2.3.4", signer=timestamper
    )
    openssl.write("content", b"content")
    openssl.write("a.tsr", answer)
    openssl.write_identity("root", root)
    code, said = openssl.attempt(
        "ts", "-verify", "-in", "a.tsr", "-data", "content", "-CAfile", "root.pem", *MOMENT
    )
    assert code != 0 and "Verification: FAILED" in said


def test_bouncy_castle_does_not_know_the_bare_sm2_identifier(bouncy, signer):
    """1.2.156.10197.1.301.1, which GB/T 35275 names and we read but do not write."""
    message = cms.sign(b"content", signer, at=AT, gm=True)
    bare = encode.object_identifier(oids.SM2_SIGNATURE)
    written = encode.object_identifier(oids.SM2_WITH_SM3)
    assert len(bare) != len(written)
    changed = rebuilt(message, written, bare)
    cms.parse(changed).verify()
    with pytest.raises((CannotJudgeError, RefusedError)):
        bouncy.ask("verify-message", changed, b"")


def rebuilt(message, old, new):
    """The message with the last `old` identifier replaced, and all lengths around it."""
    place = message.rindex(old)

    def value(start):
        size = message[start + 1]
        header = 2 if size < 0x80 else 2 + size - 0x80
        length = size if size < 0x80 else int.from_bytes(message[start + 2 : start + header])
        return start + header, start + header + length

    def copied(start, end):
        out = b""
        while start < end:
            inner, after = value(start)
            if start == place:
                out += new
            elif start <= place < after:
                out += encode.value(message[start], copied(inner, after))
            else:
                out += message[start:after]
            start = after
        return out

    return copied(0, len(message))


def test_cryptography_does_not_open_sm2_keys(world):
    with pytest.raises((UnsupportedAlgorithm, ValueError)):
        x509.load_der_x509_certificate(world.der("root")).public_key()


def test_openssl_does_not_check_the_anchor_itself(openssl, world):
    """A trusted root is not looked at, and cannot be told to be: hence the raw check."""
    openssl.write("root.pem", pem.armor("CERTIFICATE", world.der("root")))
    command = ("verify", "-vfyopt", DISTID, "-partial_chain", "-no_check_time", "-trusted")
    assert openssl.attempt(*command, "root.pem", "root.pem")[0] == 0
    assert openssl.attempt(*command, "root.pem", "-check_ss_sig", "root.pem")[0] != 0
    openssl.write_key("root", world.keys.certificate("root").spki)
    assert openssl.verifies_signed("root", world.der("root"))
