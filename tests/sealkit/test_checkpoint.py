import base64
import hashlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from sealkit import merkle
from sealkit.checkpoint import Checkpoint, parse_checkpoint, read_hash, sign_checkpoint
from sealkit.errors import InvalidKeyError, InvalidSignatureError, MalformedError
from sealkit.signed_note import SignedNote, key_id, parse_note, sign_note
from tests.sealkit.asn1.identities import ecdsa_identity, sm2_identity

ORIGIN = "v.example.cn/log/2026"


@pytest.fixture(scope="module")
def signer():
    return sm2_identity("透明日志")


@pytest.fixture
def signed(signer):
    return sign_checkpoint(Checkpoint(ORIGIN, 8, bytes(range(32))), signer)


def test_the_shared_sm2_checkpoint(format_vectors, sample_key):
    vector = format_vectors["checkpoint_sm2"]
    parsed = parse_checkpoint(vector["note"].encode())
    parsed.verify(sample_key)
    assert key_id(ORIGIN, sample_key).hex() == vector["key_id"]
    assert parsed.note.signatures[0].key_id.hex() == vector["key_id"]
    assert parsed.checkpoint.origin == ORIGIN
    assert parsed.checkpoint.size == 8
    leaves = [merkle.leaf_hash(bytes.fromhex(e)) for e in format_vectors["merkle"]["leaves"]]
    assert parsed.checkpoint.root == merkle.root(leaves)
    assert parsed.to_bytes() == vector["note"].encode()


def test_notes_of_the_wider_world_are_read_alike(format_vectors):
    """An Ed25519 log key with a witness: other signature types, same note."""
    vector = format_vectors["checkpoint_ed25519"]
    parsed = parse_checkpoint(vector["note"].encode())
    log, witness = parsed.note.signatures
    assert (log.key_id.hex(), witness.key_id.hex()) == (
        vector["log_key_id"],
        vector["witness_key_id"],
    )
    body = parsed.note.text.encode()
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(vector["log_public_key"]))
    key.verify(log.signature, body)
    time = int.from_bytes(witness.signature[:8])
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(vector["witness_public_key"]))
    key.verify(witness.signature[8:], f"cosignature/v1\ntime {time}\n".encode() + body)
    leaves = [
        hashlib.sha256(b"\0" + bytes.fromhex(entry)).digest()
        for entry in format_vectors["merkle"]["leaves"]
    ]
    root = merkle.root(leaves, lambda message: hashlib.sha256(message).digest())
    assert parsed.checkpoint.root == root


def test_a_note_without_our_signature_is_refused(format_vectors, sample_key):
    parsed = parse_checkpoint(format_vectors["checkpoint_ed25519"]["note"].encode())
    with pytest.raises(InvalidSignatureError):
        parsed.verify(sample_key)


def test_our_checkpoint_is_read_back(signed, signer):
    parsed = parse_checkpoint(signed.to_bytes())
    assert parsed == signed
    parsed.verify(signer.key.public_key)


def test_lines_of_unknown_keys_are_passed_over(signed, signer):
    stranger = sm2_identity("见证方")
    line = sign_note(signed.note.text, name="witness.example.cn/w1", signer=stranger)
    parsed = parse_checkpoint(signed.cosigned(line).to_bytes())
    parsed.verify(signer.key.public_key)
    parsed.verify(stranger.key.public_key, name="witness.example.cn/w1")
    with pytest.raises(InvalidSignatureError):
        parsed.verify(stranger.key.public_key)


def test_a_key_may_be_called_otherwise(signer):
    named = sign_checkpoint(Checkpoint(ORIGIN, 1, bytes(32)), signer, name="k")
    named.verify(signer.key.public_key, name="k")
    with pytest.raises(InvalidSignatureError):
        named.verify(signer.key.public_key)


def test_one_wrong_line_of_a_known_key_refuses_the_note(signed, signer):
    good = signed.note.signatures[0]
    bad = replace(good, signature=good.signature[32:] + good.signature[:32])
    with pytest.raises(InvalidSignatureError):
        signed.cosigned(bad).verify(signer.key.public_key)


def test_a_changed_size_does_not_verify(signed, signer):
    changed = parse_checkpoint(signed.to_bytes().replace(b"\n8\n", b"\n9\n"))
    with pytest.raises(InvalidSignatureError):
        changed.verify(signer.key.public_key)


def test_only_sm2_keys_sign_notes():
    with pytest.raises(InvalidKeyError):
        sign_note("x\n", name="k", signer=ecdsa_identity("x"))


@pytest.mark.parametrize(
    ("text", "name"), [("x", "k"), ("x\n", "a b"), ("x\n", "a+b"), ("x\n", "")]
)
def test_what_cannot_stand_in_a_note(text, name, signer):
    with pytest.raises(ValueError, match="note"):
        sign_note(text, name=name, signer=signer)


@pytest.mark.parametrize("origin", ["", "a\nb"])
def test_an_origin_is_one_line(origin, signer):
    with pytest.raises(ValueError, match="one line"):
        sign_checkpoint(Checkpoint(origin, 1, bytes(32)), signer, name="k")


ROOT = base64.b64encode(bytes(32)).decode()
LINE = "— k " + base64.b64encode(bytes(68)).decode() + "\n"


@pytest.mark.parametrize(
    "document",
    [
        "",
        "\n",
        f"{ORIGIN}\n8\n{ROOT}\n",
        f"{ORIGIN}\n8\n{ROOT}\n\n",
        f"{ORIGIN}\n8\n{ROOT}\n\n{LINE}"[:-1],
        f"{ORIGIN}\n8\n{ROOT}\n\n{LINE}x\n",
        f"{ORIGIN}\n8\n{ROOT}\n\n- k AAAA\n",
        f"{ORIGIN}\n8\n{ROOT}\n\n— k AAAA=\n",
        f"{ORIGIN}\n8\n{ROOT}\n\n— k AAAAA\n",
        f"{ORIGIN}\n8\n{ROOT}\n\n— k AAAA\n",
        f"{ORIGIN}\n8\n{ROOT}\n\n— a b AAAAAAAA\n",
        f"{ORIGIN}\n8\n{ROOT}\n\n{LINE * 65}",
        f"{ORIGIN}\r\n8\r\n{ROOT}\r\n\n{LINE}",
        f"\n8\n{ROOT}\n\n{LINE}",
        f"{ORIGIN}\n08\n{ROOT}\n\n{LINE}",
        f"{ORIGIN}\n-8\n{ROOT}\n\n{LINE}",
        f"{ORIGIN}\n٨\n{ROOT}\n\n{LINE}",
        f"{ORIGIN}\n9223372036854775807\n{ROOT}\n\n{LINE}",
        f"{ORIGIN}\n8\n{ROOT}\nextension\n\n{LINE}",
        f"{ORIGIN}\n8\n{ROOT[:-4]}\n\n{LINE}",
        f"{ORIGIN}\n8\n{ROOT[:-2]}B=\n\n{LINE}",
        f"{ORIGIN}\n8\né{ROOT[1:]}\n\n{LINE}",
        f"{ORIGIN}\n8\n\n{LINE}",
        "x" * 70_000,
    ],
)
def test_what_is_no_checkpoint(document):
    with pytest.raises(MalformedError):
        parse_checkpoint(document.encode())


def test_what_is_no_text():
    with pytest.raises(MalformedError):
        parse_note(b"\xff\n\n" + LINE.encode())


def test_a_note_may_hold_empty_lines(signer):
    text = "one\n\ntwo\n"
    note = SignedNote(text, (sign_note(text, name="k", signer=signer),))
    parsed = parse_note(note.to_bytes())
    assert parsed == note
    parsed.verify("k", signer.key.public_key)


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda t: (t + "\n\n" + LINE).encode()))
def test_any_bytes_are_read_or_refused(document):
    try:
        parsed = parse_checkpoint(document)
    except MalformedError:
        return
    assert parsed.to_bytes() == document


@given(st.text(max_size=60))
def test_any_hash_is_read_or_refused(text):
    try:
        assert len(read_hash(text)) == 32
    except MalformedError:
        pass
