"""Timestamps, asked, answered and judged by us, Bouncy Castle and the openssl command."""

import hashlib
import itertools
from datetime import timedelta

import pytest

from ca.timestamp import TimestampAuthority
from sealkit import oids
from sealkit.asn1 import tsp
from sealkit.errors import SealkitError
from sealkit.sm import sm3
from tests.peers.flipping import flipped
from tests.sealkit.asn1.identities import AT

CONTENT = "内容 content".encode()
POLICY = "1.2.156.3005.9"
DIGESTS = {"sm3": oids.SM3, "sha256": oids.SHA256}


@pytest.mark.parametrize("digest", DIGESTS)
def test_bouncy_castle_asks_and_verifies_our_answer(bouncy, timestamper, digest):
    imprint = hashlib.new(digest, CONTENT).digest()
    (asked,) = bouncy.ask("ask-timestamp", DIGESTS[digest], imprint)
    request = tsp.parse_request(asked)
    assert (request.algorithm, request.imprint) == (digest, imprint)
    answer = tsp.build_response(
        request,
        serial=77,
        at=AT,
        policy=POLICY,
        signer=timestamper,
        accuracy=timedelta(seconds=1),
    )
    time, serial, policy = bouncy.ask("verify-timestamp", asked, answer)
    assert time.decode() == AT.isoformat().replace("+00:00", "Z")
    assert (serial, policy.decode()) == (b"77", POLICY)
    assert bouncy.refuses("verify-timestamp", asked, flipped(answer, len(answer) - 1))
    assert bouncy.refuses("verify-timestamp", asked, flipped(answer, answer.index(imprint)))


def test_bouncy_castle_verifies_the_timestamp_in_our_seal_signature(bouncy, world):
    token = world.timestamp()(b"signature value")
    bouncy.ask("verify-token", token, sm3.digest(b"signature value"))
    assert bouncy.refuses("verify-token", token, sm3.digest(b"another value"))
    assert bouncy.refuses(
        "verify-token", flipped(token, len(token) - 1), sm3.digest(b"signature value")
    )


@pytest.mark.parametrize("digest", DIGESTS)
def test_we_ask_bouncy_castle_and_verify_its_answer(bouncy, theirs, digest):
    imprint = hashlib.new(digest, CONTENT).digest()
    asked = tsp.build_request(imprint, algorithm=digest, nonce=1 << 62)
    (answer,) = bouncy.ask("make-timestamp", "bc-timestamp", asked, AT)
    token = tsp.parse_response(answer).token
    token.verify(CONTENT)
    assert token.signer_certificate_der == theirs["timestamp"]
    assert (token.nonce, token.serial, token.at) == (1 << 62, 77, AT.replace(microsecond=0))
    assert token.deviations == ()
    for place in (answer.index(imprint), len(answer) - 1):
        with pytest.raises(SealkitError):
            tsp.parse_response(flipped(answer, place)).token.verify(CONTENT)


def ecdsa_service(world):
    serials = itertools.count(1)
    return TimestampAuthority(
        world.signer("timestamp_ecdsa"), POLICY, lambda: True, lambda _at: next(serials)
    )


def test_openssl_verifies_the_ecdsa_service_of_our_region(openssl, world):
    openssl.write("content", CONTENT)
    openssl.write_certificate("root.pem", world.der("ecdsa_root"))
    openssl.run("ts", "-query", "-data", "content", "-sha256", "-cert", "-out", "q.tsq")
    answer = ecdsa_service(world).answer(openssl.read("q.tsq"), at=AT)
    command = (
        "ts", "-verify", "-in", "a.tsr", "-queryfile", "q.tsq", "-CAfile", "root.pem",
        "-attime", str(int(AT.timestamp())),
    )  # fmt: skip
    openssl.write("a.tsr", answer)
    assert "Verification: OK" in openssl.run(*command)
    openssl.write("a.tsr", flipped(answer, len(answer) - 1))
    assert openssl.attempt(*command)[0] != 0


def test_bouncy_castle_verifies_the_ecdsa_service_of_our_region(bouncy, world):
    (asked,) = bouncy.ask("ask-timestamp", oids.SHA256, hashlib.sha256(CONTENT).digest())
    answer = ecdsa_service(world).answer(asked, at=AT)
    time, _, policy = bouncy.ask("verify-timestamp", asked, answer)
    assert (time.decode(), policy.decode()) == ("2026-11-23T08:30:15Z", POLICY)
    assert bouncy.refuses("verify-timestamp", asked, flipped(answer, len(answer) - 1))
