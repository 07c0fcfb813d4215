"""Plan, then sign: the register knows every certificate before its key is used."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ca import authority, register, repository
from ca.errors import (
    LintError,
    SerialInUseError,
    UnknownCertificateError,
    UnknownProfileError,
)
from sealkit.asn1.x509 import parse_certificate
from sealkit.sm.sm2 import SM2PrivateKey

SUBJECT = {"C": "CN", "O": "示例市自然资源局", "CN": "不动产登记专用章"}


@pytest.fixture
def sub_ca(keystore):
    return keystore.signer("sub_ca")


@pytest.fixture
def plan(session, sub_ca, at):
    def plan(**changes):
        arguments = {
            "authority_name": "sub_ca",
            "issuer": parse_certificate(sub_ca.certificate_der),
            "purpose": "seal_signer",
            "subject": SUBJECT,
            "spki": SM2PrivateKey.generate().public_key.spki,
            "not_before": at.replace(microsecond=0),
            "not_after": at.replace(microsecond=0) + timedelta(days=365),
            "at": at,
        }
        return register.plan(session, **(arguments | changes))

    return plan


def test_plan_then_certificate(session, sub_ca, plan, at):
    serial = plan()
    planned = repository.registered(session, authority="sub_ca", serial=serial)
    assert planned.certificate is None
    certificate = register.sign_planned(
        session, authority_name="sub_ca", serial=serial, signer=sub_ca, at=at
    )
    assert certificate.serial == serial
    assert certificate.tbs == planned.tbs
    stored = repository.registered(session, authority="sub_ca", serial=serial)
    assert stored.certificate == certificate.der
    assert stored.purpose == "seal_signer"
    assert stored.subject == certificate.subject


def test_signing_a_plan_again_gives_the_same_certificate(session, sub_ca, plan, at):
    arguments = {"authority_name": "sub_ca", "serial": plan(), "signer": sub_ca, "at": at}
    first = register.sign_planned(session, **arguments)
    assert register.sign_planned(session, **arguments).der == first.der


def test_plan_survives_a_process_that_dies_before_signing(engine, session, sub_ca, plan, at):
    serial = plan()
    session.commit()
    session.close()
    with Session(engine) as later:
        certificate = register.sign_planned(
            later, authority_name="sub_ca", serial=serial, signer=sub_ca, at=at
        )
        assert certificate.serial == serial


def test_refused_certificate_leaves_no_row(session, plan):
    with pytest.raises(LintError):
        plan(subject={"CN": "x"})
    with pytest.raises(UnknownProfileError):
        plan(purpose="everything")
    assert (
        session.connection().exec_driver_sql("select count(*) from ca_certificates").scalar() == 0
    )


def test_plan_changed_in_the_database_is_not_signed(session, sub_ca, plan, at):
    """Somebody who can write rows cannot get a sub-CA signed."""
    serial = plan()
    planned = repository.registered(session, authority="sub_ca", serial=serial)
    leaf_usage, ca_usage = bytes.fromhex("030206c0"), bytes.fromhex("03020106")
    session.connection().exec_driver_sql(
        "update ca_certificates set tbs = ?", (planned.tbs.replace(leaf_usage, ca_usage),)
    )
    with pytest.raises(LintError):
        register.sign_planned(session, authority_name="sub_ca", serial=serial, signer=sub_ca, at=at)


def test_other_authority_cannot_sign_the_plan(session, plan, keystore, at):
    with pytest.raises(LintError):
        register.sign_planned(
            session,
            authority_name="sub_ca",
            serial=plan(),
            signer=keystore.signer("root"),
            at=at,
        )


def test_unknown_plan_is_refused(session, sub_ca, at):
    with pytest.raises(UnknownCertificateError):
        register.sign_planned(session, authority_name="sub_ca", serial=1, signer=sub_ca, at=at)


def test_serial_number_cannot_be_planned_twice(session, plan, monkeypatch):
    monkeypatch.setattr(authority, "new_serial", lambda: 1 << 151)
    plan()
    with pytest.raises(IntegrityError):
        plan()


def test_certificate_of_a_ceremony_is_enrolled_once(session, keystore, at):
    arguments = {"authority_name": "sub_ca", "purpose": "receipt", "at": at}
    certificate = keystore.certificate("receipt")
    for _ in range(2):
        register.enrol(session, certificate=certificate, **arguments)
    found = repository.registered(session, authority="sub_ca", serial=certificate.serial)
    assert found.certificate == certificate.der
    changed = certificate.der[:-1] + bytes((certificate.der[-1] ^ 1,))
    impostor = parse_certificate(changed)
    with pytest.raises(SerialInUseError):
        register.enrol(session, certificate=impostor, **arguments)
