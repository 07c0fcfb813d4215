"""Revoking while answers are being signed and served: no "good" after the revocation."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ca.revocation import Reason, revoke
from sealkit.asn1 import ocsp
from yinxin.context import open_context
from yinxin.settings import Settings


@pytest.fixture
def context(tmp_path):
    context = open_context(Settings(data_directory=tmp_path))
    yield context
    context.close()


def test_no_answer_says_good_once_a_revocation_is_committed(context):
    """Answers are dropped and signed anew without a pause while certificates are revoked."""
    responder = context.revocation.responder
    issuer = context.keystore.certificate("sub_ca")
    names = [name for name in context.keystore.names() if "root" not in name]
    leaves = [context.keystore.certificate(name) for name in names]
    serials = [leaf.serial for leaf in leaves if leaf.issuer_der == issuer.subject_der]
    stopping = threading.Event()

    def presign_on():
        while not stopping.is_set():
            context.revocation.presign()

    def asked(serial):
        request = ocsp.build_request([ocsp.certificate_id(issuer, serial)])
        at = context.now()
        served = responder.stored_answer(context.database.reading, request, at=at)
        if served is None:
            with context.database.reading() as session:
                served = responder.answer(session, request, at=at)
        return ocsp.parse_response(served.response).basic.singles[0].status

    with ThreadPoolExecutor(1) as pool:
        signing = pool.submit(presign_on)
        try:
            revoked = []
            for serial in serials:
                assert asked(serial) == "good"
                with context.database.writing() as session:
                    revoke(
                        session,
                        ca_name="sub_ca",
                        serial=serial,
                        reason=Reason.SUPERSEDED,
                        at=context.now(),
                    )
                revoked.append(serial)
                for _ in range(3):
                    assert {asked(known) for known in revoked} == {"revoked"}
        finally:
            stopping.set()
        signing.result(60)
    context.revocation.presign()
    assert {asked(serial) for serial in serials} == {"revoked"}
