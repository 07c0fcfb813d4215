"""Revocation is final, numbers grow, and OpenSSL agrees with the lists."""

from datetime import timedelta

import pytest

from ca import register
from ca.errors import UnknownCertificateError
from ca.revocation import CRL_LIFETIME, Reason, build_crl, current_crl, revoke
from sealkit.asn1.crl import parse_crl
from sealkit.asn1.x509 import parse_certificate, to_pem


@pytest.fixture
def sub_ca(keystore):
    return keystore.signer("sub_ca")


@pytest.fixture
def enrolled(session, keystore, at):
    """Put leaves of the development region into the register; return their serial numbers."""
    serials = []
    for name in ("receipt", "log", "seal_signer_land"):
        certificate = keystore.certificate(name)
        register.enrol(
            session, authority_name="sub_ca", purpose="any", certificate=certificate, at=at
        )
        serials.append(certificate.serial)
    return serials


def test_first_list_is_empty_and_numbered_one(session, sub_ca, at):
    found = parse_crl(build_crl(session, "sub_ca", sub_ca, at))
    found.verify_signed_by(parse_certificate(sub_ca.certificate_der))
    assert found.number == 1
    assert dict(found.revoked) == {}
    assert found.this_update == at.replace(microsecond=0)
    assert found.next_update - found.this_update == CRL_LIFETIME


def test_root_has_its_own_list_and_numbers(session, keystore, sub_ca, at):
    build_crl(session, "sub_ca", sub_ca, at)
    found = parse_crl(build_crl(session, "root", keystore.signer("root"), at))
    found.verify_signed_by(keystore.certificate("root"))
    assert found.number == 1


def test_list_of_the_ecdsa_root(session, keystore, at):
    found = parse_crl(build_crl(session, "ecdsa_root", keystore.signer("ecdsa_root"), at))
    found.verify_signed_by(keystore.certificate("ecdsa_root"))


def test_revoked_certificate_is_in_the_next_list(session, sub_ca, enrolled, at):
    build_crl(session, "sub_ca", sub_ca, at)
    revoke(session, ca_name="sub_ca", serial=enrolled[0], reason=Reason.KEY_COMPROMISE, at=at)
    revoke(session, ca_name="sub_ca", serial=enrolled[1], reason=Reason.UNSPECIFIED, at=at)
    found = parse_crl(build_crl(session, "sub_ca", sub_ca, at + timedelta(minutes=1)))
    assert found.number == 2
    assert set(found.revoked) == set(enrolled[:2])
    assert found.revoked[enrolled[0]].reason == 1
    assert found.revoked[enrolled[0]].at == at.replace(microsecond=0)
    assert found.revoked[enrolled[1]].reason is None


def test_revocation_is_final(session, enrolled, at):
    arguments = {"ca_name": "sub_ca", "serial": enrolled[0]}
    first = revoke(session, reason=Reason.KEY_COMPROMISE, at=at, **arguments)
    again = revoke(session, reason=Reason.SUPERSEDED, at=at + timedelta(days=1), **arguments)
    assert first == again == at.replace(microsecond=0)


def test_certificate_never_issued_cannot_be_revoked(session, enrolled, at):
    with pytest.raises(UnknownCertificateError):
        revoke(session, ca_name="root", serial=enrolled[0], reason=Reason.SUPERSEDED, at=at)


def test_list_is_served_again_until_half_its_life_is_over(session, sub_ca, at):
    first = current_crl(session, "sub_ca", sub_ca, at)
    shortly_before = at.replace(microsecond=0) + CRL_LIFETIME / 2 - timedelta(seconds=1)
    assert current_crl(session, "sub_ca", sub_ca, shortly_before) == first
    renewed = current_crl(session, "sub_ca", sub_ca, shortly_before + timedelta(seconds=1))
    assert parse_crl(renewed).number == 2


def test_revocation_makes_a_new_list_due_at_once(session, sub_ca, enrolled, at):
    current_crl(session, "sub_ca", sub_ca, at)
    revoke(session, ca_name="sub_ca", serial=enrolled[2], reason=Reason.SUPERSEDED, at=at)
    assert set(parse_crl(current_crl(session, "sub_ca", sub_ca, at)).revoked) == {enrolled[2]}


def test_lost_transaction_loses_list_and_number_together(session, sub_ca, at):
    build_crl(session, "sub_ca", sub_ca, at)
    session.commit()
    build_crl(session, "sub_ca", sub_ca, at)
    session.rollback()
    assert parse_crl(build_crl(session, "sub_ca", sub_ca, at)).number == 2


@pytest.mark.peer
def test_openssl_reads_and_verifies_the_list(session, openssl, sub_ca, enrolled, at):
    revoke(session, ca_name="sub_ca", serial=enrolled[0], reason=Reason.SUPERSEDED, at=at)
    encoded = build_crl(session, "sub_ca", sub_ca, at)
    found = parse_crl(encoded)
    spki = parse_certificate(sub_ca.certificate_der).spki
    assert openssl.verifies_raw(found.tbs, found.signature, spki)
    assert not openssl.verifies_raw(found.tbs + b"\0", found.signature, spki)
    file = openssl.file("sub_ca.crl.pem", to_pem(encoded, "X509 CRL"))
    text = openssl.run("crl", "-in", file, "-noout", "-text").stdout
    assert f"Serial Number: {enrolled[0]:038X}" in text
    assert "Superseded" in text
    assert "X509v3 CRL Number" in text
