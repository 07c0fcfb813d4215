"""Signed messages of ours: both forms, with and without attributes, SM2 and ECDSA."""

from datetime import UTC, datetime

import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import tsp as asn1_tsp

from sealkit import oids
from sealkit.asn1 import algorithms, cms, der, encode
from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError
from tests.sealkit.asn1.identities import AT, SM2Identity, certified
from tests.sealkit.asn1.surgery import children, rebuilt

CONTENT = "内容 content".encode()


def signer_info(message):
    return asn1_cms.ContentInfo.load(message, strict=True)["content"]["signer_infos"][0]


SIGNED_DATA = (1, 0)
SIGNERS = (1, 0, 4)
SIGNER = (*SIGNERS, 0)


def test_message_with_attributes_verifies(signer, sm2_root):
    message = cms.sign(CONTENT, signer, at=AT, chain=[sm2_root.certificate_der])
    parsed = cms.parse(message)
    parsed.verify()
    parsed.verify(CONTENT)
    assert parsed.content == CONTENT
    assert parsed.content_type == oids.CMS_DATA
    assert parsed.signer_certificate_der == signer.certificate_der
    assert set(parsed.certificates) == {signer.certificate_der, sm2_root.certificate_der}
    assert parsed.signed_at == AT
    assert parsed.deviations == ()
    assert not parsed.is_gm
    assert parsed.timestamp is None
    assert parsed.der == message


def test_asn1crypto_reads_the_same(signer):
    info = signer_info(cms.sign(CONTENT, signer, at=AT))
    attributes = {entry["type"].native: entry["values"] for entry in info["signed_attrs"]}
    assert set(attributes) == {
        "content_type",
        "message_digest",
        "signing_time",
        "signing_certificate_v2",
    }
    assert attributes["signing_time"][0].native == AT
    encoded = [entry.dump() for entry in info["signed_attrs"]]
    assert encoded == sorted(encoded)
    named = attributes["signing_certificate_v2"][0]["certs"][0]
    assert isinstance(named, asn1_tsp.ESSCertIDv2)
    digest = "sm3" if isinstance(signer, SM2Identity) else "sha256"
    assert named["hash_algorithm"]["algorithm"].native == digest
    assert info["digest_algorithm"]["algorithm"].native == digest
    assert info["sid"].name == "issuer_and_serial_number"


def test_sm3_is_named_in_the_signing_certificate_and_sha256_is_not(sm2_signer, ecdsa_signer):
    sm3_identifier = encode.algorithm(oids.SM3)
    assert cms.sign(CONTENT, sm2_signer, at=AT).count(sm3_identifier) == 3
    sha256_identifier = encode.algorithm(oids.SHA256)
    assert cms.sign(CONTENT, ecdsa_signer, at=AT).count(sha256_identifier) == 2


def test_message_without_attributes_is_signed_over_its_content(signer):
    message = cms.sign(CONTENT, signer, at=AT, with_attributes=False)
    parsed = cms.parse(message)
    parsed.verify()
    assert parsed.attributes is None
    assert parsed.signed_at is None
    if isinstance(signer, SM2Identity):
        signer.key.public_key.verify_der(parsed.signature, CONTENT)


@pytest.mark.parametrize("with_attributes", [True, False])
def test_gm_message_uses_its_own_identifiers(sm2_signer, with_attributes):
    message = cms.sign(CONTENT, sm2_signer, at=AT, gm=True, with_attributes=with_attributes)
    parsed = cms.parse(message)
    parsed.verify()
    assert parsed.is_gm
    assert parsed.content_type == oids.GM_DATA
    info = asn1_cms.ContentInfo.load(message)
    assert info["content_type"].dotted == oids.GM_SIGNED_DATA
    assert info["content"]["version"].native == "v1"


def test_gm_message_with_signature_algorithm_301_1_verifies(sm2_signer):
    message = cms.sign(CONTENT, sm2_signer, at=AT, gm=True, with_attributes=False)
    for parameters in (b"", encode.null()):
        algorithm = encode.sequence(encode.object_identifier(oids.SM2_SIGNATURE), parameters)
        changed = cms.parse(rebuilt(message, {(*SIGNER, 3): lambda _, a=algorithm: a}))
        changed.verify()
        assert changed.signature_algorithm == oids.SM2_SIGNATURE


def test_detached_message_verifies_over_what_it_is_given(signer):
    parsed = cms.parse(cms.sign(CONTENT, signer, at=AT, detached=True))
    assert parsed.content is None
    parsed.verify(CONTENT)
    with pytest.raises(InvalidSignatureError, match="signed digest"):
        parsed.verify(b"other content")
    with pytest.raises(InvalidSignatureError, match="not at hand"):
        parsed.verify()


def test_message_without_certificates_verifies_with_the_one_given(signer):
    parsed = cms.parse(cms.sign(CONTENT, signer, at=AT, with_certificates=False))
    assert parsed.certificates == ()
    assert parsed.signer_certificate_der is None
    parsed.verify(certificate_der=signer.certificate_der)
    with pytest.raises(InvalidSignatureError, match="certificate is not at hand"):
        parsed.verify()


def test_other_content_than_the_enclosed_does_not_verify(signer):
    with pytest.raises(InvalidSignatureError, match="other content"):
        cms.parse(cms.sign(CONTENT, signer, at=AT)).verify(b"other content")


def test_changed_content_does_not_verify(signer):
    message = cms.sign(CONTENT, signer, at=AT).replace(CONTENT, CONTENT[::-1])
    with pytest.raises(InvalidSignatureError, match="signed digest"):
        cms.parse(message).verify()


def test_changed_attribute_does_not_verify(signer):
    message = cms.sign(CONTENT, signer, at=AT).replace(b"261123083015Z", b"251123083015Z")
    with pytest.raises(InvalidSignatureError):
        cms.parse(message).verify()


def test_content_type_outside_must_be_the_one_signed(sm2_signer):
    message = cms.sign(CONTENT, sm2_signer, at=AT)
    other = encode.object_identifier(oids.GM_DATA)
    changed = rebuilt(message, {(*SIGNED_DATA, 2, 0): lambda _: other})
    with pytest.raises(InvalidSignatureError, match="another content type"):
        cms.parse(changed).verify()


def test_attributes_of_a_message_do_not_pass_as_the_content_of_another(sm2_signer):
    """The known confusion: the same signature fits the DER of the attributes as content."""
    parsed = cms.parse(cms.sign(CONTENT, sm2_signer, at=AT))
    donor = cms.sign(parsed.attributes.signed, sm2_signer, at=AT, with_attributes=False)
    forged = rebuilt(donor, {(*SIGNER, 4): lambda _: encode.octet_string(parsed.signature)})
    with pytest.raises(InvalidSignatureError, match="attributes of a message"):
        cms.parse(forged).verify()


@pytest.mark.parametrize("content", [b"1", b"1\x02\x05\x00", b"100 yuan"])
def test_content_that_only_begins_like_attributes_verifies(sm2_signer, content):
    cms.parse(cms.sign(content, sm2_signer, at=AT, with_attributes=False)).verify()


def test_another_certificate_of_the_same_key_is_not_the_one_named(sm2_signer):
    twin = certified(SM2Identity, sm2_signer.key, "另一张", None)
    parsed = cms.parse(cms.sign(CONTENT, sm2_signer, at=AT, with_certificates=False))
    with pytest.raises(InvalidSignatureError, match="another certificate"):
        parsed.verify(certificate_der=twin.certificate_der)


def test_content_of_another_type_needs_attributes(sm2_signer):
    with pytest.raises(ValueError, match="attributes"):
        cms.sign(CONTENT, sm2_signer, at=AT, content_type=oids.TST_INFO, with_attributes=False)
    message = cms.sign(CONTENT, sm2_signer, at=AT, with_attributes=False)
    other = encode.object_identifier(oids.TST_INFO)
    changed = rebuilt(message, {(*SIGNED_DATA, 2, 0): lambda _: other})
    with pytest.raises(InvalidSignatureError, match="needs signed attributes"):
        cms.parse(changed).verify()


def test_gm_message_is_not_made_with_ecdsa(ecdsa_signer):
    with pytest.raises(ValueError, match="SM2"):
        cms.sign(CONTENT, ecdsa_signer, at=AT, gm=True)


def test_signing_time_from_2050_is_a_generalized_time(sm2_signer):
    at = datetime(2050, 1, 1, tzinfo=UTC)
    parsed = cms.parse(cms.sign(CONTENT, sm2_signer, at=at))
    assert parsed.signed_at == at
    assert b"20500101000000Z" in parsed.der


def test_signer_named_by_key_identifier_is_found(sm2_signer):
    identifier = asn1_cms.Certificate.load(sm2_signer.certificate_der).key_identifier
    named = encode.value(der.context(0, constructed=False), identifier)
    message = cms.sign(CONTENT, sm2_signer, at=AT)
    parsed = cms.parse(rebuilt(message, {(*SIGNER, 1): lambda _: named}))
    assert parsed.signer_certificate_der == sm2_signer.certificate_der
    parsed.verify()
    other = encode.value(der.context(0, constructed=False), b"other")
    stranger = cms.parse(rebuilt(message, {(*SIGNER, 1): lambda _: other}))
    assert stranger.signer_certificate_der is None


def test_unreadable_certificate_is_passed_over_and_recorded(sm2_signer):
    message = cms.sign(CONTENT, sm2_signer, at=AT, chain=[encode.sequence(encode.null())])
    parsed = cms.parse(message)
    parsed.verify()
    assert parsed.deviations == ("certificates.unreadable",)


def test_unsorted_attributes_are_verified_as_they_came_and_recorded(sm2_signer):
    message = cms.sign(CONTENT, sm2_signer, at=AT)
    attributes = (*SIGNER, 3)

    def reverse(element):
        return encode.context(0, *reversed(children(element)))

    unsorted = rebuilt(message, {attributes: reverse})
    parsed = cms.parse(unsorted)
    assert parsed.deviations == ("attributes.unsorted",)
    with pytest.raises(InvalidSignatureError):
        parsed.verify()
    value = encode.octet_string(algorithms.sign(sm2_signer, parsed.attributes.signed))
    cms.parse(rebuilt(unsorted, {(*SIGNER, 5): lambda _: value})).verify()


def unsigned(*attributes):
    """Add unsigned attributes to the signer info."""
    return lambda signer: encode.sequence(*children(signer), encode.context(1, *attributes))


def attribute(kind, *values):
    return encode.sequence(encode.object_identifier(kind), encode.set_of(*values))


STAMP = "1.2.840.113549.1.9.16.2.14"


def test_timestamp_is_found_among_unsigned_attributes(sm2_signer):
    message = cms.sign(CONTENT, sm2_signer, at=AT)
    token = encode.sequence(encode.null())
    stamped = rebuilt(message, {SIGNER: unsigned(attribute(STAMP, token))})
    assert cms.parse(stamped).timestamp == token
    other = rebuilt(message, {SIGNER: unsigned(attribute("1.2.3", token, token))})
    assert cms.parse(other).timestamp is None


@pytest.mark.parametrize(
    "attributes",
    [
        (attribute(STAMP, encode.null()), attribute(STAMP, encode.null())),
        (attribute(STAMP),),
        (attribute(STAMP, encode.null(), encode.boolean(True)),),
    ],
)
def test_attribute_we_read_stands_once_with_one_value(sm2_signer, attributes):
    message = cms.sign(CONTENT, sm2_signer, at=AT)
    with pytest.raises(MalformedError):
        cms.parse(rebuilt(message, {SIGNER: unsigned(*attributes)}))


@pytest.mark.parametrize(
    "change",
    [
        {(0,): lambda _: encode.object_identifier(oids.CMS_DATA)},
        {SIGNERS: lambda _: encode.set_of()},
        {SIGNERS: lambda signers: encode.set_of(*[der.parse(signers).content] * 2)},
        {(*SIGNER, 1): lambda _: encode.null()},
        {(*SIGNER, 3): lambda _: encode.context(0)},
        {(*SIGNED_DATA, 2, 1, 0): lambda _: encode.sequence()},
        {
            (*SIGNER, 4): lambda _: encode.sequence(
                encode.object_identifier(oids.SM2_WITH_SM3), encode.integer(1)
            )
        },
        {(*SIGNED_DATA, 3): lambda one: encode.context(0, *[der.parse(one).content] * 33)},
    ],
    ids=[
        "not signed data",
        "no signer",
        "two signers",
        "signer named by nothing",
        "no attributes where some belong",
        "content not in an octet string",
        "parameters of SM2",
        "too many certificates",
    ],
)
def test_message_of_another_structure_is_malformed(sm2_signer, change):
    message = cms.sign(CONTENT, sm2_signer, at=AT)
    with pytest.raises(MalformedError):
        cms.parse(rebuilt(message, change))


def test_digest_attribute_of_another_type_is_malformed(sm2_signer):
    message = cms.sign(CONTENT, sm2_signer, at=AT)
    digest = encode.octet_string(cms.parse(message).attributes.message_digest)
    with pytest.raises(MalformedError, match="OCTET STRING"):
        cms.parse(message.replace(digest, b"\x0c" + digest[1:]))


@pytest.mark.parametrize("place", [(*SIGNER, 2), (*SIGNER, 4)], ids=["digest", "signature"])
def test_unknown_algorithm_is_unsupported(sm2_signer, place):
    message = cms.sign(CONTENT, sm2_signer, at=AT)
    sha1 = encode.sequence(encode.object_identifier("1.3.14.3.2.26"), encode.null())
    with pytest.raises(UnsupportedError):
        cms.parse(rebuilt(message, {place: lambda _: sha1})).verify()


def test_signature_of_one_kind_with_a_key_of_another_does_not_verify(sm2_signer, ecdsa_signer):
    for ours, theirs in ((sm2_signer, ecdsa_signer), (ecdsa_signer, sm2_signer)):
        parsed = cms.parse(
            cms.sign(CONTENT, ours, at=AT, with_attributes=False, with_certificates=False)
        )
        with pytest.raises(InvalidSignatureError, match=r"kind|usable"):
            parsed.verify(certificate_der=theirs.certificate_der)
