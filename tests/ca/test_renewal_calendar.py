"""Who must act by when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ca.register_listing import CertificateState, ListedCertificate
from ca.renewal_calendar import Thing, Urgency, certificates_ending, within


@pytest.fixture
def seal(keystore):
    certificate = keystore.certificate("seal_signer_market")
    return ListedCertificate(
        *("sub_ca", certificate.serial, "seal_signer", certificate.subject),
        CertificateState.VALID,
        certificate,
        None,
    )


def ending(seal, at, **changes):
    return replace(seal, certificate=replace(seal.certificate, not_after=at), **changes)


def test_a_certificate_is_due_a_quarter_before_it_ends(seal, at):
    (entry,) = certificates_ending([ending(seal, at + timedelta(days=91))])
    assert entry.urgency(at) is Urgency.LATER
    assert entry.urgency(at + timedelta(days=1)) is Urgency.DUE
    assert entry.urgency(at + timedelta(days=46)) is Urgency.OVERDUE
    assert entry.urgency(at + timedelta(days=200)) is Urgency.OVERDUE


def test_what_was_renewed_needs_nobody(seal, at):
    old = ending(seal, at + timedelta(days=10))
    new = ending(seal, at + timedelta(days=900), serial=7)
    (entry,) = certificates_ending([new, old])
    assert entry.name == "sub_ca/7"


@pytest.mark.parametrize("state", ["revoked", "planned", "not_yet_valid"])
def test_what_is_not_in_use_needs_nobody(seal, at, state):
    assert certificates_ending([replace(seal, state=CertificateState(state))]) == ()


def test_an_ended_certificate_that_nothing_followed_stays_overdue(seal, at):
    ended = ending(seal, at - timedelta(days=1), state=CertificateState.ENDED)
    (entry,) = certificates_ending([ended])
    assert entry.urgency(at) is Urgency.OVERDUE


def test_an_issuing_authority_is_renewed_at_a_ceremony_a_year_before(seal, at):
    (entry,) = certificates_ending([ending(seal, at + timedelta(days=400), purpose="sub_ca")])
    assert entry.thing is Thing.CERTIFICATE_OF_CEREMONY
    assert entry.ends - entry.act_by == timedelta(days=365)


def test_the_most_urgent_comes_first_and_what_is_far_off_not_at_all(seal, at):
    entries = certificates_ending(
        ending(seal, at + timedelta(days=days), serial=days, subject=str(days))
        for days in (300, 100, 5000)
    )
    found = within(entries, at + timedelta(days=365))
    assert [entry.name for entry in found] == ["sub_ca/64", "sub_ca/12c"]
