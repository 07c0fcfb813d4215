"""Foreign seal signatures: what is read with a deviation, and what is refused."""

from datetime import timedelta

import pytest

from sealkit.asn1 import der, encode, ses, tsp
from sealkit.asn1.ses import structures
from sealkit.errors import InvalidSignatureError, MalformedError
from tests.sealkit.asn1.identities import AT
from tests.sealkit.asn1.ses import products


@pytest.fixture
def seal_v1_der(seal_maker, sm2_signer):
    return products.seal_v1(seal_maker, products.info_v1(sm2_signer.certificate_der))


def test_our_signature_reads_as_it_was_made(signature_der, sm2_signer):
    signature = ses.parse_signature(signature_der)
    signature.verify_value()
    assert signature.version == ses.V4
    assert signature.property_info == products.PATH
    assert signature.certificate_der == sm2_signer.certificate_der
    assert signature.timestamp is None
    assert signature.extensions == ()
    assert signature.deviations == ()
    assert signature.der == signature_der
    assert signature.time_info == b"20261123083015Z"


def test_timestamp_is_over_the_content_of_the_bit_string(stamped_signature_der, timestamper):
    signature = ses.parse_signature(stamped_signature_der)
    signature.verify_value()
    token = tsp.parse_token(signature.timestamp)
    token.verify(signature.signature)
    assert signature.signature[0] == der.SEQUENCE
    assert token.at == AT + timedelta(seconds=1)
    assert token.signer_certificate_der == timestamper.certificate_der


def test_v1_signature_reads(sm2_signer, seal_v1_der):
    signature = ses.parse_signature(products.signature_v1(sm2_signer, seal_v1_der))
    signature.verify_value()
    signature.seal.verify_maker()
    assert (signature.version, signature.deviations) == (ses.V1, ())
    assert signature.seal_der == seal_v1_der
    assert signature.data_hash == products.DATA_HASH
    assert signature.signed_at == AT


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (b"2026-11-23 08:30:15", AT),
        (b"2026-11-23T08:30:15Z", AT),
        (b"2026-11-23T08:30:15.123Z", AT),
        (b"20261123083015Z", AT),
        (b"20261123083015", AT),
        (b"261123083015Z", AT),
        (b"2026-02-30 08:30:15", None),
        (b"yesterday", None),
        (b"", None),
        (b"\xff\xfe", None),
        (encode.sequence(encode.null()), None),
    ],
)
def test_v1_time_is_text_of_several_forms(sm2_signer, seal_v1_der, text, at):
    signature = ses.parse_signature(
        products.signature_v1(sm2_signer, seal_v1_der, time=encode.bit_string(text))
    )
    assert signature.signed_at == at
    assert signature.deviations == (() if at else ("time.unreadable",))
    assert signature.time_info == text


def test_v1_time_may_be_a_timestamp_token(sm2_signer, seal_v1_der, stamp):
    token = stamp(b"anything")
    signature = ses.parse_signature(
        products.signature_v1(sm2_signer, seal_v1_der, time=encode.bit_string(token))
    )
    assert signature.signed_at == AT + timedelta(seconds=1)


def test_v1_time_and_hash_may_be_octet_strings(sm2_signer, seal_v1_der):
    signature = ses.parse_signature(
        products.signature_v1(
            sm2_signer,
            seal_v1_der,
            raw=True,
            time=encode.octet_string(b"2026-11-23 08:30:15"),
            data_hash=encode.octet_string(products.DATA_HASH),
        )
    )
    signature.verify_value()
    assert signature.signed_at == AT
    assert signature.data_hash == products.DATA_HASH
    assert signature.deviations == (
        "time.octet_string",
        "data_hash.octet_string",
        "signature.raw",
    )


@pytest.mark.parametrize(
    ("changes", "deviation"),
    [
        ({"version": encode.integer(5)}, "version.mismatch"),
        ({"time": encode.time(AT)}, "time.utc"),
        ({"data_hash": encode.bit_string(bytes(20))}, "data_hash.length"),
        (
            {"extensions": encode.context(0, encode.sequence(products.extension(critical=False)))},
            "extensions.critical_false",
        ),
    ],
)
def test_departure_of_a_v4_signature_is_read_and_recorded(sm2_signer, seal_der, changes, deviation):
    signature = ses.parse_signature(products.signature_v4(sm2_signer, seal_der, **changes))
    signature.verify_value()
    assert signature.deviations == (deviation,)
    assert deviation in ses.DEVIATIONS


@pytest.mark.parametrize(
    "changes",
    [
        {"time": encode.bit_string(b"20261123083015Z")},
        {"data_hash": encode.octet_string(products.DATA_HASH)},
        {"data_hash": encode.value(der.BIT_STRING, b"\x01" + products.DATA_HASH)},
        {"extensions": encode.sequence(products.extension())},
        {"extensions": encode.null()},
        {"timestamp": encode.context(0, encode.octet_string(b"token"))},
        {"timestamp": encode.bit_string(b"token")},
        {"after": encode.null()},
    ],
)
def test_v4_signature_of_another_structure_is_malformed(sm2_signer, seal_der, changes):
    with pytest.raises(MalformedError):
        ses.parse_signature(products.signature_v4(sm2_signer, seal_der, **changes))


@pytest.mark.parametrize(
    "changes",
    [{"time": encode.generalized_time(AT)}, {"data_hash": encode.null()}, {"after": encode.null()}],
)
def test_v1_signature_of_another_structure_is_malformed(sm2_signer, seal_v1_der, changes):
    with pytest.raises(MalformedError):
        ses.parse_signature(products.signature_v1(sm2_signer, seal_v1_der, **changes))


def test_seal_of_another_outline_than_its_signature_is_malformed(sm2_signer, seal_der, seal_v1_der):
    with pytest.raises(MalformedError, match="outlines"):
        ses.parse_signature(products.signature_v4(sm2_signer, seal_v1_der))
    with pytest.raises(MalformedError, match="outlines"):
        ses.parse_signature(products.signature_v1(sm2_signer, seal_der))


def test_seal_is_no_signature_and_signature_no_seal(seal_der, signature_der):
    with pytest.raises(MalformedError):
        ses.parse_signature(seal_der)
    with pytest.raises(MalformedError):
        ses.parse_seal(signature_der)


def test_signature_of_another_signer_does_not_verify(signature_der, sm2_signer, seal_maker):
    # In V4 the certificate stands outside of what is signed.
    swapped = encode.sequence(
        *(
            encode.octet_string(seal_maker.certificate_der)
            if element.tag == der.OCTET_STRING
            else element.der
            for element in der.parse(signature_der).children()
        )
    )
    signature = ses.parse_signature(swapped)
    assert not signature.seal.lists(signature.certificate_der)
    with pytest.raises(InvalidSignatureError):
        signature.verify_value()


def test_der_signature_of_64_bytes_is_not_taken_for_the_raw_form():
    number = encode.integer(1 << 228)  # 29 octets
    assert len(encode.sequence(number, number)) == 64
    assert not structures.is_raw_signature(encode.sequence(number, number))
    assert structures.is_raw_signature(bytes(64))
    assert not structures.is_raw_signature(bytes(65))
