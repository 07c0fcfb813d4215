"""From a request to a certificate: proofs, persons, dates, and nothing signed before its time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ca import register, repository
from ca.enrolment import decisions, issuing
from ca.enrolment import repository as enrolments
from ca.enrolment.model import EnrolmentKey, Submission
from ca.enrolment.states import STEPS, EnrolmentState, Step, after
from ca.enrolment.submitting import ENROLLABLE
from ca.errors import (
    EnrolmentTransitionError,
    IdempotencyConflictError,
    InvalidSubmissionError,
    KeyInUseError,
    KeyMismatchError,
    LintError,
    NotEntitledError,
    ProofOfPossessionError,
    SeparationOfDutiesError,
    SignerRefusedError,
    UnknownCertificateError,
    UnknownEnrolmentError,
    UnknownProfileError,
)
from ca.profiles import PROFILES
from sealkit.asn1 import certificate_builder, encode
from sealkit.asn1.certification_request import build_request, parse_request
from sealkit.asn1.particulars import Particulars, read_particulars
from sealkit.errors import MalformedError
from sealkit.sm import signature
from sealkit.sm.sm2 import SM2PrivateKey
from tests.ca.enrolment.office import (
    DEPARTMENT,
    FIRST,
    NOBODY,
    OPERATOR,
    POLICY,
    SECOND,
    SUBJECT,
    asked,
)


def test_two_persons_approve_and_the_certificate_is_as_profiled(office, key, keystore, trail):
    enrolment = office.submit(asked(key))
    assert (enrolment.state, enrolment.approvals_needed) == ("submitted", 2)
    assert office.approve(enrolment, FIRST).state == "submitted"
    issued = office.approve(enrolment, SECOND)
    assert issued.state == "issued"
    certificate = office.certificate(issued)
    certificate.verify_signed_by(keystore.certificate("sub_ca"))
    assert certificate.spki == key.public_key.spki
    assert dict(certificate.subject_parts) == SUBJECT
    assert certificate.serial == issued.serial
    said = read_particulars(certificate.extensions)
    assert said.crl_addresses == (f"https://ca.example.cn/crl/sub_ca/{issued.serial % 8}.crl",)
    assert said.policies == (POLICY,)
    assert [(actor, act) for actor, act, _ in trail.acts] == [
        ("operator", "enrolment.submit"),
        ("first", "enrolment.approve"),
        ("second", "enrolment.approve"),
        ("system", "enrolment.issue"),
    ]


def test_one_person_is_enough_for_what_can_neither_issue_nor_seal(office, key):
    submission = asked(key, "gateway_tls", particulars=Particulars(dns_names=("a.example.cn",)))
    certificate = office.issue(submission)
    assert read_particulars(certificate.extensions).dns_names == ("a.example.cn",)
    single = {name for name in ENROLLABLE if PROFILES[name].approvals == 1}
    assert single <= {"gateway_tls", "department_client", "dual_signing"}


def test_submitter_may_not_approve_even_as_approver(office, key):
    both = replace(OPERATOR, roles=frozenset({"ca_operator", "ca_approver"}))
    enrolment = office.submit(asked(key), both)
    with pytest.raises(SeparationOfDutiesError):
        office.approve(enrolment, both)


def test_nobody_approves_twice(office, key):
    enrolment = office.submit(asked(key))
    office.approve(enrolment, FIRST)
    with pytest.raises(SeparationOfDutiesError):
        office.approve(enrolment, FIRST)
    with pytest.raises(SeparationOfDutiesError):
        decisions.reject(
            office.session, office.services, enrolment.key, person=FIRST, at=office.at, note="no"
        )


def test_who_has_no_role_does_nothing(office, key):
    with pytest.raises(NotEntitledError):
        office.submit(asked(key), NOBODY)
    enrolment = office.submit(asked(key))
    for person in (NOBODY, DEPARTMENT):
        with pytest.raises(NotEntitledError):
            office.approve(enrolment, person)
    with pytest.raises(NotEntitledError):
        decisions.find(office.session, enrolment.key, person=NOBODY)


def test_department_sees_its_own_requests_only(office, key):
    own = office.submit(asked(key), DEPARTMENT)
    other = office.submit(asked(SM2PrivateKey.generate()))
    assert decisions.find(office.session, own.key, person=DEPARTMENT).key == own.key
    with pytest.raises(UnknownEnrolmentError):
        decisions.find(office.session, other.key, person=DEPARTMENT)
    states = list(EnrolmentState)
    department = DEPARTMENT.department
    seen = enrolments.page(office.session, "sub_ca", states=states, department=department, after="")
    assert [found.key for found in seen] == [own.key]
    everything = enrolments.page(office.session, "sub_ca", states=states, department=None, after="")
    assert {found.key for found in everything} == {own.key, other.key}
    last = everything[-1].key.id
    assert not enrolments.page(office.session, "sub_ca", states=states, department=None, after=last)


def test_same_request_again_is_the_same_enrolment(office, key):
    submission = asked(key)
    first = office.submit(submission, key="idempotency-key")
    assert office.submit(submission, key="idempotency-key") == first
    with pytest.raises(IdempotencyConflictError):
        office.submit(asked(SM2PrivateKey.generate()), key="idempotency-key")


def test_key_is_certified_once(office, key):
    office.submit(asked(key))
    with pytest.raises(KeyInUseError):
        office.submit(asked(key, "receipt"))
    other = SM2PrivateKey.generate()
    office.issue(asked(other))
    with pytest.raises(KeyInUseError):
        office.submit(asked(other))


def test_request_signed_by_another_key_proves_nothing(office, key):
    name = certificate_builder.name(SUBJECT)
    info = parse_request(build_request(name, key)).to_be_signed
    value = signature.to_der(SM2PrivateKey.generate().sign(info))
    algorithm = encode.algorithm("1.2.156.10197.1.501")
    forged = encode.sequence(info, algorithm, encode.bit_string(value))
    with pytest.raises(ProofOfPossessionError):
        office.submit(Submission("seal_signer", forged))
    with pytest.raises(MalformedError):
        office.submit(Submission("seal_signer", b"no request"))


@pytest.mark.parametrize("purpose", ["root", "ecdsa_root", "dual_encryption", "nothing"])
def test_what_nobody_can_enrol_for(office, key, purpose):
    with pytest.raises(UnknownProfileError):
        office.submit(asked(key, purpose))


def test_name_with_other_parts_is_refused(office, key):
    email = encode.sequence(
        encode.object_identifier("1.2.840.113549.1.9.1"), encode.ia5_string("a@b.cn")
    )
    name = encode.sequence(encode.set_of(email))
    with pytest.raises(InvalidSubmissionError):
        office.submit(Submission("seal_signer", build_request(name, key)))


def test_breach_of_the_profile_is_told_at_once_and_nothing_is_kept(office, key, trail):
    late = office.at + timedelta(days=6 * 366)
    for submission, code in (
        (asked(key, subject={"C": "CN", "CN": "无单位"}), "subject.organisation"),
        (asked(key, not_after=late), "validity.too_long"),
        (asked(key, not_after=office.at - timedelta(days=1)), "validity.negative"),
        (asked(key, "gateway_tls"), "alternative_names.not_as_profiled"),
        (asked(key, particulars=Particulars(dns_names=("a.cn",))), "alternative_names"),
    ):
        with pytest.raises(LintError, match=code):
            office.submit(submission)
    assert trail.acts == []


def test_dates_stay_within_profile_and_issuer(office, key, keystore):
    certificate = office.issue(asked(key))
    start = office.at.replace(microsecond=0)
    assert certificate.not_before == start
    assert certificate.not_after == start + PROFILES["seal_signer"].longest
    issuer = keystore.certificate("sub_ca")
    late = issuer.not_after - timedelta(days=30)
    near_the_end = office.issue(asked(SM2PrivateKey.generate()), at=late)
    assert near_the_end.not_after == issuer.not_after


def test_rejected_and_withdrawn_requests_are_over(office, key):
    session, services, at = office.session, office.services, office.at
    said = {"at": at, "note": "照片不清"}
    enrolment = office.submit(asked(key))
    rejected = decisions.reject(session, services, enrolment.key, person=FIRST, **said)
    assert (rejected.state, rejected.decisions[0].note) == ("rejected", "照片不清")
    with pytest.raises(EnrolmentTransitionError):
        office.approve(enrolment, SECOND)
    # The key is free again: somebody may ask anew.
    again = office.submit(asked(key))
    with pytest.raises(NotEntitledError):
        decisions.withdraw(session, services, again.key, person=FIRST, **said)
    withdrawn = decisions.withdraw(session, services, again.key, person=OPERATOR, **said)
    assert withdrawn.state == "withdrawn"
    with pytest.raises(EnrolmentTransitionError):
        decisions.withdraw(session, services, again.key, person=OPERATOR, **said)


def test_no_certificate_before_it_is_issued(office, key):
    enrolment = office.submit(asked(key))
    with pytest.raises(UnknownCertificateError):
        office.certificate(enrolment)


def test_unknown_enrolments_are_told(office):
    absent = EnrolmentKey("sub_ca", "00")
    for act in (
        lambda: decisions.find(office.session, absent, person=FIRST),
        lambda: decisions.approve(
            office.session, office.services, absent, person=FIRST, at=office.at
        ),
        lambda: issuing.finish(office.session, office.services, absent, at=office.at),
    ):
        with pytest.raises(UnknownEnrolmentError):
            act()


def test_finishing_again_or_too_early_changes_nothing(office, key):
    enrolment = office.submit(asked(key))
    early = issuing.finish(office.session, office.services, enrolment.key, at=office.at)
    assert early.state == "submitted"
    office.approve(enrolment, FIRST)
    issued = office.approve(enrolment, SECOND)
    again = issuing.finish(office.session, office.services, enrolment.key, at=office.at)
    assert again == issued


def test_without_the_key_the_enrolment_waits_approved_and_is_continued(office, key):
    """As where the web server's signer refuses certificates."""

    def refuse(_name):
        raise SignerRefusedError("not granted")

    signer = office.services.signer
    office.services = replace(office.services, signer=refuse)
    enrolment = office.submit(asked(key))
    office.approve(enrolment, FIRST)
    waiting = office.approve(enrolment, SECOND)
    assert waiting.state == "approved"
    (resumed,) = issuing.resume(office.session, office.services, at=office.at)
    assert resumed.waits_for == "ca.signer.refused"
    office.services = replace(office.services, signer=signer)
    later = office.at + timedelta(days=3)
    (resumed,) = issuing.resume(office.session, office.services, at=later)
    assert resumed.waits_for is None
    issued = enrolments.find(office.session, enrolment.key)
    assert (issued.state, issued.serial) == ("issued", waiting.serial)
    assert office.certificate(issued).serial == waiting.serial
    assert issuing.resume(office.session, office.services, at=later) == ()


def test_process_that_died_after_signing_gives_the_same_certificate(office, key):
    enrolment = office.submit(asked(key))
    office.approve(enrolment, FIRST)
    decisions.approve(office.session, office.services, enrolment.key, person=SECOND, at=office.at)
    office.session.commit()
    planned = enrolments.find(office.session, enrolment.key)
    signed = register.sign_planned(
        office.session,
        authority_name="sub_ca",
        serial=planned.serial,
        signer=office.services.signer("sub_ca"),
        at=office.at,
    )
    office.session.commit()  # and here it dies, before the enrolment hears of it
    issuing.resume(office.session, office.services, at=office.at)
    assert office.certificate(planned).der == signed.der


def test_plan_changed_in_the_database_is_not_signed(office, key):
    enrolment = office.submit(asked(key))
    office.approve(enrolment, FIRST)
    found = decisions.approve(
        office.session, office.services, enrolment.key, person=SECOND, at=office.at
    )
    row = repository.registered(office.session, authority="sub_ca", serial=found.serial)
    grown = row.tbs.replace(bytes.fromhex("030206c0"), bytes.fromhex("03020106"))
    office.session.execute(
        repository.certificates.update()
        .where(repository.certificates.c.tbs == row.tbs)
        .values(tbs=grown)
    )
    with pytest.raises(LintError, match="key_usage"):
        issuing.finish(office.session, office.services, enrolment.key, at=office.at)


def test_plan_exchanged_for_another_key_is_not_signed(office, key):
    """It satisfies its profile, but nobody has decided on it."""
    enrolment = office.submit(asked(key))
    office.approve(enrolment, FIRST)
    found = decisions.approve(
        office.session, office.services, enrolment.key, person=SECOND, at=office.at
    )
    row = repository.registered(office.session, authority="sub_ca", serial=found.serial)
    other = SM2PrivateKey.generate().public_key
    changed = row.tbs.replace(key.public_key.point, other.point)
    assert changed != row.tbs
    office.session.execute(
        repository.certificates.update()
        .where(repository.certificates.c.tbs == row.tbs)
        .values(tbs=changed)
    )
    with pytest.raises(KeyMismatchError):
        issuing.finish(office.session, office.services, enrolment.key, at=office.at)


@pytest.mark.parametrize("state", EnrolmentState)
@pytest.mark.parametrize("step", Step)
def test_only_the_steps_of_the_table_are_taken(state, step):
    if state in STEPS[step]:
        assert after(step, state, "x/1") is STEPS[step][state]
    else:
        with pytest.raises(EnrolmentTransitionError):
            after(step, state, "x/1")
