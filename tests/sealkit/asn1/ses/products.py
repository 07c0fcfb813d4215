"""Seals and signatures as deployed products write them, right and slightly wrong.

Every part can be replaced: a test changes one thing and signs again, as a product would.
"""

from datetime import UTC, datetime

from sealkit import oids
from sealkit.asn1 import encode
from sealkit.asn1.ses import SealInfo, SealPicture
from sealkit.sm import signature as encodings
from tests.sealkit.asn1.identities import AT, NOT_AFTER

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
PATH = "/Doc_0/Signs/Sign_0/Signature.xml"
DATA_HASH = bytes(range(32))
VALID_FROM = datetime(2026, 6, 1, tzinfo=UTC)


def seal_info(*certificates, **changes):
    parts = {
        "seal_id": "65000020261123",
        "name": "测试市场监督管理局电子证照专用章",
        "type": 4,
        "vendor_id": "YINXIN",
        "certificates": certificates,
        "created_at": VALID_FROM,
        "valid_from": VALID_FROM,
        "valid_until": NOT_AFTER,
        "picture": SealPicture("PNG", PNG, 42, 42),
    }
    return SealInfo(**parts | changes)


def extension(*, critical=None, oid="1.2.3.4", value=b"value"):
    """One ExtData; `critical` None leaves the default out."""
    flag = () if critical is None else (encode.boolean(critical),)
    return encode.sequence(encode.object_identifier(oid), *flag, encode.octet_string(value))


def digest_list(*digests, type_text="SM3"):
    """A certList of type 2."""
    return encode.sequence(
        *(
            encode.sequence(encode.printable_string(type_text), encode.octet_string(digest))
            for digest in digests
        )
    )


def info_v4(certificate, **changes):
    """DER(SES_SealInfo); give encoded values for the parts that should differ."""
    part = changes.get
    properties = encode.sequence(
        encode.integer(4),
        encode.utf8_string("测试专用章"),
        part("list_type", encode.integer(1)),
        part("certificates", encode.sequence(encode.octet_string(certificate))),
        part("created_at", encode.generalized_time(VALID_FROM)),
        part("valid_from", encode.generalized_time(VALID_FROM)),
        part("valid_until", encode.generalized_time(NOT_AFTER)),
        part("after_property", b""),
    )
    return _info(part, properties, version=4)


def info_v1(certificate, **changes):
    part = changes.get
    properties = encode.sequence(
        encode.integer(1),
        encode.utf8_string("测试单位章"),
        part("certificates", encode.sequence(encode.octet_string(certificate))),
        part("created_at", encode.time(VALID_FROM)),
        part("valid_from", encode.time(VALID_FROM)),
        part("valid_until", encode.time(NOT_AFTER)),
    )
    return _info(part, properties, version=1)


def seal_v4(maker, info, *, raw=False, signed=None, algorithm=oids.SM2_WITH_SM3, after=b""):
    value = maker.sign(signed or info)
    return encode.sequence(
        info,
        encode.octet_string(maker.certificate_der),
        encode.object_identifier(algorithm),
        encode.bit_string(value if raw else encodings.to_der(value)),
        after,
    )


def seal_v1(maker, info, *, raw=False, signed=None):
    certificate = encode.octet_string(maker.certificate_der)
    algorithm = encode.object_identifier(oids.SM2_WITH_SM3)
    value = maker.sign(signed or encode.sequence(info, certificate, algorithm))
    sign_info = encode.sequence(
        certificate, algorithm, encode.bit_string(value if raw else encodings.to_der(value))
    )
    return encode.sequence(info, sign_info)


def signature_v4(signer, seal, *, raw=False, timestamp=b"", after=b"", **changes):
    part = changes.get
    tbs = encode.sequence(
        part("version", encode.integer(4)),
        seal,
        part("time", encode.generalized_time(AT)),
        part("data_hash", encode.bit_string(DATA_HASH)),
        encode.ia5_string(PATH),
        part("extensions", b""),
    )
    value = signer.sign(tbs)
    return encode.sequence(
        tbs,
        encode.octet_string(signer.certificate_der),
        encode.object_identifier(oids.SM2_WITH_SM3),
        encode.bit_string(value if raw else encodings.to_der(value)),
        timestamp,
        after,
    )


def signature_v1(signer, seal, *, raw=False, after=b"", **changes):
    part = changes.get
    tbs = encode.sequence(
        part("version", encode.integer(1)),
        seal,
        part("time", encode.bit_string(b"2026-11-23 08:30:15")),
        part("data_hash", encode.bit_string(DATA_HASH)),
        encode.ia5_string(PATH),
        encode.octet_string(signer.certificate_der),
        encode.object_identifier(oids.SM2_WITH_SM3),
    )
    value = signer.sign(tbs)
    return encode.sequence(tbs, encode.bit_string(value if raw else encodings.to_der(value)), after)


def _info(part, properties, *, version):
    header = encode.sequence(
        part("id", encode.ia5_string("ES")),
        part("version", encode.integer(version)),
        encode.ia5_string("GOMAIN"),
    )
    picture = encode.sequence(
        part("picture_type", encode.ia5_string("png")),
        encode.octet_string(PNG),
        part("width", encode.integer(42)),
        encode.integer(42),
    )
    return encode.sequence(
        header, encode.ia5_string("SEAL-1"), properties, picture, part("extensions", b"")
    )
