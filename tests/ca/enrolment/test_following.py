"""Certificates that follow others: renewed, re-keyed, and across to another region."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ca import revocation
from ca.enrolment.model import Submission, Way
from ca.errors import (
    InvalidSubmissionError,
    KeyInUseError,
    LintError,
    PredecessorError,
    ProofOfPossessionError,
)
from ca.keystore import FileKeystore
from ca.revocation import Reason
from sealkit.asn1 import certificate_builder
from sealkit.asn1.particulars import Particulars, read_particulars
from sealkit.sm import signature
from sealkit.sm.sm2 import SM2PrivateKey
from tests.ca.enrolment.office import FIRST, SECOND, asked
from verification.paths import validate_path

OTHER_REGION = Path(__file__).parents[3] / "keys_dev" / "440000"


@pytest.fixture
def first(office, key):
    return office.issue(asked(key))


def renewal(key, first, **changes):
    return replace(asked(key, way=Way.RENEWAL, predecessor=first.serial), **changes)


def rekey(new, old, first):
    submission = asked(new, way=Way.REKEY, predecessor=first.serial)
    return replace(submission, old_key_signature=signature.to_der(old.sign(submission.request)))


def test_renewal_has_the_same_key_and_name_and_new_dates(office, key, first):
    later = office.at + timedelta(days=1000)
    other_name = {"C": "CN", "O": "别的单位", "CN": "别的名称"}
    renewed = office.issue(
        asked(key, subject=other_name, way=Way.RENEWAL, predecessor=first.serial), at=later
    )
    assert renewed.spki == first.spki
    assert renewed.subject_der == first.subject_der
    assert renewed.serial != first.serial
    assert renewed.not_before == later.replace(microsecond=0)


def test_renewal_keeps_the_hosts_and_takes_no_others(office, key):
    hosts = Particulars(dns_names=("gateway.example.cn",), ip_addresses=("10.0.0.1",))
    first = office.issue(asked(key, "gateway_tls", particulars=hosts))
    following = renewal(key, first, purpose="gateway_tls")
    with pytest.raises(InvalidSubmissionError):
        office.submit(replace(following, particulars=Particulars(dns_names=("evil.example.cn",))))
    said = read_particulars(office.issue(following).extensions)
    assert (said.dns_names, said.ip_addresses) == (hosts.dns_names, hosts.ip_addresses)


def test_renewal_with_another_key_is_refused(office, first):
    with pytest.raises(PredecessorError):
        office.submit(renewal(SM2PrivateKey.generate(), first))


def test_new_key_is_vouched_for_by_the_old_one(office, key, first):
    new = SM2PrivateKey.generate()
    certificate = office.issue(rekey(new, key, first))
    assert certificate.spki == new.public_key.spki
    assert certificate.subject_der == first.subject_der


def test_new_key_without_the_old_ones_word_is_refused(office, key, first):
    new = SM2PrivateKey.generate()
    submission = rekey(new, key, first)
    for wrong in (
        replace(submission, old_key_signature=None),
        replace(submission, old_key_signature=b"\x30\x00"),
        rekey(new, new, first),
        replace(rekey(SM2PrivateKey.generate(), key, first), request=submission.request),
    ):
        with pytest.raises(ProofOfPossessionError):
            office.submit(wrong)
    with pytest.raises(PredecessorError):
        office.submit(rekey(key, key, first))


@pytest.mark.parametrize("way", [Way.RENEWAL, Way.REKEY])
def test_revoked_ended_unknown_or_other_certificates_are_not_followed(office, key, first, way):
    new = SM2PrivateKey.generate()
    following = renewal(key, first) if way is Way.RENEWAL else rekey(new, key, first)
    with pytest.raises(PredecessorError):
        office.submit(replace(following, predecessor=first.serial + 1))
    with pytest.raises(PredecessorError):
        office.submit(replace(following, purpose="receipt"))
    with pytest.raises(InvalidSubmissionError):
        office.submit(replace(following, predecessor=None))
    with pytest.raises(PredecessorError):
        office.submit(following, at=first.not_after + timedelta(seconds=1))
    enrolment = office.submit(following)
    office.approve(enrolment, FIRST)
    revocation.revoke(
        office.session,
        ca_name="sub_ca",
        serial=first.serial,
        reason=Reason.KEY_COMPROMISE,
        at=office.at,
    )
    # Revoked between request and decision: a stolen key cannot live on by an old request.
    with pytest.raises(PredecessorError):
        office.approve(enrolment, SECOND)


def test_renewal_asked_for_twice_is_refused(office, key, first):
    office.submit(renewal(key, first))
    with pytest.raises(KeyInUseError):
        office.submit(renewal(key, first))


@pytest.fixture(scope="module")
def neighbour():
    return FileKeystore(OTHER_REGION)


@pytest.fixture
def allowed(neighbour):
    """The names that the neighbour's authority may certify: those of its tax office."""
    leaf = neighbour.certificate("seal_signer_market")
    organisation = dict(leaf.subject_parts)["O"]
    return (certificate_builder.name({"C": "CN", "O": organisation}),)


def across(neighbour, allowed, **changes):
    submission = Submission(
        purpose="cross_ca",
        request=neighbour.certificate("sub_ca").der,
        way=Way.CROSS,
        particulars=Particulars(permitted_names=allowed),
    )
    return replace(submission, **changes)


def judged(leaf, cross, root, at):
    return validate_path(
        leaf.der,
        intermediates=[cross.der],
        anchors=[root.der],
        crls=[],
        at=at,
        purpose="sign",
        require_revocation=False,
    ).reason_code


def test_cross_certificate_lets_our_root_reach_the_names_it_permits(
    office, keystore, neighbour, allowed
):
    fingerprint = neighbour.certificate("sub_ca").fingerprint
    cross = office.issue(across(neighbour, allowed), fingerprint=fingerprint)
    root = keystore.certificate("root")
    assert cross.path_length == 0
    years = (cross.not_after - cross.not_before).days / 365.25
    assert 9.9 < years <= 10
    assert cross.subject_key_identifier == neighbour.certificate("sub_ca").subject_key_identifier
    assert judged(neighbour.certificate("seal_signer_market"), cross, root, office.at) == "ok"
    outside = judged(neighbour.certificate("seal_signer_land"), cross, root, office.at)
    assert outside == "name_constraint"
    # Again before it ends: the same key, across once more.
    later = office.at + timedelta(days=3000)
    again = office.issue(across(neighbour, allowed), at=later, fingerprint=fingerprint)
    assert again.serial != cross.serial


def test_cross_certificate_wants_the_fingerprint_of_both_approvers(office, neighbour, allowed):
    enrolment = office.submit(across(neighbour, allowed))
    for wrong in (None, bytes(32)):
        with pytest.raises(InvalidSubmissionError):
            office.approve(enrolment, FIRST, fingerprint=wrong)


def test_other_regions_root_must_have_signed_itself(office, neighbour, allowed):
    root = neighbour.certificate("root").der
    assert office.submit(across(neighbour, allowed, request=root)).way is Way.CROSS
    changed = root[:-1] + bytes((root[-1] ^ 1,))
    with pytest.raises(ProofOfPossessionError):
        office.submit(across(neighbour, allowed, request=changed))


def test_cross_certificate_without_names_or_for_no_authority_is_refused(
    office, keystore, neighbour, allowed
):
    with pytest.raises(LintError, match="name_constraints"):
        office.submit(across(neighbour, ()))
    leaf = neighbour.certificate("receipt").der
    own = keystore.certificate("root").der
    for request in (leaf, own):
        with pytest.raises(InvalidSubmissionError):
            office.submit(across(neighbour, allowed, request=request))
    with pytest.raises(InvalidSubmissionError):
        office.submit(across(neighbour, allowed, purpose="sub_ca"))
    with pytest.raises(InvalidSubmissionError):
        office.submit(across(neighbour, allowed, way=Way.NEW))
    late = neighbour.certificate("sub_ca").not_after + timedelta(days=1)
    with pytest.raises(InvalidSubmissionError):
        office.submit(across(neighbour, allowed), at=late)
