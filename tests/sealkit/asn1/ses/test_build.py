"""What cannot be a seal or a signature is refused before anything is signed."""

from datetime import datetime

import pytest

from sealkit.asn1 import ses
from sealkit.errors import MalformedError
from tests.sealkit.asn1.identities import AT
from tests.sealkit.asn1.ses import products


@pytest.mark.parametrize(
    "changes",
    [
        {"certificates": ()},
        {"certificate_digests": (ses.CertificateDigest("SM3", bytes(32)),)},
        {"valid_until": products.VALID_FROM},
        {"picture": ses.SealPicture("GIF", products.PNG, 42, 42)},
        {"picture": ses.SealPicture("webp", products.PNG, 42, 42)},
        {"picture": ses.SealPicture("PNG", products.PNG, 0, 42)},
        {"picture": ses.SealPicture("PNG", products.PNG, 42, -1)},
        {"picture": ses.SealPicture("PNG", products.PNG + bytes(2 << 20), 42, 42)},
        {"seal_id": "印章"},
        {"created_at": datetime(2026, 1, 1)},
    ],
)
def test_what_cannot_be_a_seal_is_refused(sm2_signer, seal_maker, changes):
    info = products.seal_info(sm2_signer.certificate_der, **changes)
    with pytest.raises(ValueError):
        ses.build_seal(info, seal_maker)


def test_listed_certificate_must_be_one(seal_maker):
    with pytest.raises(MalformedError):
        ses.build_seal(products.seal_info(b"not a certificate"), seal_maker)


def test_seals_are_made_with_sm2(sm2_signer, ecdsa_signer):
    with pytest.raises(ValueError, match="SM2"):
        ses.build_seal(products.seal_info(sm2_signer.certificate_der), ecdsa_signer)


def sign(seal_der, signer, **changes):
    parts = {
        "seal_der": seal_der,
        "at": AT,
        "data_hash": products.DATA_HASH,
        "property_info": products.PATH,
        "signer": signer,
    }
    return ses.build_signature(**parts | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"data_hash": bytes(20)},
        {"property_info": "/文档/Signature.xml"},
        {"at": datetime(2026, 1, 1)},
    ],
)
def test_what_cannot_be_a_signature_is_refused(seal_der, sm2_signer, changes):
    with pytest.raises(ValueError):
        sign(seal_der, sm2_signer, **changes)


def test_signatures_are_made_with_sm2_and_v4_seals(seal_der, sm2_signer, ecdsa_signer, seal_maker):
    with pytest.raises(ValueError, match="SM2"):
        sign(seal_der, ecdsa_signer)
    v1 = products.seal_v1(seal_maker, products.info_v1(sm2_signer.certificate_der))
    with pytest.raises(ValueError, match="V4"):
        sign(v1, sm2_signer)
    with pytest.raises(MalformedError):
        sign(seal_der[:-1], sm2_signer)


def test_same_input_gives_the_same_bytes_but_for_the_signature(seal_der, sm2_signer):
    first, second = (ses.parse_signature(sign(seal_der, sm2_signer)) for _ in range(2))
    assert first.tbs == second.tbs
    assert first.signature != second.signature
