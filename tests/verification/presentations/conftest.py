"""A phone that shows a business licence, and counters that scan it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from tests.conformance.instants import AT
from tests.conformance.world import MemoryRegister, World
from tests.verification.certificate_free.conftest import (
    KeyedDigest,
    MemoryAudit,
    MemoryLicences,
    Officer,
)
from verification.ports import VerificationServices
from verification.presentations import scanning, showing
from verification.presentations.scanning import Wanted
from verification.presentations.showing import Phone
from verification.tables import metadata

WANTED = Wanted(("holders", "number"), "入住登记", "前台 3")


class MemoryDocuments:
    """Sealed files by identifier."""

    def __init__(self, documents):
        self.documents = documents

    def document(self, session, identifier):
        return self.documents.get(identifier)


@pytest.fixture(scope="session")
def world():
    return World("650000")


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
def services(world):
    return VerificationServices(
        trust=lambda: world.trust,
        clock=lambda: AT,
        region="650000",
        status=world.sound_status,
        log=None,
        register=lambda session: MemoryRegister(world.register_entry()),
        licences=MemoryLicences({}),
        receipt_signer=world.signer("receipt"),
        audit=MemoryAudit(),
        holders=KeyedDigest(),
        documents=MemoryDocuments({world.record.identifier: world.sound_ofd}),
    )


@pytest.fixture
def officer():
    return Officer()


@pytest.fixture
def stranger():
    return Officer(id="officer-2", department="11650000PRJ000655M")


@pytest.fixture
def holder(world):
    owner = world.record.holders[0]
    return Officer(id="holder-1", roles=frozenset({"holder"}), identified_as=owner)


@pytest.fixture
def phone(world):
    return Phone("link:test", world.record.identifier)


class Counter:
    """Both sides of the counter; `after` counts seconds from the start."""

    def __init__(self, session, services, phone, officer):
        self.session, self.services = session, services
        self.phone, self.officer = phone, officer

    def at(self, after):
        return AT + timedelta(seconds=after)

    def show(self, after=0, phone=None):
        reference, code, _ = showing.open_presentation(
            self.session, phone or self.phone, services=self.services, at=self.at(after)
        )
        return reference, code

    def code(self, reference, after, phone=None):
        return showing.code_now(
            self.session,
            reference,
            phone or self.phone,
            services=self.services,
            at=self.at(after),
        )

    def scan(self, code, after=5, actor=None, wanted=WANTED, **changes):
        transaction, _, _ = scanning.scan(
            self.session,
            code,
            replace(wanted, **changes),
            actor=actor or self.officer,
            services=self.services,
            at=self.at(after),
        )
        return transaction

    def decide(self, reference, agreed, after=20, phone=None):
        found = showing.own_presentation(
            self.session, reference, phone or self.phone, self.services
        )
        return showing.decide(
            self.session, found, agreed, services=self.services, at=self.at(after)
        )

    def read(self, transaction, after=25, actor=None):
        return scanning.read(
            self.session,
            transaction,
            actor=actor or self.officer,
            services=self.services,
            at=self.at(after),
        )


@pytest.fixture
def counter(session, services, phone, officer):
    return Counter(session, services, phone, officer)
