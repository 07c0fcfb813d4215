"""Seals, codes, receipts, status lists and checkpoints: no peer knows these formats.

Bouncy Castle walks the seals with its own ASN.1 and checks their signatures. For the others
the bytes that each format says are signed are put together here from the message alone, by
libraries that are not ours (cbor2, json), and the peers check SM2 over them.
"""

import base64
import zlib
from datetime import timedelta

import cbor2
import pytest
from asn1crypto import core

from sealkit.asn1 import ses
from sealkit.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from sealkit.errors import InvalidSignatureError, MalformedError
from sealkit.formats.code import credential
from sealkit.formats.code.dictionaries import DICTIONARIES
from sealkit.formats.ofd.container import read_package
from sealkit.receipt import build_receipt, parse_receipt
from sealkit.signed_note import SIGNATURE_TYPE
from sealkit.sm.sm2 import SM2PublicKey
from sealkit.status_list import parse_token
from tests.conformance.instants import AT
from tests.conformance.ofd_builder import make_seal
from tests.conformance.world import STATUS_URI
from tests.peers.flipping import flipped
from tests.sealkit.test_receipt import RECEIPT

BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def der_signature(raw):
    numbers = (int.from_bytes(half) for half in (raw[:32], raw[32:]))
    return core.SequenceOf(list(numbers), spec=core.Integer).dump()


def both_verify(bouncy, openssl, key, message, raw):
    """Both peers accept r‖s over the message, and neither over a changed one."""
    openssl.write_key("signer", key.spki)
    bouncy.ask("verify", key.spki, message, raw)
    assert openssl.verifies_sm2("signer", der_signature(raw), message)
    assert bouncy.refuses("verify", key.spki, flipped(message), raw)
    assert not openssl.verifies_sm2("signer", der_signature(raw), flipped(message))
    assert bouncy.refuses("verify", key.spki, message, flipped(raw))


def test_bouncy_castle_verifies_our_seal(bouncy, world):
    seal = make_seal(world)
    assert bouncy.ask("verify-seal", seal) == [b"DZYZ0001"]
    maker = seal.index(world.der("seal_maker"))  # which the maker's signature does not cover
    for place in (*range(0, maker - 4, 41), len(seal) - 1):
        assert bouncy.refuses("verify-seal", flipped(seal, place)), place


def test_bouncy_castle_verifies_the_seal_signature_of_a_sealed_ofd(bouncy, world):
    entries = read_package(world.sound_ofd).entries
    value = entries["Doc_0/Signs/Sign_0/SignedValue.dat"]
    description = entries["Doc_0/Signs/Sign_0/Signature.xml"]
    identifier, digest, path = bouncy.ask("verify-seal-signature", value)
    assert identifier == b"DZYZ0001"
    assert [digest] == bouncy.ask("sm3", description)
    assert path == b"/Doc_0/Signs/Sign_0/Signature.xml"
    signed = len(ses.parse_signature(value).tbs)
    for place in range(0, signed, 53):
        assert bouncy.refuses("verify-seal-signature", flipped(value, place)), place


def test_bouncy_castle_finds_a_signer_that_the_seal_does_not_list(bouncy, world):
    seal = make_seal(world, certificates=(world.der("seal_signer_land"),))
    signature = ses.build_signature(
        seal_der=seal,
        at=AT,
        data_hash=bytes(32),
        property_info="/x",
        signer=world.signer("seal_signer_market"),
    )
    assert bouncy.refuses("verify-seal-signature", signature)


def unbase45(text):
    """RFC 9285, written from its text."""
    out = bytearray()
    for start in range(0, len(text), 3):
        digits = [BASE45.index(character) for character in text[start : start + 3]]
        number = sum(digit * 45**power for power, digit in enumerate(digits))
        out += number.to_bytes(len(digits) - 1)
    return bytes(out)


def sig_structure(message):
    """What a COSE_Sign1 signs (RFC 9052, 4.4), and its signature; by cbor2 alone."""
    tagged = cbor2.loads(message)
    assert tagged.tag == 18
    protected, _, payload, signature = tagged.value
    return cbor2.dumps(["Signature1", protected, b"", payload]), signature


def test_peers_verify_the_signature_of_our_code(bouncy, openssl, world):
    text = world.sound_code
    read = credential.decode(text)
    form, number, *stream = unbase45(text.removeprefix("CL1:"))
    assert form == 1  # the number of a dictionary of ours; with it any DEFLATE reads the rest
    inflater = zlib.decompressobj(-15, zdict=DICTIONARIES[number])
    message = inflater.decompress(bytes(stream)) + inflater.flush()
    signed, signature = sig_structure(message)
    assert (signed, signature) == (read.signed, read.signature)
    key = SM2PublicKey.from_spki(world.keys.certificate("code_signer").spki)
    both_verify(bouncy, openssl, key, signed, signature)


def test_peers_verify_our_status_list(bouncy, openssl, world):
    token = world.status(3).token(STATUS_URI)
    signed, signature = sig_structure(token)
    key = SM2PublicKey.from_spki(world.keys.certificate("status_signer").spki)
    both_verify(bouncy, openssl, key, signed, signature)
    forged = flipped(token, len(token) - 1)
    with pytest.raises(InvalidSignatureError):
        parse_token(forged).verify(key)


def test_peers_verify_our_receipt(bouncy, openssl, world):
    token = build_receipt(RECEIPT, world.signer("receipt"))
    signed, _, value = token.rpartition(".")
    signature = base64.urlsafe_b64decode(value + "==")
    key = SM2PublicKey.from_spki(world.keys.certificate("receipt").spki)
    both_verify(bouncy, openssl, key, signed.encode(), signature)
    changed = signed[:-1] + ("A" if signed[-1] != "A" else "Q")
    with pytest.raises((InvalidSignatureError, MalformedError)):
        parse_receipt(f"{changed}.{value}", key, at=RECEIPT.answered_at + timedelta(1))


def test_peers_verify_our_checkpoint(bouncy, openssl, world):
    origin = "log.example/650000"
    note = sign_checkpoint(Checkpoint(origin, 8, bytes(32)), world.signer("log")).to_bytes()
    text, _, line = note.decode().rpartition("\n\n")
    signed = f"{text}\n".encode()
    octets = base64.b64decode(line.split()[2])
    key = SM2PublicKey.from_spki(world.keys.certificate("log").spki)
    both_verify(bouncy, openssl, key, signed, octets[4:])
    (digest,) = bouncy.ask("sm3", origin.encode() + b"\n" + SIGNATURE_TYPE + key.point)
    assert octets[:4] == digest[:4]
    with pytest.raises(InvalidSignatureError):
        parse_checkpoint(note.replace(b"\n8\n", b"\n9\n")).verify(key)


def test_we_verify_a_raw_signature_of_bouncy_castle(bouncy, theirs):
    message = "消息".encode()
    (raw,) = bouncy.ask("sign", "bc-sign", message)
    (spki,) = bouncy.ask("public-key", "bc-sign")
    key = SM2PublicKey.from_spki(spki)
    key.verify(raw, message)
    for forged, over in ((flipped(raw), message), (raw, flipped(message))):
        with pytest.raises(InvalidSignatureError):
            key.verify(forged, over)
