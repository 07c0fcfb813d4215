"""An authority that can be asked for certificates, and the people around it."""

import pytest
from sqlalchemy import create_engine

from ca.enrolment.ports import EnrolmentServices
from ca.enrolment.tables import metadata
from ca.keystore import Purpose
from sealkit.sm.sm2 import SM2PrivateKey
from tests.ca.enrolment.office import POLICY, Office, Trail


@pytest.fixture
def trail():
    return Trail()


@pytest.fixture
def services(keystore, trail):
    return EnrolmentServices(
        certificate=keystore.certificate,
        signer=lambda name: keystore.signer(name, Purpose.CERTIFICATE),
        crl_address=lambda name, serial: f"https://ca.example.cn/crl/{name}/{serial % 8}.crl",
        ocsp_address=lambda name: "https://ca.example.cn/ocsp" if name == "sub_ca" else None,
        policies=(POLICY,),
        audit=trail,
    )


@pytest.fixture
def engine(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'ca.sqlite'}")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def office(session, services, at):
    return Office(session, services, at)


@pytest.fixture
def key():
    return SM2PrivateKey.generate()
