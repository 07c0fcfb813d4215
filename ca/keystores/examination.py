"""Whether a message is what a purpose signs: looked at before the key is touched.

What a key has signed counts wherever its key is believed, so a list signed as "a timestamp"
would be a list. Each purpose has a form that no other purpose's messages have, and where
the form names its signer, it must name this key. Contents are not judged: a signer cannot
know whether a licence should be sealed.

| purpose | the message |
| --- | --- |
| certificate | TBSCertificate of this issuer that satisfies one of our profiles for it |
| crl, ocsp | TBSCertList of this issuer, ResponseData of this responder |
| timestamp, pdf | signed attributes of a TSTInfo, of data |
| seal, seal_use | SES_SealInfo, TBS_Sign with a seal that lists this certificate |
| code | COSE Sig_structure with claims of a code |
| status | the same of a status list, delta, day or slip; JWS signing input of a list |
| token, receipt | JWS signing input of that type; of a receipt key, reports and archives |
| trust_bundle | JWS signing input of a bundle |
| log, audit | body of a checkpoint, head of the audit chain |
| trust_root, trust_targets, trust_online | TUF metadata of those roles |
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from ca.errors import PurposeError
from ca.keystores.purposes import Purpose
from ca.lint import examined
from ca.profiles import PROFILES
from sealkit import (
    cbor,
    oids,
    receipt,
    statements,
    status_day,
    status_delta,
    status_list,
    status_list_jwt,
    status_slip,
)
from sealkit.asn1 import der, encode, ocsp, ses
from sealkit.asn1.cms.attributes import read_attributes
from sealkit.asn1.crl import MAX_CRL_BYTES, MAX_CRL_ELEMENTS, parse_crl
from sealkit.asn1.ocsp.certificate_id import key_octets
from sealkit.asn1.ocsp.response import BASIC
from sealkit.asn1.x509 import Certificate
from sealkit.checkpoint import parse_checkpoint
from sealkit.errors import SealkitError
from sealkit.formats.code import cose
from sealkit.formats.code.claims import parse_claims
from sealkit.signed_note import NoteSignature, SignedNote
from sealkit.sm.sm2 import SPKI_PREFIX

ACCESS_TOKEN: Final = "yinxin-access+jwt"
"""Type of the access tokens that `yinxin.identity` signs."""

_NOBODYS: Final = bytes.fromhex("3006020101020101")  # DER {1, 1}: stands where a signature will
_AUDIT_HEAD: Final = re.compile(
    rb"yinxin audit head 1\n[1-9][0-9]{0,18}\n[0-9T:.+-]{19,40}\n[0-9a-f]{64}\n"
)
_TUF_ROLES: Final = {
    Purpose.TRUST_ROOT: ("root",),
    Purpose.TRUST_TARGETS: ("targets",),
    Purpose.TRUST_ONLINE: ("snapshot", "timestamp"),
}
_SIG_STRUCTURE: Final = b"\x84"
"""A CBOR array of four; a JWS begins with a letter."""
_STATE_TOKENS: Final[Mapping[str, Callable[[bytes], object]]] = {
    status_list.TYP: status_list.parse_token,
    status_delta.TYP: status_delta.parse_delta,
    status_day.TYP: status_day.parse_day,
    status_slip.TYP: status_slip.parse_slip_token,
}


def examine(purpose: Purpose, message: bytes, certificate: Certificate) -> None:
    """Refuse a message that is not what the key of `certificate` signs for `purpose`.

    Raises:
        PurposeError: if it is not; the words hold nothing of the message.
    """
    try:
        fits = _EXAMINATIONS[purpose](message, certificate)
    except (SealkitError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise PurposeError(f"the message is not what is signed as {purpose.value}") from error
    if not fits:
        raise PurposeError(f"the message is not what this key signs as {purpose.value}")


def _is_certificate(message: bytes, certificate: Certificate) -> bool:
    algorithm = _algorithm(certificate)
    return any(
        examined(message, profile, certificate)[1] == ()
        for profile in PROFILES.values()
        if profile.algorithm == algorithm
    )


def _is_list(message: bytes, certificate: Certificate) -> bool:
    inner = der.parse(
        message, der.SEQUENCE, max_bytes=MAX_CRL_BYTES, max_elements=MAX_CRL_ELEMENTS
    ).children()
    inner.integer()
    named = inner.take(der.SEQUENCE).der
    found = parse_crl(encode.sequence(message, named, encode.bit_string(_NOBODYS)))
    return (
        found.signature_algorithm == _algorithm(certificate)
        and found.issuer_der == certificate.subject_der
    )


def _is_status_answer(message: bytes, certificate: Certificate) -> bool:
    identifier = encode.algorithm(_algorithm(certificate))
    basic = encode.sequence(message, identifier, encode.bit_string(_NOBODYS))
    body = encode.sequence(encode.object_identifier(BASIC), encode.octet_string(basic))
    successful = encode.value(der.ENUMERATED, b"\0")
    found = ocsp.parse_response(encode.sequence(successful, encode.context(0, body))).basic
    digest = hashlib.sha1(key_octets(certificate.spki), usedforsecurity=False).digest()
    return found is not None and digest == found.responder_key_digest


def _is_timestamp(message: bytes, certificate: Certificate) -> bool:
    attributes = read_attributes(der.parse(message, der.SET))
    attributes.check_certificate(certificate.der)
    return (
        attributes.content_type == oids.TST_INFO
        and attributes.certificate_digest is not None
        and attributes.signed == message
    )


def _is_pdf(message: bytes, certificate: Certificate) -> bool:
    attributes = read_attributes(der.parse(message, der.SET))
    attributes.check_certificate(certificate.der)
    return attributes.content_type == oids.CMS_DATA and attributes.signed == message


def _is_seal(message: bytes, certificate: Certificate) -> bool:
    found = ses.parse_seal(encode.sequence(message, *_signed_by(certificate)))
    return found.version == ses.V4 and found.signed == message


def _is_seal_use(message: bytes, certificate: Certificate) -> bool:
    found = ses.parse_signature(encode.sequence(message, *_signed_by(certificate)))
    return found.version == ses.V4 and found.tbs == message and found.seal.lists(certificate.der)


def _is_code(message: bytes, certificate: Certificate) -> bool:
    found = cose.parse(_signed_message(message))
    parse_claims(found.payload)
    return found.typ is None and _is_of(found, message, certificate)


def _is_state(message: bytes, certificate: Certificate) -> bool:
    if not message.startswith(_SIG_STRUCTURE):
        return _is_json_token(message, certificate, status_list_jwt.TYP)
    unsigned = _signed_message(message)
    found = cose.parse(unsigned)
    _STATE_TOKENS[found.typ or ""](unsigned)
    return _is_of(found, message, certificate)


def _is_token(message: bytes, certificate: Certificate) -> bool:
    return _is_json_token(message, certificate, ACCESS_TOKEN)


def _is_receipt(message: bytes, certificate: Certificate) -> bool:
    types = (receipt.TYP, statements.REPORT, statements.ARCHIVE)
    return any(_is_json_token(message, certificate, typ) for typ in types)


def _is_bundle(message: bytes, certificate: Certificate) -> bool:
    return _is_json_token(message, certificate, statements.BUNDLE)


def _is_checkpoint(message: bytes, _certificate: Certificate) -> bool:
    text = message.decode()
    line = NoteSignature("nobody", bytes(4), bytes(64))
    return parse_checkpoint(SignedNote(text, (line,)).to_bytes()).checkpoint.body == text


def _is_audit_head(message: bytes, _certificate: Certificate) -> bool:
    return _AUDIT_HEAD.fullmatch(message) is not None


def _is_metadata(purpose: Purpose) -> Callable[[bytes, Certificate], bool]:
    def check(message: bytes, _certificate: Certificate) -> bool:
        return _members(message)["_type"] in _TUF_ROLES[purpose]

    return check


def _is_json_token(message: bytes, certificate: Certificate, typ: str) -> bool:
    header, dot, payload = message.partition(b".")
    members = _members(_from_base64url(header))
    _members(_from_base64url(payload))
    return bool(dot) and members.get("typ") == typ and members.get("kid") == _kid(certificate).hex()


def _algorithm(certificate: Certificate) -> str:
    is_sm2 = certificate.spki.startswith(SPKI_PREFIX)
    return oids.SM2_WITH_SM3 if is_sm2 else oids.ECDSA_WITH_SHA256


def _signed_by(certificate: Certificate) -> tuple[bytes, ...]:
    return (
        encode.octet_string(certificate.der),
        encode.object_identifier(_algorithm(certificate)),
        encode.bit_string(_NOBODYS),
    )


def _signed_message(structure: bytes) -> bytes:
    """Return the COSE_Sign1 that a Sig_structure becomes part of, signed by nobody."""
    _context, protected, _external, payload = cbor.decode(structure)
    return bytes((cose.TAG,)) + cbor.encode([protected, {}, payload, bytes(64)])


def _is_of(found: cose.Sign1, message: bytes, certificate: Certificate) -> bool:
    return found.signed == message and found.kid == _kid(certificate)


def _kid(certificate: Certificate) -> bytes:
    return certificate.sm2_key.kid


def _from_base64url(segment: bytes) -> bytes:
    octets = base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
    if base64.urlsafe_b64encode(octets).rstrip(b"=") != segment:
        raise ValueError("a second spelling")
    return octets


def _members(document: bytes) -> dict[str, Any]:
    # Canonical JSON of TUF has control characters in strings as they are.
    members = json.loads(document, object_pairs_hook=_unique, strict=False)
    if not isinstance(members, dict):
        raise TypeError("no object")
    return members


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


_EXAMINATIONS: Final[Mapping[Purpose, Callable[[bytes, Certificate], bool]]] = MappingProxyType(
    {
        Purpose.CERTIFICATE: _is_certificate,
        Purpose.CRL: _is_list,
        Purpose.OCSP: _is_status_answer,
        Purpose.TIMESTAMP: _is_timestamp,
        Purpose.PDF: _is_pdf,
        Purpose.SEAL: _is_seal,
        Purpose.SEAL_USE: _is_seal_use,
        Purpose.CODE: _is_code,
        Purpose.STATUS: _is_state,
        Purpose.TOKEN: _is_token,
        Purpose.RECEIPT: _is_receipt,
        Purpose.TRUST_BUNDLE: _is_bundle,
        Purpose.LOG: _is_checkpoint,
        Purpose.AUDIT: _is_audit_head,
        **{purpose: _is_metadata(purpose) for purpose in _TUF_ROLES},
    }
)
