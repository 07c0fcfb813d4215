"""Status lists as JWT, deltas, frozen days and slips: SM2 over them, by OpenSSL and Bouncy Castle.

What is signed is put together here by cbor2, base64 and json alone, and read with them.
"""

import base64
import json
import zlib
from datetime import date, timedelta

import cbor2

from sealkit.sm import sm3
from sealkit.sm.sm2 import SM2PublicKey
from sealkit.status_day import build_day
from sealkit.status_delta import build_delta
from sealkit.status_list import StatusList
from sealkit.status_list_jwt import build_jwt
from sealkit.status_slip import build_slip
from tests.conformance.instants import AT
from tests.conformance.world import STATUS_URI
from tests.peers.test_seals_and_codes import BASE45, both_verify

LIST = StatusList(64).with_entries({3: 1, 40: 2})
TIMES = {"at": AT, "expires_at": AT + timedelta(days=1), "ttl": 600}


def key_of(world):
    return SM2PublicKey.from_spki(world.keys.certificate("status_signer").spki)


def claims_that_both_verify(cwt, bouncy, openssl, world):
    """Return the claims of a CWT whose signature both peers accept."""
    protected, _, payload, signature = cbor2.loads(cwt).value
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    both_verify(bouncy, openssl, key_of(world), signed, signature)
    return cbor2.loads(payload)


def test_peers_verify_our_status_list_as_jwt(bouncy, openssl, world):
    signer = world.signer("status_signer")
    token = build_jwt(LIST, uri=STATUS_URI, signer=signer, version=3, **TIMES)
    signed, _, signature = token.rpartition(".")
    both_verify(bouncy, openssl, key_of(world), signed.encode(), octets(signature))
    claims = json.loads(octets(signed.split(".")[1]))
    assert zlib.decompress(octets(claims["status_list"]["lst"])) == LIST.octets


def test_peers_verify_our_delta(bouncy, openssl, world):
    signer = world.signer("status_signer")
    named = {"uri": STATUS_URI, "signer": signer}
    delta = build_delta(LIST, {40: 0}, versions=(3, 4), **named, **TIMES)
    claims = claims_that_both_verify(delta, bouncy, openssl, world)
    after = LIST.set(40, 0)
    assert claims[-65540] == [3, 4, sm3.digest(LIST.octets), sm3.digest(after.octets), {0: b"\x29"}]


def test_peers_verify_our_frozen_day(bouncy, openssl, world):
    signer = world.signer("status_signer")
    day = build_day(LIST, uri=STATUS_URI, day=date(2026, 11, 22), version=3, signer=signer, at=AT)
    claims = claims_that_both_verify(day, bouncy, openssl, world)
    assert claims[-65541] == "2026-11-22"
    assert zlib.decompress(claims[65533]["lst"]) == LIST.octets


def test_peers_verify_our_slip(bouncy, openssl, world):
    text = build_slip(world.record.status, 2, signer=world.signer("status_signer"), at=AT)
    claims = claims_that_both_verify(from_base45(text[4:]), bouncy, openssl, world)
    assert claims[2] == world.record.status.uri
    assert claims[-65542] == [world.record.status.index, 2]
    assert claims[4] - claims[6] == 86_400


def octets(segment):
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def from_base45(text):
    found = bytearray()
    for start in range(0, len(text), 3):
        values = [BASE45.index(character) for character in text[start : start + 3]]
        number = sum(value * 45**place for place, value in enumerate(values))
        found += number.to_bytes(len(values) - 1)
    return bytes(found)
