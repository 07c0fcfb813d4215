"""The memory of signatures, and bytes that are no certificate."""

from types import SimpleNamespace

import pytest
from asn1crypto import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko_certvalidator.sig_validate import SignatureValidationContext

from sealkit.asn1 import certificate_builder
from tests.conformance.world import new_signer, xinjiang
from tests.sealkit.formats.pdf.authorities import (
    END,
    P256Key,
)
from tests.verification.paths.chains import AT, Chain
from verification.paths import PathVerdict, validate_path
from verification.sm2_validator import SignatureMemory, SM2SignatureValidator


def test_sm2_over_a_digest_alone_cannot_hold(chain):
    """SM2 hashes the key's identity first, so a bare digest of the message is no input."""
    signed = x509.Certificate.load(chain.leaf)
    with pytest.raises(InvalidSignature):
        SM2SignatureValidator().validate_signature(
            signed["signature_value"].native,
            signed["tbs_certificate"].dump(),
            x509.Certificate.load(chain.sub).public_key,
            signed["signature_algorithm"],
            SignatureValidationContext(prehashed=True),
        )


def test_hash_broken_for_signatures_is_refused():
    class SHA1Key(P256Key):
        mechanism = "1.2.840.10045.4.1"

        def sign(self, message):
            der = self.private.sign(message, ec.ECDSA(hashes.SHA1()))
            return b"".join(part.to_bytes(32) for part in decode_dss_signature(der))

    assert Chain(SHA1Key).outcome().reason_code == "weak_algorithm"


def test_memory_of_signatures_is_bounded():
    memory = SignatureMemory(capacity=2)
    for key in (b"1", b"2", b"1", b"3"):
        memory.keep(key, True)
        memory.recall(key)
    assert len(memory) == 2
    assert (memory.recall(b"1"), memory.recall(b"2"), memory.recall(b"3")) == (True, None, True)


@given(st.binary(max_size=400))
def test_any_bytes_for_a_leaf_are_malformed(junk):
    outcome = MODULE_CHAIN.outcome(junk)
    assert (outcome.verdict, outcome.reason_code) == (PathVerdict.BAD, "malformed")


@settings(max_examples=300)
@given(position=st.integers(0, 5000), value=st.integers(0, 255))
def test_no_changed_byte_passes(position, value):
    leaf = bytearray(MODULE_CHAIN.leaf)
    position %= len(leaf)
    if leaf[position] == value:
        return
    leaf[position] = value
    assert MODULE_CHAIN.outcome(bytes(leaf)).verdict is not PathVerdict.OK


@settings(max_examples=200)
@given(position=st.integers(0, 5000), value=st.integers(0, 255))
def test_no_changed_byte_of_a_list_passes(position, value):
    root_list, sub_list = MODULE_LISTS
    changed = bytearray(sub_list)
    position %= len(changed)
    if changed[position] == value:
        return
    changed[position] = value
    outcome = MODULE_CHAIN.outcome(crls=[root_list, bytes(changed)], require_revocation=True)
    assert outcome.verdict is PathVerdict.UNKNOWN


MODULE_CHAIN = Chain()
MODULE_LISTS = MODULE_CHAIN.lists([(7, AT, {})], next_update=END)


@pytest.mark.parametrize("place", ["subject", "issuer"])
def test_a_name_of_characters_that_do_not_exist_is_malformed(place):
    """Comparing such names raises in the library; found by fuzzing trust bundles."""
    world = xinjiang()
    name = certificate_builder.name({"C": "CN", "CN": "\u0378"})
    issuer = world.keys.certificate("sub_ca")
    if place == "issuer":
        issuer = SimpleNamespace(subject_der=name, subject_key_identifier=bytes(20))
        name = certificate_builder.name({"C": "CN", "CN": "任意"})
    changed = new_signer("任意", issuer, world.signer("sub_ca"), subject=name).certificate_der
    trust = world.region_trust
    outcome = validate_path(
        changed,
        intermediates=(*trust.intermediates, changed),
        anchors=trust.anchors,
        crls=trust.crls,
        at=AT,
        purpose="sign",
        require_revocation=True,
    )
    assert (outcome.verdict, outcome.reason_code) == (PathVerdict.BAD, "malformed")
