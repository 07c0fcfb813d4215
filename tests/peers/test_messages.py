"""Signed messages in both forms of the fact sheet, judged both ways."""

import itertools

import pytest

from sealkit.asn1 import cms
from sealkit.errors import SealkitError
from tests.peers.flipping import flipped
from tests.sealkit.asn1.identities import AT

CONTENT = "内容 content".encode()
FORMS = [
    pytest.param(gm, attributes, id=f"{'gm' if gm else 'rfc'}-{'with' if attributes else 'no'}")
    for gm, attributes in itertools.product((False, True), (True, False))
]


@pytest.mark.parametrize(("gm", "attributes"), FORMS)
@pytest.mark.parametrize("detached", [False, True])
def test_bouncy_castle_verifies_our_message(bouncy, signer, gm, attributes, detached):
    message = cms.sign(CONTENT, signer, at=AT, gm=gm, with_attributes=attributes, detached=detached)
    beside = CONTENT if detached else b""
    (read,) = bouncy.ask("verify-message", message, beside)
    assert read == CONTENT
    if detached:
        assert bouncy.refuses("verify-message", message, flipped(CONTENT))
    else:
        forged = flipped(message, message.index(CONTENT))
        assert bouncy.refuses("verify-message", forged, b"")
    assert bouncy.refuses("verify-message", flipped(message, len(message) - 1), beside)


@pytest.mark.parametrize(("gm", "attributes"), FORMS)
@pytest.mark.parametrize("detached", [False, True])
def test_we_verify_a_message_of_bouncy_castle(bouncy, theirs, gm, attributes, detached):
    (message,) = bouncy.ask(
        "make-message",
        "bc-sign",
        CONTENT,
        "gm" if gm else "rfc",
        "yes" if attributes else "no",
        "yes" if detached else "no",
    )
    parsed = cms.parse(message)
    assert parsed.is_gm == gm
    assert parsed.signer_certificate_der == theirs["sign"]
    assert (parsed.attributes is not None) == attributes
    parsed.verify(CONTENT)
    with pytest.raises(SealkitError):
        cms.parse(flipped(message, len(message) - 1)).verify(CONTENT)
    with pytest.raises(SealkitError):
        parsed.verify(flipped(CONTENT))
