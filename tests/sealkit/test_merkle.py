"""RFC 9162 arithmetic: the published roots and proofs, over SHA-256 and over SM3."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit import merkle
from sealkit.merkle import ProofError
from sealkit.sm import sm3

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    "sha256": [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ],
    "sm3": [
        "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b",
        "2daef60e7a0b8f5e024c81cd2ab3109f2b4f155cf83adeb2ae5532f74a157fdf",
        "0b990fe0c7ad70f1bf1a1262f2c7908ea48146b14253a6db99f2917ab1f5cc4d",
        "209ec96a210d662a964772680e8544d18cab7b88ffec3e00962220349b56ea56",
        "28e4e307ef6d2d0c62d84b11ef96e835efe490f35b93c8f024ecfe38c8dd4377",
        "bb10c996aeebbcdc69be3715fc847344de77442d37a5ab8213da9f41785b103b",
        "8723c1ab1f82ddfba4a3733ac0c80d936d9f4c208c7dbc8cc81ca9fff8584f66",
        "bd36c22a1ac6ff4308e0c3cc1a85bf0ffa30538ec60a55c70413ab15d45db4d2",
        "bc48ba7a709184b5f2a631e1adeb8dc2a0d4c018c1d6cc89b5664fe154c93b38",
    ],
}


def sha256(message: bytes) -> bytes:
    return hashlib.sha256(message).digest()


HASHES = {"sha256": sha256, "sm3": sm3.digest}


@pytest.mark.parametrize("name", HASHES)
def test_published_roots(name):
    hashes = [merkle.leaf_hash(leaf, HASHES[name]) for leaf in LEAVES]
    for size, root in enumerate(ROOTS[name]):
        assert merkle.root(hashes[:size], HASHES[name]).hex() == root


def test_published_inclusion_proof_over_sm3():
    hashes = [merkle.leaf_hash(leaf) for leaf in LEAVES]
    assert [step.hex() for step in merkle.inclusion_proof(hashes, 5)] == [
        "a798bfdb4164a6c7b41a6faecc5c3155cf04d38929dcbd4fe21dea29071aac64",
        "155f6ed4ccfa83510c9416c99b48f41aa5b12e443546bee1b501a7b281e5132a",
        "28e4e307ef6d2d0c62d84b11ef96e835efe490f35b93c8f024ecfe38c8dd4377",
    ]


@pytest.mark.parametrize(
    ("first", "size", "proof"),
    [
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_published_consistency_proofs_over_sha256(first, size, proof):
    hashes = [merkle.leaf_hash(leaf, sha256) for leaf in LEAVES[:size]]
    assert [step.hex() for step in merkle.consistency_proof(hashes, first, sha256)] == proof


sizes = st.integers(1, 40)


@given(sizes, st.data())
def test_every_leaf_is_proven_and_no_other(size, data):
    hashes = [merkle.leaf_hash(bytes((number,))) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    proof, root = merkle.inclusion_proof(hashes, index), merkle.root(hashes)
    merkle.verify_inclusion(hashes[index], index, size, proof, root)
    with pytest.raises(ProofError):
        merkle.verify_inclusion(merkle.leaf_hash(b"other"), index, size, proof, root)
    with pytest.raises(ProofError):
        merkle.verify_inclusion(hashes[index], index, size, [*proof, bytes(32)], root)
    if size > 1:
        with pytest.raises(ProofError):
            merkle.verify_inclusion(hashes[index], (index + 1) % size, size, proof, root)


@given(sizes, st.data())
def test_every_prefix_is_consistent_and_a_rewritten_one_is_not(size, data):
    hashes = [merkle.leaf_hash(bytes((number,))) for number in range(size)]
    first = data.draw(st.integers(0, size))
    old, new = merkle.root(hashes[:first]), merkle.root(hashes)
    proof = merkle.consistency_proof(hashes, first)
    merkle.verify_consistency(first, size, old, new, proof)
    if first:
        rewritten = merkle.root([merkle.leaf_hash(b"x"), *hashes[1:first]])
        with pytest.raises(ProofError):
            merkle.verify_consistency(first, size, rewritten, new, proof)


def test_checkpoint_of_the_sheet():
    from sealkit.checkpoint import parse_checkpoint
    from tests.sealkit.signers import SHEET_KEY

    note = (
        "v.example.cn/log/2026\n8\nvEi6enCRhLXypjHhreuNwqDUwBjB1syJtWZP4VTJOzg=\n\n"
        "— v.example.cn/log/2026 phWGpEX9nB80Agv8clhG9rZWYGTbKEJ9m8lK9gEhedvQ6MUbhHOtefl/4KF8OPhB"
        "nrPSTig0GJ04OHxZT2s1EphMp5g=\n"
    ).encode()
    checkpoint = parse_checkpoint(note)
    checkpoint.verify("v.example.cn/log/2026", SHEET_KEY.public_key)
    assert checkpoint.root == base64.b64decode("vEi6enCRhLXypjHhreuNwqDUwBjB1syJtWZP4VTJOzg=")
