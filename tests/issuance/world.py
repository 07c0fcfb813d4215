"""A region's issuance with real parts: database, vault, files, audit, keys, log, timestamps."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import MetaData

from ca import tables as ca_tables
from ca.log import TransparencyLog
from ca.revocation import current_crl
from ca.timestamp import DEVELOPMENT_POLICY, TimestampAuthority
from issuance import applications, mint, review
from issuance import tables as issuance_tables
from issuance.endings import deciding as endings
from issuance.endings.rows import Cause, Way
from issuance.erasures import tables as erasure_tables  # noqa: F401  # joins issuance's
from issuance.model import load_kinds
from issuance.ports import Actor, Department, IssuanceServices
from issuance.register_rows import Edition
from issuance.review import Decision
from issuance.seals import making
from verification.trust import Authority, LogIdentity, RegionTrust, TrustStore
from yinxin import audit
from yinxin.db import Database, sqlite_url
from yinxin.files import EncryptedFileStore
from yinxin.vault import Vault

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
MARKET, LAND, CIVIL = "11650000PRJ000654L", "11650000PRJ000718J", "11650000PRJ000726D"
ISSUERS = {
    "business_licence": MARKET,
    "real_estate_certificate": LAND,
    "marriage_certificate": CIVIL,
}
DEPARTMENTS = {
    MARKET: Department(
        MARKET,
        "示例市市场监督管理局",
        ("business_licence",),
        "seal_signer_market",
        "电子证照专用章",
    ),
    LAND: Department(
        LAND,
        "示例市自然资源局",
        ("real_estate_certificate",),
        "seal_signer_land",
        "不动产登记专用章",
    ),
    CIVIL: Department(
        CIVIL, "示例市民政局", ("marriage_certificate",), "seal_signer_civil", "婚姻登记专用章"
    ),
}
VAULT_KEY = bytes(range(16))


def example(kind):
    members = json.loads((ROOT / "docs" / "examples" / f"{kind}.json").read_text("utf-8"))
    members.pop("kind")
    return members


def actor(name, *roles, department=MARKET, identified_as=None):
    return Actor(f"{name}-{department}", name, department, frozenset(roles), identified_as)


def clerk(department=MARKET):
    return actor("clerk", "clerk", department=department)


def reviewer(department=MARKET):
    return actor("reviewer", "reviewer", department=department)


def decider(department=MARKET):
    return actor("decider", "reviewer", department=department)


class Stamps:
    """The real timestamp service with a counter of its own."""

    def __init__(self, keystore, key="timestamp"):
        self._count = 0
        self._service = TimestampAuthority(
            keystore.signer(key),
            DEVELOPMENT_POLICY,
            clock_is_sound=lambda: True,
            next_serial=self._next,
        )

    def _next(self, _at):
        self._count += 1
        return self._count

    def token_for(self, message, *, at):
        return self._service.token_for(message, at=at)


@dataclass
class Reliances:
    """Who relied on what, as a test says."""

    found: dict = field(default_factory=dict)

    def organisations(self, session, identifier):
        return tuple(self.found.get(identifier, ()))


@dataclass
class World:
    """One region's issuance, its database, and short cuts through the way of a licence."""

    database: Database
    services: IssuanceServices
    reliances: Reliances
    at: datetime = AT

    def writing(self):
        return self.database.writing()

    def submit(self, kind="business_licence", data=None, key="key-00000001", at=None):
        with self.writing() as session:
            return applications.submit(
                session,
                self.services,
                kind_name=kind,
                data=data or example(kind),
                idempotency_key=key,
                actor=clerk(ISSUERS[kind]),
                at=at or self.at,
            )

    def approve(self, application):
        with self.writing() as session:
            return review.review(
                session,
                self.services,
                application.id,
                Decision.APPROVE,
                reason=None,
                actor=reviewer(application.issuer_code),
                at=self.at,
            )

    def mint(self, kind="business_licence", data=None, key="key-00000001") -> Edition:
        application = self.approve(self.submit(kind, data, key))
        return self.mint_application(application)

    def mint_application(self, application) -> Edition:
        with self.writing() as session:
            return mint.mint(
                session,
                self.services,
                application.id,
                actor=clerk(application.issuer_code),
                at=self.at,
            )

    def end(self, edition, way=Way.CANCEL, cause=Cause.SURRENDER):
        """Propose and confirm the end of a licence, by two persons."""
        with self.writing() as session:
            arguments = (session, self.services)
            proposed = endings.propose(
                *arguments,
                edition.identifier,
                way=way,
                cause=cause,
                legal_basis="依申请",
                actor=clerk(edition.issuer_code),
                at=self.at,
            )
            by = decider(edition.issuer_code)
            return endings.confirm(*arguments, proposed.id, actor=by, at=self.at)

    def with_services(self, **changes):
        return World(self.database, replace(self.services, **changes), self.reliances, self.at)


def make_world(directory, keystore, *, with_seals=True):
    database = Database(sqlite_url(directory / "yinxin.db"))
    with database.writing() as session:
        for metadata in (ca_tables.metadata, issuance_tables.metadata, audit.metadata):
            assert isinstance(metadata, MetaData)
            metadata.create_all(session.connection())
    reliances = Reliances()
    services = open_services(directory, keystore, database, reliances)
    world = World(database, services, reliances)
    if with_seals:
        for code in DEPARTMENTS:
            make_active_seal(world, code)
    return world


def open_services(directory, keystore, database, reliances):
    vault = Vault(VAULT_KEY)
    log = TransparencyLog("licences", "test.example.cn/log")
    kinds = load_kinds()
    trust = region_trust(keystore, database, log, kinds)
    store = TrustStore((trust,))
    return IssuanceServices(
        region="650000",
        public_url="https://yinxin.example.cn",
        departments=DEPARTMENTS,
        kinds=kinds,
        keys=keystore,
        chain=(keystore.certificate("sub_ca").der,),
        vault=vault,
        files=EncryptedFileStore(directory / "files", vault),
        audit=audit.AuditChain(),
        timestamps=Stamps(keystore),
        ecdsa_timestamps=Stamps(keystore, "timestamp_ecdsa"),
        log=log,
        trust=lambda: store,
        reliance=reliances,
        demonstration=True,
        status_list_slots=1024,
    )


def region_trust(keystore, database, log, kinds):
    certificate = keystore.certificate
    with database.writing() as session:
        crls = tuple(
            current_crl(session, name, keystore.signer(name), AT - timedelta(hours=1))
            for name in ("root", "sub_ca", "ecdsa_root")
        )
    return RegionTrust(
        region="650000",
        name_zh="新疆维吾尔自治区",
        anchors=(certificate("root").der, certificate("ecdsa_root").der),
        intermediates=(certificate("sub_ca").der,),
        crls=crls,
        authorities=tuple(
            Authority(
                department.code,
                department.name,
                tuple(code for name in department.kinds for code in kinds[name].codes),
                certificate("root").not_before,
                None,
                (certificate(department.seal_key).der,),
            )
            for department in DEPARTMENTS.values()
        ),
        seal_makers=(certificate("seal_maker").der,),
        pdf_signers=(certificate("pdf_signer").der,),
        code_signers=(certificate("code_signer").der,),
        status_signers=(certificate("status_signer").der,),
        receipt_signers=(certificate("receipt").der,),
        log=LogIdentity(log.origin, certificate("log").der),
        as_of=AT,
    )


def make_active_seal(world, issuer_code, at=AT):
    people = [
        actor(name, "seal_keeper", department=issuer_code)
        for name in ("applicant", "seal-reviewer", "maker")
    ]
    with world.writing() as session:
        seal = making.apply_for_seal(session, world.services, issuer_code, actor=people[0], at=at)
        arguments = (session, world.services, issuer_code, seal.id)
        making.review_seal(*arguments, actor=people[1], at=at)
        making.make_seal(*arguments, actor=people[2], at=at)
        return making.put_into_service(*arguments, actor=people[1], at=at)
