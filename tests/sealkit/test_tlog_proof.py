import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit import merkle
from sealkit.checkpoint import Checkpoint, sign_checkpoint
from sealkit.errors import InvalidProofError, MalformedError
from sealkit.tlog_proof import TLogProof, parse_tlog_proof
from tests.sealkit.asn1.identities import sm2_identity

ENTRIES = [bytes([n]) * 100 for n in range(11)]
HASHES = [merkle.leaf_hash(entry) for entry in ENTRIES]


@pytest.fixture(scope="module")
def signer():
    return sm2_identity("透明日志")


@pytest.fixture(scope="module")
def proof(signer):
    tree = Checkpoint("v.example.cn/log/2026", len(HASHES), merkle.root(HASHES))
    hashes = merkle.inclusion_proof(HASHES, 5)
    return TLogProof(5, hashes, sign_checkpoint(tree, signer), b"opening")


def test_a_bundle_proves_its_entry_without_a_connection(proof, signer):
    parsed = parse_tlog_proof(proof.to_bytes())
    assert parsed == proof
    parsed.checkpoint.verify(signer.key.public_key)
    parsed.verify_inclusion(ENTRIES[5])
    with pytest.raises(InvalidProofError):
        parsed.verify_inclusion(ENTRIES[6])


def test_the_lines_are_those_of_the_specification(proof):
    lines = proof.to_bytes().decode().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra b3BlbmluZw==", "index 5"]
    assert lines[7] == ""
    assert lines[8] == "v.example.cn/log/2026"


def test_extra_may_be_absent(signer):
    tree = Checkpoint("log", 1, HASHES[0])
    bare = TLogProof(0, (), sign_checkpoint(tree, signer))
    assert b"extra" not in bare.to_bytes()
    parsed = parse_tlog_proof(bare.to_bytes())
    assert parsed == bare
    parsed.verify_inclusion(ENTRIES[0])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"@v1", b"@v2"),
        (b"index 5\n", b""),
        (b"index 5", b"index 05"),
        (b"index 5", b"index -5"),
        (b"index 5", b"index 9223372036854775807"),
        (b"extra b3BlbmluZw==", b"extra b3Blbmlu!w=="),
        (b"extra b3BlbmluZw==", b"extra b3BlbmluZw="),
        (b"extra b3BlbmluZw==", b"extra "),
        (b"extra b3BlbmluZw==", b"extra " + b"AAAA" * 1400),
        (b"index 5\n", b"index 5\n\n"),
        (b"index 5\n", b"index 5\nAAAA\n"),
        (b"index 5\n", b"index 5\n\xc3\xa9\n"),
        (b"index 5\n", b"index 5\n" + b"A" * 43 + b"=\n" * 1 + (b"A" * 43 + b"=\n") * 64),
        (b"\n\nv.example", b"\nv.example"),
        (b"index 5\n", b"index 5\n" + b"x" * 100_000),
    ],
)
def test_bundles_that_are_refused(proof, old, new):
    changed = proof.to_bytes().replace(old, new, 1)
    assert changed != proof.to_bytes()
    with pytest.raises(MalformedError):
        parse_tlog_proof(changed)


def test_a_head_alone_is_refused():
    for document in (b"", b"c2sp.org/tlog-proof@v1", b"c2sp.org/tlog-proof@v1\n\n"):
        with pytest.raises(MalformedError):
            parse_tlog_proof(document)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(document):
    for candidate in (document, b"c2sp.org/tlog-proof@v1\n" + document):
        try:
            parse_tlog_proof(candidate)
        except MalformedError:
            pass


@given(at=st.integers(0, 700), byte=st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused(proof, at, byte):
    document = bytearray(proof.to_bytes())
    document[at % len(document)] = byte
    try:
        parse_tlog_proof(bytes(document))
    except MalformedError:
        pass
