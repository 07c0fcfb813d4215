"""A seal of ours and a signature made with it."""

from datetime import timedelta

import pytest

from sealkit.asn1 import ses, tsp
from sealkit.sm import sm3
from tests.sealkit.asn1.identities import AT
from tests.sealkit.asn1.ses.products import PATH, seal_info

SIGNATURE_XML = b'<?xml version="1.0" encoding="UTF-8"?><ofd:Signature/>'


@pytest.fixture(scope="session")
def seal_der(sm2_signer, seal_maker):
    return ses.build_seal(seal_info(sm2_signer.certificate_der), seal_maker)


@pytest.fixture(scope="session")
def stamp(timestamper):
    def over(value):
        request = tsp.parse_request(tsp.build_request(sm3.digest(value), nonce=1))
        response = tsp.build_response(
            request,
            serial=1,
            at=AT + timedelta(seconds=1),
            policy="1.2.156.3005.9",
            signer=timestamper,
        )
        return tsp.parse_response(response).token.der

    return over


@pytest.fixture(scope="session")
def signature_xml():
    return SIGNATURE_XML


@pytest.fixture(scope="session")
def signature_der(seal_der, sm2_signer):
    return ses.build_signature(
        seal_der=seal_der,
        at=AT,
        data_hash=sm3.digest(SIGNATURE_XML),
        property_info=PATH,
        signer=sm2_signer,
    )


@pytest.fixture(scope="session")
def stamped_signature_der(seal_der, sm2_signer, stamp):
    return ses.build_signature(
        seal_der=seal_der,
        at=AT,
        data_hash=sm3.digest(SIGNATURE_XML),
        property_info=PATH,
        signer=sm2_signer,
        timestamp=stamp,
    )
