"""A kept key comes out by two persons who did not ask for it, for a certificate that holds."""

import pytest

from ca import revocation
from ca.enrolment import issuing
from ca.errors import (
    EnrolmentTransitionError,
    NotEntitledError,
    PredecessorError,
    SeparationOfDutiesError,
    UnknownCertificateError,
    UnknownEnrolmentError,
)
from ca.escrow import recovering
from ca.escrow.ports import EscrowServices
from ca.revocation import Reason
from sealkit.asn1.enveloped_key import open_envelope, parse_enveloped_key
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import DecryptionError
from sealkit.sm.sm2 import SM2PrivateKey
from tests.ca.enrolment.office import DEPARTMENT, FIRST, NOBODY, OPERATOR, SECOND, asked

REASON = "《电子签名法》；调取证据通知书〔2026〕12 号"


@pytest.fixture
def court():
    return SM2PrivateKey.generate()


@pytest.fixture
def kept(keeping, key):
    """The encryption certificate of a holder, and its key."""
    issued = keeping.approve(keeping.submit(asked(key, "dual_signing")), FIRST)
    der, envelope = issuing.encryption_of(keeping.session, issued.key, person=OPERATOR)
    return parse_certificate(der), open_envelope(parse_enveloped_key(envelope), key)


@pytest.fixture
def recipient(keeping, court):
    return keeping.issue(asked(court, "department_client"))


class Desk:
    def __init__(self, office, vault, trail):
        self.session, self.at = office.session, office.at
        self.services = EscrowServices(vault, trail)

    def ask(self, serial, recipient, person=OPERATOR):
        return recovering.ask(
            self.session,
            self.services,
            authority="sub_ca",
            serial=serial,
            recipient=recipient,
            reason=REASON,
            person=person,
            at=self.at,
        )

    def decide(self, step, recovery, person):
        return getattr(recovering, step)(
            self.session,
            self.services,
            "sub_ca",
            recovery.id,
            person=person,
            at=self.at,
            note="已核对",
        )


@pytest.fixture
def desk(keeping, vault, trail):
    return Desk(keeping, vault, trail)


def test_two_persons_bring_the_key_to_its_recipient(desk, kept, recipient, court, trail):
    certificate, pair = kept
    recovery = desk.ask(certificate.serial, recipient.serial)
    assert desk.decide("approve", recovery, FIRST).envelope is None
    delivered = desk.decide("approve", recovery, SECOND)
    assert delivered.state == "delivered"
    assert open_envelope(parse_enveloped_key(delivered.envelope), court) == pair
    with pytest.raises(DecryptionError):
        open_envelope(parse_enveloped_key(delivered.envelope), SM2PrivateKey.generate())
    acts = [(actor, act) for actor, act, _ in trail.acts if act.startswith("key_recovery")]
    assert acts == [
        ("operator", "key_recovery.request"),
        ("first", "key_recovery.approve"),
        ("second", "key_recovery.approve"),
        ("system", "key_recovery.deliver"),
    ]
    with pytest.raises(EnrolmentTransitionError):
        desk.decide("approve", recovery, SECOND)


def test_one_person_cannot_recover_a_key(desk, kept, recipient):
    certificate, _pair = kept
    recovery = desk.ask(certificate.serial, recipient.serial)
    desk.decide("approve", recovery, FIRST)
    with pytest.raises(SeparationOfDutiesError):
        desk.decide("approve", recovery, FIRST)
    found = recovering.find(desk.session, "sub_ca", recovery.id, person=OPERATOR)
    assert (found.state, found.envelope) == ("requested", None)


def test_who_asks_does_not_approve(desk, kept, recipient):
    both = type(OPERATOR)("both", frozenset({"ca_operator", "ca_approver"}))
    recovery = desk.ask(kept[0].serial, recipient.serial, both)
    with pytest.raises(SeparationOfDutiesError):
        desk.decide("approve", recovery, both)


@pytest.mark.parametrize("person", [NOBODY, DEPARTMENT, FIRST])
def test_only_operators_ask(desk, kept, recipient, person):
    with pytest.raises(NotEntitledError):
        desk.ask(kept[0].serial, recipient.serial, person)


@pytest.mark.parametrize("person", [NOBODY, DEPARTMENT, OPERATOR])
def test_only_approvers_decide(desk, kept, recipient, person):
    recovery = desk.ask(kept[0].serial, recipient.serial)
    for step in ("approve", "reject"):
        with pytest.raises(NotEntitledError):
            desk.decide(step, recovery, person)
    if person is not OPERATOR:
        with pytest.raises(NotEntitledError):
            recovering.find(desk.session, "sub_ca", recovery.id, person=person)


def test_rejected_recovery_is_over(desk, kept, recipient):
    recovery = desk.ask(kept[0].serial, recipient.serial)
    assert desk.decide("reject", recovery, FIRST).state == "rejected"
    with pytest.raises(EnrolmentTransitionError):
        desk.decide("approve", recovery, SECOND)


def test_recipient_must_hold_when_asked_and_when_delivered(desk, kept, recipient):
    certificate, _pair = kept
    with pytest.raises(PredecessorError):
        desk.ask(certificate.serial, certificate.serial)  # for no signing
    with pytest.raises(UnknownCertificateError):
        desk.ask(certificate.serial, recipient.serial + 1)
    recovery = desk.ask(certificate.serial, recipient.serial)
    desk.decide("approve", recovery, FIRST)
    revocation.revoke(
        desk.session,
        ca_name="sub_ca",
        serial=recipient.serial,
        reason=Reason.KEY_COMPROMISE,
        at=desk.at,
    )
    with pytest.raises(PredecessorError):
        desk.decide("approve", recovery, SECOND)


def test_only_kept_keys_are_asked_for(desk, recipient):
    with pytest.raises(UnknownCertificateError):
        desk.ask(recipient.serial, recipient.serial)
    with pytest.raises(UnknownEnrolmentError):
        recovering.find(desk.session, "sub_ca", "00", person=OPERATOR)
