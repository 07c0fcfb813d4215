"""Making a seal and signing with it, GB/T 38540-2020 (V4) only.

* Certificates are listed whole (certListType 1); extensions are left out.
* The signature value is DER, and a timestamp is made over exactly its bytes.
* What is refused here is a ValueError: it comes from our own code, not from abroad.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sealkit.asn1 import algorithms, encode
from sealkit.asn1.ses.read_seal import (
    CERTIFICATES,
    HEADER_ID,
    MAX_SEAL_BYTES,
    parse_seal,
)
from sealkit.asn1.ses.structures import V4, SealInfo, SealPicture
from sealkit.asn1.x509 import parse_certificate
from sealkit.signer import SM2_SM3, Signer

_SM3_BYTES: Final = 32


def build_seal(info: SealInfo, maker: Signer) -> bytes:
    """Return a V4 seal (SESeal, DER) certified by the seal maker's key.

    Raises:
        ValueError: if `info` cannot be a seal: no certificate, an image of another type
            than it says, no size, an end before the beginning, text that is not ASCII.
        MalformedError: if a listed certificate cannot be read.
    """
    _check_info(info)
    _check_algorithm(maker)
    signed = _seal_info(info)
    seal = encode.sequence(
        signed,
        encode.octet_string(maker.certificate_der),
        encode.object_identifier(algorithms.signature_algorithm(maker)),
        encode.bit_string(algorithms.sign(maker, signed)),
    )
    if len(seal) > MAX_SEAL_BYTES:
        raise ValueError(f"a seal has at most {MAX_SEAL_BYTES} bytes")
    return seal


def build_signature(
    *,
    seal_der: bytes,
    at: datetime,
    data_hash: bytes,
    property_info: str,
    signer: Signer,
    timestamp: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """Return a V4 seal signature (SES_Signature, DER), the content of ``SignedValue.dat``.

    Whether the signer is listed in the seal and the seal is in force at `at` are rules of
    the one who seals; this function forms what it is told to.

    Args:
        seal_der: the seal as in the ``.esl`` file; embedded as it is.
        at: time of signing; written to the second.
        data_hash: SM3 of what `property_info` names, 32 bytes.
        property_info: ASCII; in OFD the absolute path of Signature.xml.
        signer: key of the seal's user, SM2.
        timestamp: given the signature value (DER r and s, the content of the BIT STRING),
            returns an RFC 3161 token over it.

    Raises:
        ValueError: if the seal is not V4, or a value cannot be written.
        MalformedError: if `seal_der` is not a seal.
    """
    if parse_seal(seal_der).version != V4:
        raise ValueError("only a V4 seal makes a V4 signature")
    if len(data_hash) != _SM3_BYTES:
        raise ValueError("dataHash is an SM3 digest of 32 bytes")
    _check_algorithm(signer)
    tbs = encode.sequence(
        encode.integer(V4),
        seal_der,
        encode.generalized_time(at),
        encode.bit_string(data_hash),
        encode.ia5_string(property_info),
    )
    value = algorithms.sign(signer, tbs)
    stamped = () if timestamp is None else (encode.context(0, encode.bit_string(timestamp(value))),)
    return encode.sequence(
        tbs,
        encode.octet_string(signer.certificate_der),
        encode.object_identifier(algorithms.signature_algorithm(signer)),
        encode.bit_string(value),
        *stamped,
    )


def _check_info(info: SealInfo) -> None:
    if not info.certificates or info.certificate_digests:
        raise ValueError("a seal lists its users' certificates, whole")
    for certificate in info.certificates:
        parse_certificate(certificate)
    if info.valid_from >= info.valid_until:
        raise ValueError("a seal must end after it begins")
    picture = info.picture
    if not picture.is_of_its_type:
        raise ValueError(f"the picture is not of type {picture.type}")
    if picture.width_mm <= 0 or picture.height_mm <= 0:
        raise ValueError("the picture must have a size")


def _check_algorithm(signer: Signer) -> None:
    if signer.algorithm != SM2_SM3:
        raise ValueError("seals are signed with SM2")


def _seal_info(info: SealInfo) -> bytes:
    header = encode.sequence(
        encode.ia5_string(HEADER_ID), encode.integer(V4), encode.ia5_string(info.vendor_id)
    )
    properties = encode.sequence(
        encode.integer(info.type),
        encode.utf8_string(info.name),
        encode.integer(CERTIFICATES),
        encode.sequence(*map(encode.octet_string, info.certificates)),
        encode.generalized_time(info.created_at),
        encode.generalized_time(info.valid_from),
        encode.generalized_time(info.valid_until),
    )
    return encode.sequence(
        header, encode.ia5_string(info.seal_id), properties, _picture(info.picture)
    )


def _picture(picture: SealPicture) -> bytes:
    return encode.sequence(
        encode.ia5_string(picture.type),
        encode.octet_string(picture.image),
        encode.integer(picture.width_mm),
        encode.integer(picture.height_mm),
    )
