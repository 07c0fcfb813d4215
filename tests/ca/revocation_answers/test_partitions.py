"""Partitions: every certificate in one, numbers that only grow, deltas that add up."""

from datetime import timedelta

import pytest
from asn1crypto import x509

from ca import register
from ca.authority import new_serial
from ca.errors import PartitionsChangedError, RevocationDateError, UnknownListError
from ca.revocation import Reason, build_crl, revoke
from ca.revocation_answers.partitions import (
    BASE_LIFETIME,
    DELTA_LIFETIME,
    PartitionedLists,
    stored_pair,
)
from sealkit.asn1.crl import parse_crl
from sealkit.asn1.x509 import parse_certificate
from sealkit.sm.sm2 import SM2PrivateKey
from verification.paths import validate_path

LISTS = PartitionedLists("sub_ca", 4, "https://v.example.cn/crl")
ONE = PartitionedLists("sub_ca", 1, "https://v.example.cn/crl")


@pytest.fixture
def signer(keystore):
    return keystore.signer("sub_ca")


def revoked(session, serial, at, reason=Reason.SUPERSEDED):
    revoke(session, ca_name="sub_ca", serial=serial, reason=reason, at=at)


def pair(session, partition=0):
    found = stored_pair(session, "sub_ca", partition)
    return parse_crl(found.base), parse_crl(found.delta)


def test_every_partition_gets_a_base_and_a_delta_signed_by_the_authority(
    session, signer, serials, at
):
    assert LISTS.build_due(session, signer, at=at) == (0, 1, 2, 3)
    issuer = parse_certificate(signer.certificate_der)
    for partition in range(4):
        base, delta = pair(session, partition)
        base.verify_signed_by(issuer)
        delta.verify_signed_by(issuer)
        assert (base.number, base.base_number) == (1, None)
        assert (delta.number, delta.base_number) == (1, 1)
        assert base.next_update - base.this_update == BASE_LIFETIME
        assert delta.next_update - delta.this_update == DELTA_LIFETIME
        address = LISTS.base_address(partition).encode()
        assert any(address in entry.value and entry.critical for entry in base.extensions)


def test_revocation_is_in_the_lists_of_its_partition_alone(session, signer, serials, at):
    LISTS.build_due(session, signer, at=at)
    revoked(session, serials[0], at)
    partition = LISTS.partition_of(serials[0])
    assert LISTS.build_due(session, signer, at=at) == (partition,)
    base, delta = pair(session, partition)
    assert set(base.revoked) == set(delta.revoked) == {serials[0]}
    assert (base.number, delta.number, delta.base_number) == (2, 2, 1)
    assert LISTS.build_due(session, signer, at=at) == ()


def test_delta_and_any_living_base_say_what_the_newest_base_says(session, signer, serials, at):
    bases = []
    for day, serial in enumerate(serials):
        when = at + timedelta(days=day)
        revoked(session, serial, when)
        ONE.build_due(session, signer, at=when)
        bases.append(pair(session)[0])
    base, delta = pair(session)
    assert set(base.revoked) == set(serials)
    assert delta.base_number == 1
    for older in bases[:-1]:
        assert delta.base_number <= older.number < delta.number
        assert {**older.revoked, **delta.revoked} == base.revoked


def test_delta_follows_the_oldest_base_that_still_lives(session, signer, serials, at):
    revoked(session, serials[0], at)
    ONE.build_due(session, signer, at=at)
    ONE.build_due(session, signer, at=at + timedelta(days=3))
    later = at + BASE_LIFETIME
    revoked(session, serials[1], later)
    ONE.build_due(session, signer, at=later)
    base, delta = pair(session)
    assert set(base.revoked) == set(serials[:2])
    assert set(delta.revoked) == {serials[1]}
    assert (delta.number, delta.base_number) == (3, 2)


def test_lists_are_renewed_when_half_of_the_deltas_life_is_over(session, signer, serials, at):
    ONE.build_due(session, signer, at=at)
    half = at.replace(microsecond=0) + DELTA_LIFETIME / 2
    assert ONE.build_due(session, signer, at=half - timedelta(seconds=1)) == ()
    assert ONE.build_due(session, signer, at=half) == (0,)


def test_lost_transaction_loses_lists_and_number_together(session, signer, serials, at):
    ONE.build_due(session, signer, at=at)
    session.commit()
    revoked(session, serials[0], at)
    session.commit()
    ONE.build_due(session, signer, at=at)
    session.rollback()
    assert pair(session)[0].number == 1
    ONE.build_due(session, signer, at=at)
    assert pair(session)[0].number == 2
    assert set(pair(session)[0].revoked) == {serials[0]}


def test_number_of_partitions_cannot_change(session, signer, serials, at):
    LISTS.build_due(session, signer, at=at)
    with pytest.raises(PartitionsChangedError):
        ONE.build_due(session, signer, at=at)


def test_key_cannot_have_been_lost_after_the_revocation(session, serials, at):
    with pytest.raises(RevocationDateError):
        revoke(
            session,
            ca_name="sub_ca",
            serial=serials[0],
            reason=Reason.KEY_COMPROMISE,
            at=at,
            invalid_since=at + timedelta(seconds=1),
        )


def test_partition_without_lists_is_unknown(session):
    with pytest.raises(UnknownListError):
        stored_pair(session, "sub_ca", 0)


def test_random_serials_fill_partitions_evenly():
    found = [LISTS.partition_of(new_serial()) for _ in range(4000)]
    assert all(800 < found.count(partition) < 1200 for partition in range(4))


def test_certificate_names_its_partition_and_the_path_rules_find_it_there(
    session, keystore, signer, at
):
    """Issued with both addresses, judged by the lists of partitions alone, then revoked."""
    lists = PartitionedLists("sub_ca", 4, "http://127.0.0.1/crl")
    issuer = keystore.certificate("sub_ca")
    serial = register.plan(
        session,
        authority_name="sub_ca",
        issuer=issuer,
        purpose="receipt",
        subject={"C": "CN", "O": "试验", "CN": "试验"},
        spki=SM2PrivateKey.generate().public_key.spki,
        not_before=at.replace(microsecond=0),
        not_after=at.replace(microsecond=0) + timedelta(days=30),
        at=at,
        crl_address=lists.address_of,
        ocsp_address="http://127.0.0.1/ocsp",
    )
    leaf = register.sign_planned(
        session, authority_name="sub_ca", serial=serial, signer=signer, at=at
    )
    theirs = x509.Certificate.load(leaf.der)
    assert theirs.ocsp_urls == ["http://127.0.0.1/ocsp"]
    assert [point.url for point in theirs.crl_distribution_points] == [lists.address_of(serial)]
    root_list = build_crl(session, "root", keystore.signer("root"), at)

    def judged(when):
        found = [stored_pair(session, "sub_ca", partition) for partition in range(4)]
        outcome = validate_path(
            leaf.der,
            intermediates=[issuer.der],
            anchors=[keystore.certificate("root").der],
            crls=[root_list, *(pair.base for pair in found), *(pair.delta for pair in found)],
            at=when,
            purpose="sign",
            require_revocation=True,
        )
        return outcome.reason_code

    lists.build_due(session, signer, at=at)
    assert judged(at + timedelta(minutes=1)) == "ok"
    revoked(session, serial, at + timedelta(minutes=2))
    lists.build_due(session, signer, at=at + timedelta(minutes=2))
    assert judged(at + timedelta(minutes=3)) == "revoked"
