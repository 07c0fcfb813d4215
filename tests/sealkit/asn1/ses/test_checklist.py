"""Items 1 to 14 of the conformance checklist for seals, one test each, by their number.

The seal and the signature are taken apart by asn1crypto, so that our reader is not the
judge of our writer.
"""

import re
from typing import ClassVar

import pytest
from asn1crypto import cms, core, x509

from sealkit import oids
from sealkit.asn1 import encode, ses
from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError
from sealkit.sm import sm3
from sealkit.sm.sm2 import SM2PublicKey
from tests.sealkit.asn1.identities import AT, sm2_identity
from tests.sealkit.asn1.ses import products


class StampedSignature(core.Sequence):
    _fields: ClassVar = [
        ("to_sign", core.Any),
        ("certificate", core.OctetString),
        ("algorithm", core.ObjectIdentifier),
        ("signature", core.OctetBitString),
        ("stamp", core.OctetBitString, {"explicit": 0}),
    ]


def values(der):
    return list(core.SequenceOf.load(der, spec=core.Any, strict=True))


def taken_apart(der):
    """The values inside a SEQUENCE as asn1crypto types."""
    return [child.parse() for child in values(der)]


def key_of(certificate):
    spki = x509.Certificate.load(certificate).public_key.dump()
    return SM2PublicKey.from_spki(spki)


def info_of(seal_der):
    return taken_apart(taken_apart(seal_der)[0].dump())


def test_01_seal_is_one_value_of_four(seal_der):
    info, certificate, algorithm, value = taken_apart(seal_der)
    assert isinstance(info, core.Sequence)
    assert isinstance(certificate, core.OctetString)
    assert algorithm.dotted == oids.SM2_WITH_SM3
    assert isinstance(value, core.BitString)
    assert value.contents[0] == 0
    with pytest.raises(MalformedError):
        ses.parse_seal(seal_der + b"\0")


def test_02_seal_header_says_es_4_and_vendor(seal_der):
    header, seal_id, *_ = info_of(seal_der)
    name, version, vendor = taken_apart(header.dump())
    assert (name.native, version.native, vendor.native) == ("ES", 4, "YINXIN")
    assert {type(name), type(vendor), type(seal_id)} == {core.IA5String}
    assert seal_id.native == "65000020261123"


def test_03_seal_property_has_seven_values_and_whole_second_times(seal_der):
    entries = taken_apart(info_of(seal_der)[2].dump())
    assert [type(entry) for entry in entries] == [
        core.Integer,
        core.UTF8String,
        core.Integer,
        core.Sequence,
        core.GeneralizedTime,
        core.GeneralizedTime,
        core.GeneralizedTime,
    ]
    times = [entry.contents.decode() for entry in entries[4:]]
    assert all(re.fullmatch(r"\d{14}Z", time) for time in times)
    assert times[1] < times[2]


def test_04_certificate_list_holds_whole_certificates(seal_der, sm2_signer):
    entries = taken_apart(info_of(seal_der)[2].dump())
    assert entries[2].native == 1
    (entry,) = taken_apart(entries[3].dump())
    assert isinstance(entry, core.OctetString)
    assert entry.native == sm2_signer.certificate_der
    assert x509.Certificate.load(entry.native, strict=True).subject.native


def test_05_picture_is_of_its_type_and_has_a_size(seal_der):
    image_type, image, width, height = taken_apart(info_of(seal_der)[3].dump())
    assert image_type.native == "PNG"
    assert image.native.startswith(b"\x89PNG\r\n\x1a\n")
    assert (width.native, height.native) == (42, 42)


def test_06_maker_signs_the_seal_info_alone(seal_der, seal_maker):
    info, certificate, algorithm, value = (child.parse() for child in values(seal_der))
    key = key_of(certificate.native)
    key.verify_der(value.contents[1:], info.dump())
    v1_form = encode.sequence(info.dump(), certificate.dump(), algorithm.dump())
    with pytest.raises(InvalidSignatureError):
        key.verify_der(value.contents[1:], v1_form)
    signed_as_v1 = products.seal_v4(seal_maker, info.dump(), signed=v1_form)
    with pytest.raises(InvalidSignatureError):
        ses.parse_seal(signed_as_v1).verify_maker()


def test_07_any_changed_byte_of_the_seal_is_refused(seal_der, seal_maker):
    outcomes = set()
    for position in range(len(seal_der)):
        changed = bytearray(seal_der)
        changed[position] ^= 0x01
        try:
            seal = ses.parse_seal(bytes(changed))
            if seal.maker_certificate_der != seal_maker.certificate_der:
                # Whether a changed certificate is trusted is for its issuer's signature.
                outcomes.add("certificate")
                continue
            seal.verify_maker()
        except (MalformedError, InvalidSignatureError, UnsupportedError) as error:
            outcomes.add(error.code)
        else:
            pytest.fail(f"byte {position} changed, seal accepted")
    assert outcomes == {"malformed", "signature.invalid", "unsupported", "certificate"}


def test_08_v1_seal_is_signed_with_certificate_and_algorithm(seal_maker, sm2_signer):
    info = products.info_v1(sm2_signer.certificate_der)
    seal = ses.parse_seal(products.seal_v1(seal_maker, info))
    seal.verify_maker()
    assert (seal.version, seal.deviations) == (ses.V1, ())
    assert seal.info.valid_from == products.VALID_FROM
    signed_as_v4 = products.seal_v1(seal_maker, info, signed=info)
    with pytest.raises(InvalidSignatureError):
        ses.parse_seal(signed_as_v4).verify_maker()


def test_09_signature_has_four_values_or_five_and_the_seal_inside(
    signature_der, stamped_signature_der, seal_der
):
    assert len(taken_apart(signature_der)) == 4
    stamped = StampedSignature.load(stamped_signature_der, strict=True)
    assert cms.ContentInfo.load(stamped["stamp"].native)["content_type"].native == "signed_data"
    version, seal, *_ = taken_apart(taken_apart(signature_der)[0].dump())
    assert version.native == 4
    assert seal.dump() == seal_der == ses.parse_signature(signature_der).seal_der
    with pytest.raises(MalformedError):
        ses.parse_signature(signature_der + b"\0")


def test_10_signing_time_is_utc_within_seal_and_certificate(signature_der):
    _, _, time, *_ = taken_apart(taken_apart(signature_der)[0].dump())
    assert time.contents == b"20261123083015Z"
    signature = ses.parse_signature(signature_der)
    assert signature.signed_at == AT
    assert signature.seal.info.valid_from <= AT <= signature.seal.info.valid_until
    validity = x509.Certificate.load(signature.certificate_der)["tbs_certificate"]["validity"]
    assert validity["not_before"].native <= AT <= validity["not_after"].native


def test_11_data_hash_is_sm3_of_signature_xml_and_names_its_path(signature_der, signature_xml):
    *_, data_hash, path = taken_apart(taken_apart(signature_der)[0].dump())
    assert data_hash.contents == b"\0" + sm3.digest(signature_xml)
    assert isinstance(path, core.IA5String)
    assert path.native == "/Doc_0/Signs/Sign_0/Signature.xml"


def test_12_signature_is_der_and_raw_form_is_a_deviation(signature_der, seal_der, sm2_signer):
    tbs, certificate, _, value = (child.parse() for child in values(signature_der))
    assert value.contents[1] == 0x30
    key_of(certificate.native).verify_der(value.contents[1:], tbs.dump())
    raw = ses.parse_signature(products.signature_v4(sm2_signer, seal_der, raw=True))
    assert len(raw.signature) == 64
    raw.verify_value()
    assert raw.deviations == ("signature.raw",)


def test_13_signer_must_be_in_the_list_of_the_seal(signature_der, sm2_root, sm2_signer):
    seal = ses.parse_signature(signature_der).seal
    assert seal.lists(sm2_signer.certificate_der)
    assert not seal.lists(sm2_identity("同一 CA 的另一人", sm2_root).certificate_der)


@pytest.mark.parametrize(
    ("encoded", "deviations"),
    [
        (encode.sequence(products.extension()), ()),
        (encode.sequence(products.extension(critical=True)), ()),
        (encode.sequence(products.extension(critical=False)), ("extensions.critical_false",)),
        (encode.context(0, encode.sequence(products.extension())), ("extensions.tagged",)),
    ],
    ids=["bare", "critical", "critical-false", "tagged"],
)
def test_14_foreign_seal_is_checked_over_its_own_bytes(seal_maker, sm2_signer, encoded, deviations):
    info = products.info_v4(sm2_signer.certificate_der, extensions=encoded)
    signature = ses.parse_signature(
        products.signature_v4(sm2_signer, products.seal_v4(seal_maker, info))
    )
    signature.verify_value()
    signature.seal.verify_maker()
    assert signature.seal.signed == info
    assert signature.seal.deviations == deviations
    assert signature.seal.extensions[0].value == b"value"
