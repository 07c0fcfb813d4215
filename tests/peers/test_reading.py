"""Parsers of others over our structures: asn1crypto (Python) and cryptography (Rust).

Neither checks SM2; both must read every field as we meant it and write the same bytes.
"""

from datetime import timedelta

from asn1crypto import cms as asn1_cms
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import tsp as asn1_tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.x509 import ocsp as x509_ocsp

from sealkit.asn1 import cms, ocsp, tsp
from sealkit.asn1.crl import Revocation, build_crl
from sealkit.asn1.x509 import parse_certificate
from sealkit.sm import sm3
from tests.sealkit.asn1.identities import AT

REVOKED = 0x1234567890ABCDEF1234


def rewritten(structure, der):
    """What asn1crypto writes after reading every part."""
    parsed = structure.load(der, strict=True)
    parsed.native  # noqa: B018
    return parsed.dump(force=True)


def crl(root):
    return build_crl(
        signer=root,
        number=7,
        this_update=AT,
        next_update=AT + timedelta(7),
        revoked={REVOKED: Revocation(AT, 1)},
    )


def status_answer(root, responder):
    identifier = ocsp.certificate_id(parse_certificate(root.certificate_der), REVOKED, "sha256")
    return ocsp.build_response(
        [ocsp.Answer(identifier, Revocation(AT, 1))],
        signer=responder,
        at=AT,
        next_update=AT + timedelta(hours=8),
        nonce=bytes(range(32)),
    )


def test_asn1crypto_writes_every_structure_of_ours_again(world, root, signer, responder):
    for name in world.keys.names():
        assert rewritten(asn1_x509.Certificate, world.der(name)) == world.der(name), name
    for structure, der in (
        (asn1_crl.CertificateList, crl(root)),
        (asn1_ocsp.OCSPResponse, status_answer(root, responder)),
        (asn1_cms.ContentInfo, cms.sign(b"content", signer, at=AT)),
        (asn1_cms.ContentInfo, world.timestamp()(b"value")),
        (asn1_tsp.TimeStampReq, tsp.build_request(sm3.digest(b"content"), nonce=1 << 63)),
    ):
        assert rewritten(structure, der) == der, structure


def test_cryptography_reads_our_certificates(world):
    for name in world.keys.names():
        theirs = x509.load_der_x509_certificate(world.der(name))
        ours = world.keys.certificate(name)
        assert theirs.serial_number == ours.serial
        assert theirs.not_valid_after_utc == ours.not_after
        assert theirs.tbs_certificate_bytes == ours.tbs
        assert len(list(theirs.extensions)) == len(ours.extensions)


def test_cryptography_reads_our_list(root):
    theirs = x509.load_der_x509_crl(crl(root))
    (entry,) = theirs
    assert entry.serial_number == REVOKED
    assert entry.revocation_date_utc == AT
    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.key_compromise
    assert theirs.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 7


def test_cryptography_reads_our_status_answer(root, responder):
    theirs = x509_ocsp.load_der_ocsp_response(status_answer(root, responder))
    assert theirs.response_status is x509_ocsp.OCSPResponseStatus.SUCCESSFUL
    assert theirs.certificate_status is x509_ocsp.OCSPCertStatus.REVOKED
    assert theirs.serial_number == REVOKED
    assert theirs.revocation_reason is x509.ReasonFlags.key_compromise
    assert theirs.extensions[0].value.nonce == bytes(range(32))
