"""What is timestamped: the digest of a message, and never the message (RFC 3161, 2.4.1)."""

from typing import Final

from sealkit import oids
from sealkit.asn1 import algorithms, der, encode
from sealkit.errors import MalformedError

ALGORITHMS: Final = {"sm3": oids.SM3, "sha256": oids.SHA256}
"""The digests that we stamp, by name."""

_DIGEST_BYTES: Final = {"sm3": 32, "sha256": 32, "sha384": 48, "sha512": 64}
_MAX_DIGEST_BYTES: Final = 64


def build_imprint(imprint: bytes, algorithm: str) -> bytes:
    """Return a MessageImprint; ValueError if the digest is not one we stamp."""
    if algorithm not in ALGORITHMS or len(imprint) != _DIGEST_BYTES[algorithm]:
        raise ValueError(f"not a digest that we stamp: {algorithm}, {len(imprint)} bytes")
    identifier = encode.algorithm(ALGORITHMS[algorithm])
    return encode.sequence(identifier, encode.octet_string(imprint))


def read_imprint(reader: der.Reader) -> tuple[bytes, str]:
    """Take a MessageImprint: the digest, and its algorithm by name, or dotted if unknown.

    Raises:
        MalformedError: if the digest has not the length of its algorithm.
    """
    inner = reader.sequence()
    identifier = algorithms.read_identifier(inner)
    imprint = inner.octets()
    inner.finish()
    name = algorithms.DIGEST_NAMES.get(identifier, identifier)
    if len(imprint) != _DIGEST_BYTES.get(name, len(imprint)) or len(imprint) > _MAX_DIGEST_BYTES:
        raise MalformedError("imprint has not the length of its algorithm")
    return imprint, name
