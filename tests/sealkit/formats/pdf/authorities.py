"""Certificate authorities to order, for tests that need chains no sound CA would issue."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import algos, core, crl, keys, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from sealkit.signer import ECDSA_P256_SHA256, SM2_SM3
from sealkit.sm import signature
from sealkit.sm.sm2 import SM2PrivateKey

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2046, 1, 1, tzinfo=UTC)


class SM2Key:
    algorithm = SM2_SM3
    mechanism = "1.2.156.10197.1.501"

    def __init__(self):
        self._key = SM2PrivateKey.generate()
        self.spki = self._key.public_key.spki

    def sign(self, message):
        return self._key.sign(message)


class P256Key:
    algorithm = ECDSA_P256_SHA256
    mechanism = "1.2.840.10045.4.3.2"

    def __init__(self):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.spki = self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, message):
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


class RSAKey:
    """What pyHanko's dummy timestamp service can sign with."""

    def __init__(self):
        self.private = rsa.generate_private_key(65537, 2048)
        self.spki = self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )


@dataclass(frozen=True)
class Holder:
    key: object
    certificate_der: bytes

    @property
    def algorithm(self):
        return self.key.algorithm

    def sign(self, message):
        return self.key.sign(message)


def algorithm_of(key):
    """The signature algorithm of `key`, with its `parameters` where it has any."""
    parameters = getattr(key, "parameters", None)
    more = {"parameters": parameters} if parameters is not None else {}
    return algos.SignedDigestAlgorithm({"algorithm": key.mechanism} | more)


def certificate(
    name,
    key,
    issuer,
    issuer_key,
    *,
    ca=False,
    usage=("digital_signature",),
    eku=(),
    more=(),
    path_length=None,
    not_before=START,
    not_after=END,
):
    """An end entity or authority, its extensions critical; `more` are added as they are."""
    extensions = [
        {
            "extn_id": "key_usage",
            "critical": True,
            "extn_value": core.ParsableOctetString(x509.KeyUsage(set(usage)).dump()),
        }
    ]
    if ca:
        constraints = {"ca": True} | ({"path_len_constraint": path_length} if path_length else {})
        extensions.append(
            {"extn_id": "basic_constraints", "critical": True, "extn_value": constraints}
        )
    if eku:
        extensions.append(
            {"extn_id": "extended_key_usage", "critical": True, "extn_value": list(eku)}
        )
    extensions += more
    algorithm = algorithm_of(issuer_key)
    tbs = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": int.from_bytes(hashlib.sha256(name.encode()).digest()[:16]),
            "signature": algorithm,
            "issuer": x509.Name.build({"country_name": "CN", "common_name": issuer}),
            "validity": {
                "not_before": x509.Time({"utc_time": not_before}),
                "not_after": x509.Time({"utc_time": not_after}),
            },
            "subject": x509.Name.build({"country_name": "CN", "common_name": name}),
            "subject_public_key_info": keys.PublicKeyInfo.load(key.spki),
            "extensions": extensions,
        }
    )
    return x509.Certificate(
        {
            "tbs_certificate": tbs,
            "signature_algorithm": algorithm,
            "signature_value": signature.to_der(issuer_key.sign(tbs.dump())),
        }
    ).dump()


def revocation_list(
    issuer,
    issuer_key,
    revoked=(),
    *,
    this_update=START,
    next_update=END,
    extensions=(),
):
    """A list by `issuer`; `revoked` holds (serial, date, {extension: value})."""
    algorithm = algorithm_of(issuer_key)
    tbs = crl.TbsCertList(
        {
            "version": "v2",
            "signature": algorithm,
            "issuer": x509.Name.build({"country_name": "CN", "common_name": issuer}),
            "this_update": x509.Time({"utc_time": this_update}),
            "next_update": x509.Time({"utc_time": next_update}),
            "revoked_certificates": [
                {
                    "user_certificate": serial,
                    "revocation_date": x509.Time({"utc_time": date}),
                    "crl_entry_extensions": [
                        {"extn_id": name, "critical": False, "extn_value": value}
                        for name, value in entry.items()
                    ],
                }
                for serial, date, entry in revoked
            ],
            "crl_extensions": list(extensions),
        }
    )
    return crl.CertificateList(
        {
            "tbs_cert_list": tbs,
            "signature_algorithm": algorithm,
            "signature": signature.to_der(issuer_key.sign(tbs.dump())),
        }
    ).dump()


@dataclass(frozen=True)
class Authority:
    """A root, a signer under it, and a timestamp service under it."""

    root: bytes
    signer: Holder
    key: object

    def other_signer(self, name, usage=("digital_signature", "non_repudiation")):
        key = type(self.key)()
        issuer = x509.Certificate.load(self.root).subject.native["common_name"]
        return Holder(key, certificate(name, key, issuer, self.key, usage=usage))


def authority(make_key, name):
    root_key, signer_key = make_key(), make_key()
    root = certificate(name, root_key, name, root_key, ca=True, usage=("key_cert_sign", "crl_sign"))
    issued = certificate(
        f"{name} signer",
        signer_key,
        name,
        root_key,
        usage=("digital_signature", "non_repudiation"),
    )
    return Authority(root, Holder(signer_key, issued), root_key)
