"""A small certificate authority and a one-page PDF, made once for these tests."""

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO

import pytest
from asn1crypto import keys, x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.sealkit.formats.pdf.authorities import P256Key, RSAKey, SM2Key, authority, certificate

AT = datetime(2026, 7, 1, 4, 30, tzinfo=UTC)
RECORD = '{"kind": "营业执照"}'.encode()


@pytest.fixture(scope="session")
def sm2():
    return authority(SM2Key, "测试根")


@pytest.fixture(scope="session")
def ecdsa():
    return authority(P256Key, "ECDSA root")


@pytest.fixture(scope="session")
def token_service(ecdsa):
    """An RFC 3161 service (pyHanko's dummy one)."""
    key = RSAKey()
    tsa = certificate("TSA", key, "ECDSA root", ecdsa.key, eku=("time_stamping",))
    return DummyTimeStamper(
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


@pytest.fixture(scope="session")
def timestamp(token_service):
    """Given a message, a token about it."""

    def token(message):
        imprint = hashlib.sha256(message).digest()
        return asyncio.run(token_service.async_timestamp(imprint, "sha256")).dump()

    return lambda message: run_elsewhere(token, message)


def run_elsewhere(function, *arguments):
    """Run in another thread: the caller is inside pyHanko's event loop."""
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
