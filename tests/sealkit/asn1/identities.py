"""Keys with certificates for tests, formed by asn1crypto so that ours is not its own judge."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from asn1crypto import keys, pem, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from sealkit.asn1 import registry
from sealkit.signer import ECDSA_P256_SHA256, SM2_SM3
from sealkit.sm import signature
from sealkit.sm.sm2 import SM2PrivateKey

NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
NOT_AFTER = datetime(2046, 1, 1, tzinfo=UTC)
AT = datetime(2026, 11, 23, 8, 30, 15, tzinfo=UTC)

_serials = itertools.count(0x1122334455667788)


@dataclass(frozen=True)
class SM2Identity:
    key: SM2PrivateKey
    certificate_der: bytes = b""
    algorithm: ClassVar[str] = SM2_SM3
    algorithm_name: ClassVar[str] = registry.SM2_SM3_NAME

    @property
    def spki(self):
        return self.key.public_key.spki

    def sign(self, message):
        return self.key.sign(message)

    def private_pem(self):
        sec1 = bytes.fromhex("30770201010420") + self.key.scalar
        sec1 += bytes.fromhex("a00a06082a811ccf5501822da144034200") + self.key.public_key.point
        return pem.armor("EC PRIVATE KEY", sec1)


@dataclass(frozen=True)
class ECDSAIdentity:
    key: ec.EllipticCurvePrivateKey
    certificate_der: bytes = b""
    algorithm: ClassVar[str] = ECDSA_P256_SHA256
    algorithm_name: ClassVar[str] = "sha256_ecdsa"

    @property
    def spki(self):
        return self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, message):
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    def private_pem(self):
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def sm2_identity(name, issuer=None, **options):
    return certified(SM2Identity, SM2PrivateKey.generate(), name, issuer, **options)


def ecdsa_identity(name, issuer=None, **options):
    return certified(
        ECDSAIdentity, ec.generate_private_key(ec.SECP256R1()), name, issuer, **options
    )


def certified(kind, key, name, issuer, *, purpose=None):
    bare = kind(key)
    by = issuer or bare
    subject = x509.Name.build({"country_name": "CN", "common_name": name})
    issuer_name = x509.Certificate.load(issuer.certificate_der).subject if issuer else subject
    identifier = keys.PublicKeyInfo.load(bare.spki).sha1
    usage = {"digital_signature", "non_repudiation"} if issuer else {"key_cert_sign", "crl_sign"}
    extensions = [
        {"extn_id": "key_usage", "critical": True, "extn_value": usage},
        {"extn_id": "key_identifier", "critical": False, "extn_value": identifier},
    ]
    if issuer is None:
        extensions.append(
            {"extn_id": "basic_constraints", "critical": True, "extn_value": {"ca": True}}
        )
    if purpose:
        extensions.append(
            {"extn_id": "extended_key_usage", "critical": True, "extn_value": [purpose]}
        )
    tbs = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": next(_serials),
            "signature": {"algorithm": by.algorithm_name},
            "issuer": issuer_name,
            "validity": {
                "not_before": x509.Time({"utc_time": NOT_BEFORE}),
                "not_after": x509.Time({"utc_time": NOT_AFTER}),
            },
            "subject": subject,
            "subject_public_key_info": keys.PublicKeyInfo.load(bare.spki),
            "extensions": extensions,
        }
    )
    certificate = x509.Certificate(
        {
            "tbs_certificate": tbs,
            "signature_algorithm": {"algorithm": by.algorithm_name},
            "signature_value": signature.to_der(by.sign(tbs.dump())),
        }
    )
    return kind(key, certificate.dump())
