"""What each purpose signs, made by the code that makes it in the service."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from types import SimpleNamespace

from ca.authority import new_serial, prepare
from ca.keystore import FileKeystore, Purpose
from ca.keystores.purposes import PURPOSES
from ca.profiles import PROFILES
from ca.timestamp import DEVELOPMENT_POLICY, TimestampAuthority
from mutual_recognition.trust_list import TrustListKeys, make_root, publish
from sealkit.asn1 import cms, ocsp, ses
from sealkit.asn1.crl import Revocation, build_crl
from sealkit.checkpoint import Checkpoint, sign_checkpoint
from sealkit.formats.code.claims import CodeClaims
from sealkit.formats.code.credential import encode
from sealkit.receipt import Receipt, build_receipt
from sealkit.record import StatusSlot
from sealkit.sm.sm2 import SM2PrivateKey
from sealkit.status_day import build_day
from sealkit.status_delta import build_delta
from sealkit.status_list import StatusList, build_token
from sealkit.status_list_jwt import build_jwt
from sealkit.status_slip import build_slip
from sealkit.tokens import sign_token
from tests.ca.keystores.material import KEYS
from verification.bundle import build_bundle
from verification.trust import RegionTrust
from yinxin.audit_heads import _signed as audit_head
from yinxin.identity import TOKEN_TYPE

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SUBJECT = {"C": "CN", "O": "示例市市场监督管理局", "CN": "电子证照专用章"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


class Recorder:
    """A signer that remembers what it was given."""

    def __init__(self, signer):
        self.algorithm, self.certificate_der = signer.algorithm, signer.certificate_der
        self._signer = signer
        self.messages = []

    def sign(self, message):
        self.messages.append(message)
        return self._signer.sign(message)


@cache
def messages(region="650000"):
    """Return key, purpose and message of everything that is signed, from a region's keys."""
    keystore = FileKeystore(KEYS.parent / region)
    recorded = {name: Recorder(keystore.signer(name)) for name in keystore.names()}
    _sign_everything(SimpleNamespace(**recorded), keystore)
    found = []
    for name, recorder in recorded.items():
        begun = [known for known in PURPOSES if f"{name}_".startswith(f"{known}_")]
        purpose = PURPOSES[max(begun, key=len)][0]
        found += [(name, purpose, message) for message in recorder.messages]
    for issuer, profile in (("sub_ca", "seal_signer"), ("root", "sub_ca")):
        found.append((issuer, Purpose.CERTIFICATE, certificate(keystore, issuer, profile)))
    return tuple(found)


def certificate(keystore, issuer, profile, *, years=1):
    """Return the TBSCertificate of a fresh key."""
    return prepare(
        replace(PROFILES[profile], longest=timedelta(days=40_000)),
        subject=SUBJECT,
        spki=SM2PrivateKey.generate().public_key.spki,
        issuer=keystore.certificate(issuer),
        not_before=AT,
        not_after=AT + years * timedelta(days=365),
        serial=new_serial(),
    ).tbs


def _sign_everything(keys, keystore):
    for name in ("root", "sub_ca", "ecdsa_root"):
        build_crl(
            signer=getattr(keys, name),
            number=7,
            this_update=AT,
            next_update=AT + timedelta(days=7),
            revoked={5: Revocation(AT, 1)},
        )
    issuer = keystore.certificate("sub_ca")
    answer = ocsp.Answer(ocsp.certificate_id(issuer, 5), ocsp.GOOD)
    ocsp.build_response([answer], signer=keys.ocsp, at=AT, next_update=AT + timedelta(days=1))
    for name in ("timestamp", "timestamp_ecdsa"):
        TimestampAuthority(
            getattr(keys, name), DEVELOPMENT_POLICY, lambda: True, lambda _at: 1 << 64
        ).token_for(b"message", at=AT)
    for name in ("pdf_signer", "pdf_signer_ecdsa"):
        cms.sign(b"a document", getattr(keys, name), at=AT, detached=True)
    for name in ("market", "land", "civil"):
        _seal(keys, getattr(keys, f"seal_signer_{name}"))
    _tokens(keys)
    sign_checkpoint(Checkpoint("log.example/2026", 3, bytes(32)), keys.log)
    keys.audit.sign(audit_head(12, AT.isoformat(), bytes(32)))
    roots = (keys.trust_root_1, keys.trust_root_2, keys.trust_root_3)
    trust = TrustListKeys(roots, keys.trust_targets, keys.trust_online)
    make_root(trust, version=1, at=AT)
    publish({"trust.json": b"{}"}, trust, version=1, at=AT)


def _seal(keys, signer):
    info = ses.SealInfo(
        seal_id="TEST0001",
        name="示例市市场监督管理局电子证照专用章",
        type=4,
        vendor_id="YINXIN",
        certificates=(signer.certificate_der,),
        created_at=AT,
        valid_from=AT,
        valid_until=AT + timedelta(days=700),
        picture=ses.SealPicture("PNG", PNG, 40, 40),
    )
    ses.build_signature(
        seal_der=ses.build_seal(info, keys.seal_maker),
        at=AT,
        data_hash=bytes(32),
        property_info="/Doc_0/Signs/Sign_0/Signature.xml",
        signer=signer,
    )


def _states(signer, uri):
    named = {"uri": uri, "signer": signer, "at": AT}
    times = {"expires_at": AT + timedelta(days=1), "ttl": 3600}
    build_jwt(StatusList(1024), version=3, **named, **times)
    build_delta(StatusList(1024), {7: 1}, versions=(3, 4), **named, **times)
    build_day(StatusList(1024), day=date(2026, 11, 22), version=3, **named)
    build_slip(StatusSlot(uri, 4711), 2, signer=signer, at=AT)


def _tokens(keys):
    claims = CodeClaims(
        region="650000",
        kind_code="11100000000013338W001",
        kind_name="营业执照",
        number="916501000000000001",
        identifier="1.2.156.3005.2",
        edition=1,
        issuer_code="11650000PRJ000654L",
        issuer_name="示例市市场监督管理局",
        issued_on="2026-11-21",
        valid_from="2026-11-21",
        valid_until="2036-11-20",
        holder_names=("示例公司",),
        holder_count=1,
        record_digest=bytes(16),
        status=StatusSlot("https://licences.example/status/1", 4711),
        issued_at=AT,
    )
    encode(claims, keys.code_signer)
    uri = "https://licences.example/status/1"
    build_token(StatusList(1024), uri=uri, signer=keys.status_signer, at=AT, ttl=3600)
    _states(keys.status_signer, uri)
    sign_token({"sub": "market-clerk", "exp": 1}, keys.token, typ=TOKEN_TYPE)
    receipt = Receipt("C1", "650000", "I1", "N1", "9165", "consent", "met", (), (), AT)
    build_receipt(receipt, keys.receipt)
    root = (keys.root.certificate_der,)
    build_bundle((RegionTrust("650000", "", root),), {}, {}, signer=keys.trust_bundle, at=AT)
