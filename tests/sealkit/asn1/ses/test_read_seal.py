"""Foreign seals: what is read with a deviation, and what is refused."""

import pytest

from sealkit.asn1 import der, encode, ses
from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError
from sealkit.sm import sm3
from tests.sealkit.asn1.identities import NOT_AFTER
from tests.sealkit.asn1.ses import products


@pytest.fixture
def certificate(sm2_signer):
    return sm2_signer.certificate_der


def read(maker, info, **changes):
    seal = ses.parse_seal(products.seal_v4(maker, info, **changes))
    seal.verify_maker()
    return seal


def test_our_seal_reads_as_it_was_made(seal_der, sm2_signer, seal_maker):
    seal = ses.parse_seal(seal_der)
    assert seal.info == products.seal_info(sm2_signer.certificate_der)
    assert (seal.version, seal.header_version) == (ses.V4, 4)
    assert seal.maker_certificate_der == seal_maker.certificate_der
    assert seal.deviations == ()
    assert seal.extensions == ()
    assert seal.der == seal_der


@pytest.mark.parametrize(
    ("changes", "deviation"),
    [
        ({"valid_from": encode.time(products.VALID_FROM)}, "time.utc"),
        (
            {"valid_from": encode.value(der.GENERALIZED_TIME, b"20260601000000.5Z")},
            "time.fraction",
        ),
        ({"valid_until": encode.generalized_time(products.VALID_FROM)}, "validity.order"),
        ({"picture_type": encode.ia5_string("gif")}, "picture.type"),
        ({"picture_type": encode.ia5_string("webp")}, "picture.type"),
        ({"width": encode.integer(0)}, "picture.size"),
        ({"certificates": encode.sequence()}, "certificates.empty"),
    ],
)
def test_departure_of_a_v4_seal_is_read_and_recorded(seal_maker, certificate, changes, deviation):
    seal = read(seal_maker, products.info_v4(certificate, **changes))
    assert seal.deviations == (deviation,)
    assert deviation in ses.DEVIATIONS


@pytest.mark.parametrize(
    ("changes", "deviation"),
    [
        ({"valid_from": encode.generalized_time(products.VALID_FROM)}, "time.generalized"),
        ({"certificates": encode.sequence(encode.sequence(encode.null()))}, "certificates.bare"),
    ],
)
def test_departure_of_a_v1_seal_is_read_and_recorded(seal_maker, certificate, changes, deviation):
    info = products.info_v1(certificate, **changes)
    seal = ses.parse_seal(products.seal_v1(seal_maker, info))
    seal.verify_maker()
    assert seal.deviations == (deviation,)


def test_v1_seal_may_carry_any_version_number(seal_maker, certificate):
    info = products.info_v1(certificate, version=encode.integer(11))
    seal = ses.parse_seal(products.seal_v1(seal_maker, info, raw=True))
    seal.verify_maker()
    assert (seal.version, seal.header_version) == (ses.V1, 11)
    assert seal.deviations == ("signature.raw",)
    assert seal.lists(certificate)


def test_v5_seal_reads_as_v4_and_may_carry_a_timestamp(seal_maker, certificate):
    info = products.info_v4(certificate, version=encode.integer(5))
    stamp = encode.context(0, encode.bit_string(b"token"))
    for after in (b"", stamp):
        assert read(seal_maker, info, after=after).version == ses.V5
    with pytest.raises(MalformedError):
        ses.parse_seal(products.seal_v4(seal_maker, products.info_v4(certificate), after=stamp))


def test_certificate_list_of_other_things_is_read_and_lists_nobody(seal_maker, certificate):
    token = encode.sequence(encode.octet_string(b"unrelated token"))
    seal = read(seal_maker, products.info_v4(certificate, certificates=token))
    assert not seal.lists(certificate)


def test_certificate_is_listed_by_its_plain_sm3_digest(seal_maker, certificate, sm2_root):
    info = products.info_v4(
        certificate,
        list_type=encode.integer(2),
        certificates=products.digest_list(sm3.digest(certificate)),
    )
    seal = read(seal_maker, info)
    assert seal.info.certificates == ()
    assert seal.info.certificate_digests[0].algorithm == "SM3"
    assert seal.lists(certificate)
    assert not seal.lists(sm2_root.certificate_der)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": encode.ia5_string("EX")},
        {"id": encode.utf8_string("ES")},
        {"version": encode.integer(1)},
        {"version": encode.integer(6)},
        {"list_type": encode.integer(3)},
        {"list_type": encode.integer(2)},
        {"certificates": encode.sequence(encode.sequence())},
        {"certificates": encode.sequence(encode.integer(1))},
        {"valid_from": encode.octet_string(b"20260601000000Z")},
        {"after_property": encode.null()},
        {"extensions": encode.null()},
        {"extensions": encode.context(0, encode.sequence(), encode.sequence())},
        {"extensions": encode.context(1, encode.sequence())},
        {"extensions": encode.sequence(encode.sequence(encode.object_identifier("1.2.3")))},
    ],
)
def test_v4_seal_of_another_structure_is_malformed(seal_maker, certificate, changes):
    with pytest.raises(MalformedError):
        ses.parse_seal(products.seal_v4(seal_maker, products.info_v4(certificate, **changes)))


def test_bit_string_with_unused_bits_is_malformed(seal_der):
    *parts, value = (element.der for element in der.parse(seal_der).children())
    spoilt = encode.value(der.BIT_STRING, b"\x01" + value[3:])
    with pytest.raises(MalformedError):
        ses.parse_seal(encode.sequence(*parts, spoilt))


def test_seal_over_two_mebibytes_is_malformed():
    with pytest.raises(MalformedError, match="over 2097152 bytes"):
        ses.parse_seal(encode.sequence(bytes(ses.MAX_SEAL_BYTES)))


def test_unknown_signature_algorithm_is_unsupported(seal_maker, certificate):
    info = products.info_v4(certificate)
    seal = ses.parse_seal(products.seal_v4(seal_maker, info, algorithm="1.2.840.113549.1.1.11"))
    with pytest.raises(UnsupportedError):
        seal.verify_maker()


def test_seal_of_another_maker_does_not_verify(seal_maker, sm2_signer, certificate):
    info = products.info_v4(certificate)
    forged = products.seal_v4(sm2_signer, info).replace(
        encode.octet_string(sm2_signer.certificate_der),
        encode.octet_string(seal_maker.certificate_der),
    )
    seal = products.seal_v4(seal_maker, info)
    ses.parse_seal(seal).verify_maker()
    with pytest.raises((InvalidSignatureError, MalformedError)):
        ses.parse_seal(forged).verify_maker()


def test_maker_certificate_that_is_none_is_malformed(seal_der, seal_maker):
    changed = seal_der.replace(seal_maker.certificate_der, bytes(len(seal_maker.certificate_der)))
    with pytest.raises(MalformedError):
        ses.parse_seal(changed).verify_maker()


def test_maker_with_another_kind_of_key_does_not_verify(ecdsa_signer, certificate):
    seal = ses.parse_seal(products.seal_v4(ecdsa_signer, products.info_v4(certificate)))
    with pytest.raises(InvalidSignatureError):
        seal.verify_maker()


def test_reading_a_seal_does_not_show_its_picture_in_logs(seal_der):
    assert "PNG\\r" not in repr(ses.parse_seal(seal_der))


def test_end_of_validity_is_read(seal_der):
    assert ses.parse_seal(seal_der).info.valid_until == NOT_AFTER
