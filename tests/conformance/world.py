"""A region with real keys: everything that a licence and its verifier need, at fixed times.

The development keys of `keys_dev/` sign; nothing is mocked. `World` makes sound material,
the conformance cases spoil it.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path

from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from ca.keystore import FileKeystore, SM2Signer
from sealkit.asn1 import certificate_builder, tsp
from sealkit.asn1.certificate_builder import CertificateTemplate
from sealkit.asn1.crl import Revocation, build_crl
from sealkit.asn1.x509 import parse_certificate
from sealkit.formats.code.credential import CodeClaims, encode
from sealkit.formats.pdf import sign_pdf
from sealkit.identifiers import LicenceIdentifier
from sealkit.record import Holder, LicenceRecord, RecordField, StatusSlot
from sealkit.sm import sm3
from sealkit.sm.sm2 import SM2PrivateKey
from sealkit.status_list import StatusList, build_token
from tests.conformance.instants import AT, SIGNED
from tests.conformance.ofd_builder import sealed, unsealed
from verification.errors import LicenceElsewhereError, SourceUnavailableError
from verification.ports import RegisterEntry
from verification.trust import Authority, LogIdentity, RegionTrust, TrustStore
from verification.verify import verify

KEYS = Path(__file__).parents[2] / "keys_dev"
STATUS_URI = "https://status.example/650000/lists/1"
SLOTS = 1024
SLOT = 77
KIND_CODE = "11100000MB0143028R001"
MARKET = "11650000PRJ000654L"
POLICY = "1.2.156.10197.99.1"


class MemoryStatus:
    """Status lists by address."""

    def __init__(self, tokens):
        self.tokens = tokens

    def token(self, uri):
        if uri not in self.tokens:
            raise SourceUnavailableError(uri)
        return self.tokens[uri]


class MemoryRegister:
    """Register entries by identifier; the answer None is authoritative."""

    def __init__(self, *entries):
        self.entries = {entry.identifier: entry for entry in entries}

    def entry(self, identifier):
        return self.entries.get(identifier)


class DeadSource:
    """A source that never answers."""

    def token(self, uri):
        raise SourceUnavailableError("down")

    def proof(self, identifier):
        raise SourceUnavailableError("down")

    def entry(self, identifier):
        raise SourceUnavailableError("down")


class ElsewhereSource:
    """A log and register that know other licences only."""

    def proof(self, identifier):
        raise LicenceElsewhereError("another log")

    def entry(self, identifier):
        raise LicenceElsewhereError("another register")


class World:
    """One region, sound throughout."""

    def __init__(self, region="650000"):
        self.region = region
        self.keys = FileKeystore(KEYS / region)

    def signer(self, name):
        return self.keys.signer(name)

    def der(self, name):
        return self.keys.certificate(name).der

    def crl(self, issuer="sub_ca", *, revoked=None, at=None, until=None):
        return build_crl(
            signer=self.signer(issuer),
            number=1,
            this_update=at or AT - timedelta(days=1),
            next_update=until or AT + timedelta(days=6),
            revoked=revoked or {},
        )

    @cached_property
    def authority(self):
        return Authority(
            code=MARKET,
            name="示例市市场监督管理局",
            kind_codes=(KIND_CODE,),
            valid_from=datetime(2026, 1, 1, tzinfo=UTC),
            valid_until=None,
            certificates=(self.der("seal_signer_market"),),
        )

    @cached_property
    def region_trust(self):
        return RegionTrust(
            region=self.region,
            name_zh="新疆维吾尔自治区",
            anchors=(self.der("root"),),
            intermediates=(self.der("sub_ca"),),
            crls=(self.crl(), self.crl("root")),
            authorities=(self.authority,),
            seal_makers=(self.der("seal_maker"),),
            pdf_signers=(self.der("pdf_signer"),),
            code_signers=(self.der("code_signer"),),
            status_signers=(self.der("status_signer"),),
            receipt_signers=(self.der("receipt"),),
            log=LogIdentity("log.example/650000", self.der("log")),
            as_of=AT - timedelta(days=1),
        )

    @cached_property
    def trust(self):
        return TrustStore((self.region_trust,))

    def trust_with(self, **changes):
        return TrustStore((replace(self.region_trust, **changes),))

    def trust_revoking(self, name, *, at, issuer="sub_ca", **when):
        serial = self.keys.certificate(name).serial
        crls = {"sub_ca": self.crl(), "root": self.crl("root")}
        crls[issuer] = self.crl(issuer, revoked={serial: Revocation(at, 1)}, **when)
        return self.trust_with(crls=tuple(crls.values()))

    @cached_property
    def record(self):
        identifier = LicenceIdentifier(KIND_CODE, MARKET, "A1B2C3D4E5F6G7H8J9K0", 1)
        return LicenceRecord(
            identifier=str(identifier),
            kind="business_licence",
            kind_code=KIND_CODE,
            kind_name="营业执照",
            number="91650100MA00000000",
            edition=1,
            region=self.region,
            issuer_code=MARKET,
            issuer_name="示例市市场监督管理局",
            issued_on="2026-11-02",
            valid_from="2026-11-02",
            valid_until="2036-11-01",
            holders=(Holder("天山示例科技有限公司", "91650100MA00000000", "001"),),
            fields=(
                RecordField("legal_person", "法定代表人", "KZ_FDDBR", "阿迪力·买买提"),
                RecordField("capital", "注册资本", "KZ_ZCZB", "壹佰万元整"),
                RecordField("founded", "成立日期", "KZ_CLRQ", "2026-11-02"),
            ),
            status=StatusSlot(STATUS_URI, SLOT),
        )

    def timestamp(self, at=SIGNED, *, signer=None, wants_certificate=True):
        """Return a timestamping callable that stamps `at`."""

        def stamp(signature):
            imprint = sm3.digest(signature)
            asked = tsp.build_request(imprint, nonce=7, wants_certificate=wants_certificate)
            request = tsp.parse_request(asked)
            response = tsp.build_response(
                request, serial=1, at=at, policy=POLICY, signer=signer or self.signer("timestamp")
            )
            return tsp.parse_response(response).token.der

        return stamp

    def status(self, state=0, *, slot=SLOT, at=None, signer=None, uri=STATUS_URI, **times):
        at = at or AT - timedelta(hours=1)
        token = build_token(
            StatusList(SLOTS).set(slot, state),
            uri=uri,
            signer=signer or self.signer("status_signer"),
            at=at,
            expires_at=times.get("expires_at", at + timedelta(days=1)),
            ttl=times.get("ttl", 43200),
        )
        return MemoryStatus({STATUS_URI: token})

    def register_entry(self, record=None, **changes):
        record = record or self.record
        names = (
            "identifier kind kind_code kind_name edition region issuer_code issuer_name "
            "issued_on valid_from valid_until"
        ).split()
        members = {name: getattr(record, name) for name in names}
        members |= {"status": 0, "record_digest": sm3.digest(record.to_json())}
        return RegisterEntry(**members | changes)

    def code(self, record=None, *, at=SIGNED, signer=None):
        claims = CodeClaims.from_record(record or self.record, at=at)
        return encode(claims, signer or self.signer("code_signer"))

    def pdf(self, record=None, *, at=SIGNED, signer=None, timestamp="own", files=None, **options):
        record = record or self.record
        files = files if files is not None else {"licence.json": record.to_json()}
        return sign_pdf(
            unsigned_pdf(files),
            signer=signer or self.signer("pdf_signer"),
            chain=(self.der("sub_ca"),),
            at=at,
            field="Licence",
            timestamp=self.timestamp(at) if timestamp == "own" else timestamp,
            **options,
        )

    @cached_property
    def sound_status(self):
        return self.status()

    @cached_property
    def sound_ofd(self):
        return sealed(self, unsealed(self.record))

    @cached_property
    def sound_pdf(self):
        return self.pdf()

    @cached_property
    def sound_code(self):
        return self.code()

    def report(self, document, **changes):
        """Verify with everything sound, but for `changes`."""
        sources = {
            "trust": self.trust,
            "status": self.sound_status,
            "log": None,
            "register": None,
            "at": AT,
        }
        return verify(document, **sources | changes)

    def certificate(self, common_name="其他签章人", **options):
        """Return a signer with a fresh key and a certificate that this region's CA issued."""
        issuer = options.pop("issuer", "sub_ca")
        return new_signer(
            common_name, self.keys.certificate(issuer), self.signer(issuer), **options
        )


def new_signer(common_name, issuer=None, issuing=None, *, since=None, until=None, **changes):
    """Return a signer with a fresh key, certified by `issuing`, else by itself.

    The certificate is as `changes` of a `CertificateTemplate` make it, linted by nobody.
    """
    key = SM2PrivateKey.generate()
    subject = certificate_builder.name({"C": "CN", "O": "测试 DEV", "CN": common_name})
    identifier = sm3.digest(key.public_key.spki)[:20]
    template = CertificateTemplate(
        serial=int.from_bytes(identifier[:16]) | 1 << 130,
        issuer=issuer.subject_der if issuer else subject,
        subject=subject,
        not_before=since or datetime(2026, 1, 1, tzinfo=UTC),
        not_after=until or datetime(2028, 1, 1, tzinfo=UTC),
        spki=key.public_key.spki,
        key_usage=("digital_signature", "non_repudiation"),
        subject_key_identifier=identifier,
        authority_key_identifier=issuer.subject_key_identifier if issuer else identifier,
    )
    template = replace(template, **changes)
    tbs = certificate_builder.to_be_signed(template)
    signature = (issuing or key).sign(tbs)
    der = certificate_builder.assemble(tbs, template.algorithm, signature)
    return SM2Signer(key, parse_certificate(der))


def unsigned_pdf(files, text=b"(licence) Tj"):
    """Return a one-page PDF with attachments."""
    writer = PdfFileWriter(stream_xrefs=False)
    name = generic.pdf_name
    font = generic.DictionaryObject(
        {
            name("/Type"): name("/Font"),
            name("/Subtype"): name("/Type1"),
            name("/BaseFont"): name("/Helvetica"),
        }
    )
    content = RawContent(b"BT /F1 20 Tf 60 700 Td " + text + b" ET", box=BoxConstraints(595, 842))
    fonts = generic.DictionaryObject({name("/F1"): writer.add_object(font)})
    writer.insert_page(
        PageObject(
            contents=writer.add_object(generic.StreamObject(stream_data=content.render())),
            media_box=(0, 0, 595, 842),
            resources=generic.DictionaryObject({name("/Font"): fonts}),
        )
    )
    for file_name, content in files.items():
        file = embed.EmbeddedFileObject.from_file_data(writer, content)
        specification = embed.FileSpec(file_name, file_name=file_name, embedded_data=file)
        embed.embed_file(writer, specification)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


@cache
def xinjiang():
    return World("650000")


@cache
def guangdong():
    return World("440000")
