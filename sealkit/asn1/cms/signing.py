"""Making a signed message with one signer: RFC 5652, or GB/T 35275 with its own identifiers.

Written so that the most peers can check it: SM2 under 1.2.156.10197.1.501 in both forms,
digest and signature algorithms without parameters, attributes sorted, issuer and serial
number as the signer's name.
"""

from collections.abc import Sequence
from datetime import datetime

from sealkit import oids
from sealkit.asn1 import algorithms, encode
from sealkit.asn1.cms.attributes import build_attributes
from sealkit.asn1.x509 import parse_certificate
from sealkit.signer import SM2_SM3, Signer


def sign(
    content: bytes,
    signer: Signer,
    *,
    at: datetime,
    gm: bool = False,
    chain: Sequence[bytes] = (),
    content_type: str | None = None,
    detached: bool = False,
    with_attributes: bool = True,
    with_certificates: bool = True,
) -> bytes:
    """Return a ContentInfo with SignedData, DER.

    Args:
        content: what is signed.
        signer: SM2 or ECDSA; its algorithm decides the digest.
        at: signing time, an attribute, to the second.
        gm: form of GB/T 35275 in place of RFC 5652; SM2 only.
        chain: certificates to send along, beside the signer's.
        content_type: dotted; data by default.
        detached: leave the content out.
        with_attributes: without them the signature is over the content itself; only for
            content of type data.
        with_certificates: without them no certificate is sent, and `chain` is not used.

    Raises:
        ValueError: if these cannot go together.
    """
    data = oids.GM_DATA if gm else oids.CMS_DATA
    content_type = content_type or data
    if gm and signer.algorithm != SM2_SM3:
        raise ValueError("GB/T 35275 messages are signed with SM2")
    if not with_attributes and content_type != data:
        raise ValueError("content other than data needs signed attributes")
    digest = encode.algorithm(algorithms.digest_algorithm(signer))
    inner = () if detached else (encode.context(0, encode.octet_string(content)),)
    parts = [
        # RFC 5652, 5.1: 3 for content other than data; PKCS #7 as in GB/T 35275 knows only 1.
        encode.integer(1 if gm or content_type == data else 3),
        encode.set_of(digest),
        encode.sequence(encode.object_identifier(content_type), *inner),
    ]
    if with_certificates:
        parts.append(encode.context(0, *sorted({signer.certificate_der, *chain})))
    attributes = build_attributes(content, content_type, signer, at) if with_attributes else ()
    parts.append(encode.set_of(_signer_info(content, signer, digest, attributes)))
    return encode.sequence(
        encode.object_identifier(oids.GM_SIGNED_DATA if gm else oids.CMS_SIGNED_DATA),
        encode.context(0, encode.sequence(*parts)),
    )


def _signer_info(
    content: bytes, signer: Signer, digest: bytes, attributes: tuple[bytes, ...]
) -> bytes:
    parts = parse_certificate(signer.certificate_der)
    message = encode.set_of(*attributes) if attributes else content
    return encode.sequence(
        encode.integer(1),
        encode.sequence(parts.issuer_der, encode.integer(parts.serial)),
        digest,
        *((encode.context(0, *attributes),) if attributes else ()),
        encode.algorithm(algorithms.signature_algorithm(signer)),
        encode.octet_string(algorithms.sign(signer, message)),
    )
