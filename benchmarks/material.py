"""What the benchmarks make and judge: a sound region with development keys, at fixed times.

The licence is the business licence of `docs/examples`, minted as issuance mints it: the
same rendering, seal, timestamp and code.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final

from ca.keystore import FileKeystore
from ca.timestamp import DEVELOPMENT_POLICY, TimestampAuthority
from issuance.application_data import validate_application_data
from issuance.licence_record import make_record
from issuance.model import load_kinds
from issuance.ports import Department
from issuance.render.licence_page import render_ofd, render_pdf
from issuance.render.seal_picture import SealFace, SealImage, draw_seal
from sealkit.asn1.crl import build_crl
from sealkit.asn1.ses import SealInfo, SealPicture, build_seal
from sealkit.formats.code.credential import CodeClaims, encode
from sealkit.formats.ofd.signing import StampPlacement, seal_package
from sealkit.formats.pdf import sign_pdf
from sealkit.identifiers import LicenceIdentifier
from sealkit.record import LicenceRecord, StatusSlot
from sealkit.status_list import StatusList, build_token
from verification.report import Report, Verdict
from verification.trust import Authority, RegionTrust, SnapshotStatus, TrustStore
from verification.verify import verify

ROOT: Final = Path(__file__).parents[1]
REGION: Final = "650000"
SIGNED: Final = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
AT: Final = SIGNED + timedelta(days=3)
STATUS_URI: Final = "https://status.example/650000/lists/1"
STATUS_ENTRIES: Final = 1 << 16
PEOPLE: Final = 40
_NUMERALS: Final = "零一二三四五六七八九"
MARKET: Final = Department(
    code="11650000PRJ000654L",
    name="示例市市场监督管理局",
    kinds=("business_licence",),
    seal_key="seal_signer_market",
    seal_label="电子证照专用章",
)

keys: Final = FileKeystore(ROOT / "keys_dev" / REGION)


@cache
def record() -> LicenceRecord:
    """Return the record of the example."""
    example = json.loads((ROOT / "docs/examples/business_licence.json").read_text("utf-8"))
    kind = load_kinds()[example.pop("kind")]
    return make_record(
        kind,
        validate_application_data(kind, example, SIGNED),
        identifier=LicenceIdentifier(kind.code, MARKET.code, "A1B2C3D4E5F6G7H8J9K0", 1),
        department=MARKET,
        region=REGION,
        issued_on="2026-11-21",
        status=StatusSlot(STATUS_URI, 4711),
    )


@cache
def trust() -> TrustStore:
    """Return the region's trust material with a status list in which nothing has happened."""
    token = build_token(
        StatusList(STATUS_ENTRIES),
        uri=STATUS_URI,
        signer=keys.signer("status_signer"),
        at=AT - timedelta(hours=1),
        expires_at=AT + timedelta(days=1),
        ttl=12 * 3600,
    )
    authority = Authority(
        code=MARKET.code,
        name=MARKET.name,
        kind_codes=(record().kind_code,),
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        valid_until=None,
        certificates=(_der(MARKET.seal_key),),
    )
    region = RegionTrust(
        region=REGION,
        name_zh="新疆维吾尔自治区",
        anchors=(_der("root"),),
        intermediates=(_der("sub_ca"),),
        crls=(_crl("sub_ca"), _crl("root")),
        authorities=(authority,),
        seal_makers=(_der("seal_maker"),),
        pdf_signers=(_der("pdf_signer"),),
        code_signers=(_der("code_signer"),),
        status_signers=(_der("status_signer"),),
        status_tokens={STATUS_URI: token},
        as_of=AT - timedelta(hours=1),
    )
    return TrustStore((region,))


@cache
def sources() -> dict[str, Any]:
    """Return the keyword arguments of `verification.verify.verify`."""
    return {
        "trust": trust(),
        "status": SnapshotStatus(trust()),
        "log": None,
        "register": None,
        "at": AT,
    }


def judged(document: bytes) -> Report:
    """Verify as a relying party does, with the trust material that earlier calls warmed."""
    return verify(document, **sources())


def must_be(verdict: Verdict, document: bytes) -> bytes:
    """Return `document`; a rate of the wrong answer would mean nothing."""
    report = judged(document)
    if report.verdict is not verdict:
        raise AssertionError(f"{report.verdict}: {[finding.code for finding in report.findings]}")
    return document


@cache
def code() -> str:
    """Return the licence's code."""
    return code_of(record())


def code_of(licence: LicenceRecord) -> str:
    """Return the code of `licence`."""
    return encode(CodeClaims.from_record(licence, at=SIGNED), keys.signer("code_signer"))


@cache
def seal_image() -> SealImage:
    """Return the picture of the seal."""
    return draw_seal(SealFace(owner_zh=MARKET.name, label_zh=MARKET.seal_label))


@cache
def seal() -> bytes:
    """Return the department's seal, DER."""
    image = seal_image()
    info = SealInfo(
        seal_id="BENCH0001",
        name=MARKET.name + MARKET.seal_label,
        type=4,
        vendor_id="YINXIN",
        certificates=(_der(MARKET.seal_key),),
        created_at=SIGNED - timedelta(days=30),
        valid_from=SIGNED - timedelta(days=30),
        valid_until=SIGNED + timedelta(days=700),
        picture=SealPicture("PNG", image.png, image.width_mm, image.height_mm),
    )
    return build_seal(info, keys.signer("seal_maker"))


def mint_ofd() -> bytes:
    """Render the licence as OFD and seal it with a timestamp."""
    return _minted_ofd(record(), code())


def _minted_ofd(licence: LicenceRecord, text: str) -> bytes:
    page = render_ofd(licence, text, demonstration=True)
    return sealed(page.document, page.stamp)


def sealed(document: bytes, stamp: StampPlacement) -> bytes:
    """Seal an OFD with a timestamp."""
    return seal_package(
        document,
        seal_der=seal(),
        signer=keys.signer(MARKET.seal_key),
        at=SIGNED,
        stamp=stamp,
        timestamp=_timestamp,
    )


def mint_pdf() -> bytes:
    """Render the licence as PDF and sign it with a timestamp."""
    return _minted_pdf(record(), code())


def _minted_pdf(licence: LicenceRecord, text: str) -> bytes:
    page = render_pdf(licence, text, seal=seal_image(), demonstration=True)
    return signed(page.document)


@cache
def queue_of(kind: str, people: int = PEOPLE) -> tuple[bytes, ...]:
    """Return one document for each of `people` holders, ``"ofd"`` or ``"pdf"``.

    No two have the same holder, number, code, fonts or signatures; what a queue at a counter
    has in common is the kind's background and the department's seal.
    """
    mint = _minted_ofd if kind == "ofd" else _minted_pdf
    return tuple(
        must_be(Verdict.VALID, mint(licence, code_of(licence)))
        for licence in map(_licence_of, range(people))
    )


def _licence_of(person: int) -> LicenceRecord:
    name = f"天山云创{_NUMERALS[person % 10]}{_NUMERALS[person // 10 % 10]}数字科技有限公司"
    serial = f"A1B2C3D4E5F6G7H8J{person:03d}"
    example = record()
    identifier = LicenceIdentifier(example.kind_code, MARKET.code, serial, 1)
    return replace(
        example,
        identifier=str(identifier),
        holders=tuple(replace(holder, name=name) for holder in example.holders),
        fields=tuple(
            replace(field, value=name) if field.name == "org_name" else field
            for field in example.fields
        ),
    )


def signed(document: bytes) -> bytes:
    """Sign a PDF with a timestamp."""
    return sign_pdf(
        document,
        signer=keys.signer("pdf_signer"),
        chain=(_der("sub_ca"),),
        at=SIGNED,
        field="YinxinSM2",
        timestamp=_timestamp,
    )


def _der(name: str) -> bytes:
    return keys.certificate(name).der


def _crl(issuer: str) -> bytes:
    return build_crl(
        signer=keys.signer(issuer),
        number=1,
        this_update=AT - timedelta(days=1),
        next_update=AT + timedelta(days=6),
        revoked={},
    )


_numbers: Final = count(1)
_serials: Final = count(1)
_authority: Final = TimestampAuthority(
    signer=keys.signer("timestamp"),
    policy_oid=DEVELOPMENT_POLICY,
    clock_is_sound=lambda: True,
    next_serial=lambda _at: next(_numbers),
)


def _timestamp(signature: bytes) -> bytes:
    return _authority.token_for(signature, at=SIGNED)
