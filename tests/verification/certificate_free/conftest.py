"""A case system in front of a register with one business licence."""

from dataclasses import dataclass

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from sealkit.record import Holder
from sealkit.sm import sm3
from tests.conformance.instants import AT
from tests.conformance.world import KIND_CODE, MemoryRegister, World
from verification.errors import SourceUnavailableError
from verification.ports import HeldDocument, VerificationServices
from verification.tables import metadata


@dataclass(frozen=True)
class Officer:
    id: str = "officer-1"
    name: str = "窗口人员"
    department: str = "11650000PRJ000654L"
    roles: frozenset = frozenset({"case_officer"})
    identified_as: Holder | None = None


class MemoryLicences:
    """Documents by holder code; None means that the register is down."""

    def __init__(self, documents):
        self.documents = documents

    def codes(self, kind_code):
        return frozenset((kind_code,))

    def held(self, session, *, kind_code, holder):
        if self.documents is None:
            raise SourceUnavailableError("down")
        return tuple(self.documents.get((kind_code, holder.code), ()))


class MemoryAudit:
    def __init__(self):
        self.acts = []

    def record(self, session, *, actor, act, subject, at, detail):
        self.acts.append((actor, act, subject, dict(detail)))


class KeyedDigest:
    def blind_index(self, text):
        return sm3.hmac(b"test key", text.encode())


@pytest.fixture(scope="session")
def world():
    return World("650000")


@pytest.fixture(scope="session")
def applicant(world):
    return world.record.holders[0]


@pytest.fixture(scope="session")
def stranger():
    return Holder("昆仑示例商贸有限公司", "91650100MA99999999", "001")


@pytest.fixture
def session():
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    metadata.create_all(engine)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


@pytest.fixture
def make_services(world, applicant):
    def make(documents="own", **changes):
        if documents == "own":
            held = HeldDocument(world.record.identifier, world.sound_ofd)
            documents = {(KIND_CODE, applicant.code): (held,)}
        members = {
            "trust": lambda: world.trust,
            "clock": lambda: AT,
            "region": "650000",
            "status": world.sound_status,
            "log": None,
            "register": lambda session: MemoryRegister(world.register_entry()),
            "licences": MemoryLicences(documents),
            "receipt_signer": world.signer("receipt"),
            "audit": MemoryAudit(),
            "holders": KeyedDigest(),
        }
        return VerificationServices(**members | changes)

    return make


@pytest.fixture
def officer():
    return Officer()
