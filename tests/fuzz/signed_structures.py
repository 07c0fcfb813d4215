"""Targets in DER: read, and then verified, which may also say no or not ours."""

from sealkit.asn1 import certification_request, cms, der, extensions, ocsp, ses, tsp, x509
from sealkit.asn1.crl import parse_crl
from sealkit.errors import InvalidSignatureError, UnsupportedError
from sealkit.sm import signature
from sealkit.sm.sm2 import SM2PrivateKey
from tests.fuzz.target import target
from verification import path_building, path_revocation

KEY = SM2PrivateKey(bytes(31) + b"\x07")
VERDICTS = (InvalidSignatureError, UnsupportedError)


@target(der.parse)
def der_value(foreign):
    """One DER value, walked whole, and each primitive value in it read as each type."""
    waiting = [der.parse(foreign)]
    while waiting:
        element = waiting.pop()
        if element.tag & 0x20:
            waiting.extend(element.children())
            continue
        for read in (der.integer, der.boolean, der.bits, der.object_identifier, der.text, der.time):
            try:
                read(element)
            except der.MalformedError:
                continue


@target(x509.parse_certificate, refuses=VERDICTS)
def certificate(foreign):
    """One certificate, and whether it signed itself."""
    found = x509.parse_certificate(foreign)
    assert x509.name_parts(found.subject_der) is not None
    found.verify_signed_by(found)


@target(x509.pem_to_certificates, x509.pem_blocks, x509.pem_to_der, max_bytes=8192)
def pem_file(foreign):
    """A PEM file."""
    x509.pem_blocks(foreign, "CERTIFICATE")
    x509.pem_to_der(foreign, "CERTIFICATE")
    x509.pem_to_certificates(foreign)


@target(x509.name_parts)
def distinguished_name(foreign):
    """A distinguished name."""
    x509.name_parts(foreign)


@target(extensions.read_extensions)
def certificate_extensions(foreign):
    """The extensions of a certificate or request."""
    extensions.read_extensions(der.parse(foreign, der.SEQUENCE).children())


@target(parse_crl, refuses=VERDICTS)
def revocation_list(foreign):
    """A revocation list, complete or delta, and whether a stranger signed it."""
    found = parse_crl(foreign)
    assert isinstance(found.revoked, object)


@target(path_building.read_certificate, path_revocation.read_crl)
def path_material(foreign):
    """A certificate and a list as the path library reads them."""
    try:
        path_building.read_certificate(foreign)
    except path_building.MalformedError:
        path_revocation.read_crl(foreign)


@target(certification_request.parse_request, refuses=VERDICTS)
def certificate_request(foreign):
    """A PKCS#10 request, and its proof of possession."""
    certification_request.parse_request(foreign).verify_possession()


@target(cms.parse, refuses=VERDICTS)
def signed_message(foreign):
    """A CMS or GB/T 35275 message, and its signature."""
    cms.parse(foreign).verify(b"content")


@target(tsp.parse_request)
def timestamp_request(foreign):
    """A request for a timestamp."""
    tsp.parse_request(foreign)


@target(tsp.parse_response, refuses=VERDICTS)
def timestamp_response(foreign):
    """An answer of a timestamp authority."""
    tsp.parse_response(foreign)


@target(tsp.parse_token, refuses=VERDICTS)
def timestamp_token(foreign):
    """A timestamp token, and whether it is over our message."""
    tsp.parse_token(foreign).verify(b"message")


@target(ocsp.parse_request)
def status_request(foreign):
    """An OCSP request."""
    ocsp.parse_request(foreign)


@target(ocsp.parse_response, refuses=VERDICTS)
def status_response(foreign):
    """An OCSP response."""
    ocsp.parse_response(foreign)


@target(ses.parse_seal, refuses=VERDICTS)
def seal(foreign):
    """An electronic seal of 2012 or 2020, and its maker's signature."""
    found = ses.parse_seal(foreign)
    found.lists(b"certificate")
    found.verify_maker()


@target(ses.parse_signature, refuses=VERDICTS, max_bytes=8192)
def seal_signature(foreign):
    """The signature of a seal of 2012 or 2020, and its value."""
    ses.parse_signature(foreign).verify_value()


@target(signature.from_der, refuses=VERDICTS, max_bytes=128)
def sm2_signature(foreign):
    """An SM2 signature in DER, checked with a key."""
    signature.from_der(foreign)
    KEY.public_key.verify_der(foreign, b"message")
