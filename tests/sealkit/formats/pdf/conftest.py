"""A small certificate authority and a one-page PDF, made once for these tests."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

import pytest
from asn1crypto import algos, core, keys, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from sealkit.signer import ECDSA_P256_SHA256, SM2_SM3
from sealkit.sm import signature
from sealkit.sm.sm2 import SM2PrivateKey

AT = datetime(2026, 7, 1, 4, 30, tzinfo=UTC)
RECORD = '{"kind": "营业执照"}'.encode()


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


def certificate(name, key, issuer, issuer_key, *, ca=False, usage=("digital_signature",), eku=()):
    extensions = [
        {
            "extn_id": "key_usage",
            "critical": True,
            "extn_value": core.ParsableOctetString(x509.KeyUsage(set(usage)).dump()),
        }
    ]
    if ca:
        extensions.append(
            {"extn_id": "basic_constraints", "critical": True, "extn_value": {"ca": True}}
        )
    if eku:
        extensions.append(
            {"extn_id": "extended_key_usage", "critical": True, "extn_value": list(eku)}
        )
    algorithm = algos.SignedDigestAlgorithm({"algorithm": issuer_key.mechanism})
    tbs = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": int.from_bytes(hashlib.sha256(name.encode()).digest()[:16]),
            "signature": algorithm,
            "issuer": x509.Name.build({"country_name": "CN", "common_name": issuer}),
            "validity": {
                "not_before": x509.Time({"utc_time": datetime(2026, 1, 1, tzinfo=UTC)}),
                "not_after": x509.Time({"utc_time": datetime(2046, 1, 1, tzinfo=UTC)}),
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


@pytest.fixture(scope="session")
def sm2():
    return authority(SM2Key, "测试根")


@pytest.fixture(scope="session")
def ecdsa():
    return authority(P256Key, "ECDSA root")


@pytest.fixture(scope="session")
def timestamp(ecdsa):
    """An RFC 3161 service (pyHanko's dummy one): token for a message."""
    key = RSAKey()
    tsa = certificate("TSA", key, "ECDSA root", ecdsa.key, eku=("time_stamping",))
    service = DummyTimeStamper(
        tsa_cert=x509.Certificate.load(tsa),
        tsa_key=keys.PrivateKeyInfo.load(
            key.private.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        ),
        certs_to_embed=SimpleCertificateStore(),
        fixed_dt=AT,
    )

    def token(message):
        imprint = hashlib.sha256(message).digest()
        return asyncio.run(service.async_timestamp(imprint, "sha256")).dump()

    return lambda message: run_elsewhere(token, message)


def run_elsewhere(function, *arguments):
    """Run in another thread: the caller is inside pyHanko's event loop."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *arguments).result()


def make_pdf(text=b"(licence 1) Tj", files=(("licence.json", RECORD),)):
    writer = PdfFileWriter(stream_xrefs=False)
    font = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Font"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Type1"),
            generic.pdf_name("/BaseFont"): generic.pdf_name("/Helvetica"),
        }
    )
    content = RawContent(b"BT /F1 20 Tf 60 700 Td " + text + b" ET", box=BoxConstraints(595, 842))
    page = PageObject(
        contents=writer.add_object(generic.StreamObject(stream_data=content.render())),
        media_box=(0, 0, 595, 842),
        resources=generic.DictionaryObject(
            {
                generic.pdf_name("/Font"): generic.DictionaryObject(
                    {generic.pdf_name("/F1"): writer.add_object(font)}
                )
            }
        ),
    )
    writer.insert_page(page)
    for name, content in files:
        file = embed.EmbeddedFileObject.from_file_data(writer, content)
        embed.embed_file(writer, embed.FileSpec(name, file_name=name, embedded_data=file))
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


@pytest.fixture(scope="session")
def page():
    return make_pdf()
