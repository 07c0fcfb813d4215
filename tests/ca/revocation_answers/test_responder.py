"""OCSP: stored where it can be, signed now where it must be, and never a good that is stale."""

from datetime import timedelta

import pytest

from ca import register
from ca.authority import new_serial
from ca.revocation import Reason, revoke
from ca.revocation_answers import presigning, repository
from ca.revocation_answers.responder import LIFETIME, UNKNOWN_LIFETIME
from sealkit.asn1 import encode, ocsp
from sealkit.asn1.extensions import build_extension
from sealkit.asn1.ocsp import ResponseStatus
from sealkit.sm.sm2 import SM2PrivateKey

NONCE = b"n" * 32
FORMS = presigning.FORMS.values()


@pytest.fixture
def ask(session, responder, sub_ca, at):
    """Ask about serial numbers; return the answer, its signature checked, and how it is kept."""

    def asked(*serials, algorithm="sm3", null_parameters=False, nonce=None, when=at):
        identifiers = [
            ocsp.certificate_id(sub_ca, serial, algorithm, null_parameters=null_parameters)
            for serial in serials
        ]
        request = ocsp.build_request(identifiers, nonce=nonce)
        served = responder.answer(session, request, at=when)
        basic = ocsp.parse_response(served.response).basic
        basic.verify(sub_ca, at=when)
        assert [single.certificate.der for single in basic.singles] == identifiers
        assert all(single.this_update <= when < single.next_update for single in basic.singles)
        return basic, served

    return asked


def presign(session, authority, at):
    found = presigning.due(session, authority, at=at)
    return presigning.store(session, authority, presigning.sign(authority, found, at=at))


def statuses(basic):
    return [single.status for single in basic.singles]


@pytest.mark.parametrize(("algorithm", "null_parameters"), FORMS, ids=list(presigning.FORMS))
def test_stored_answer_is_served_as_it_was_signed(
    session, authority, serials, ask, at, algorithm, null_parameters
):
    assert presign(session, authority, at) == len(serials) * len(FORMS)
    form = {"algorithm": algorithm, "null_parameters": null_parameters}
    first, second = (ask(serials[0], **form)[1] for _ in range(2))
    assert first.response == second.response
    assert first.next_update == at.replace(microsecond=0) + LIFETIME
    assert statuses(ask(serials[0], **form)[0]) == ["good"]


def test_form_that_is_not_stored_is_signed_now(session, authority, serials, ask, at):
    presign(session, authority, at)
    basic, served = ask(serials[0], algorithm="sha256", null_parameters=False)
    assert statuses(basic) == ["good"]
    assert served.this_update is not None


def test_nonce_is_echoed_and_its_answer_not_kept(session, authority, serials, ask, at):
    presign(session, authority, at)
    basic, served = ask(serials[0], nonce=NONCE)
    assert (basic.nonce, statuses(basic)) == (NONCE, ["good"])
    assert (served.this_update, served.next_update) == (None, None)


def test_serial_never_issued_is_unknown_and_soon_asked_again(ask, serials, at):
    basic, served = ask(new_serial())
    assert statuses(basic) == ["unknown"]
    assert served.next_update == at.replace(microsecond=0) + UNKNOWN_LIFETIME


@pytest.mark.parametrize("serial", [0, -1, 1 << 160], ids=["zero", "negative", "21 octets"])
def test_serial_that_cannot_be_is_unknown(ask, serials, serial):
    assert statuses(ask(serial)[0]) == ["unknown"]


def test_planned_certificate_is_unknown_until_it_is_signed(session, keystore, sub_ca, ask, at):
    serial = register.plan(
        session,
        authority_name="sub_ca",
        issuer=sub_ca,
        purpose="receipt",
        subject={"C": "CN", "O": "试验", "CN": "试验"},
        spki=SM2PrivateKey.generate().public_key.spki,
        not_before=at.replace(microsecond=0),
        not_after=at.replace(microsecond=0) + timedelta(days=1),
        at=at,
    )
    assert statuses(ask(serial)[0]) == ["unknown"]
    register.sign_planned(
        session, authority_name="sub_ca", serial=serial, signer=keystore.signer("sub_ca"), at=at
    )
    assert statuses(ask(serial)[0]) == ["good"]


def test_several_certificates_in_one_answer(session, authority, serials, ask, at):
    presign(session, authority, at)
    revoke(session, ca_name="sub_ca", serial=serials[1], reason=Reason.SUPERSEDED, at=at)
    assert statuses(ask(serials[0], serials[1], 77)[0]) == ["good", "revoked", "unknown"]


def test_revocation_is_answered_in_its_own_transaction(session, authority, serials, ask, at):
    presign(session, authority, at)
    lost = at - timedelta(days=3)
    revoke(
        session,
        ca_name="sub_ca",
        serial=serials[0],
        reason=Reason.KEY_COMPROMISE,
        at=at,
        invalid_since=lost,
    )
    basic, _ = ask(serials[0])
    assert statuses(basic) == ["revoked"]
    assert basic.singles[0].revoked_at == at.replace(microsecond=0)
    assert basic.singles[0].reason == Reason.KEY_COMPROMISE
    assert [entry.oid for entry in basic.singles[0].extensions] == ["2.5.29.24"]
    assert statuses(ask(serials[1])[0]) == ["good"]


def test_good_signed_before_a_revocation_is_not_stored_after_it(
    session, authority, serials, ask, at
):
    found = presigning.due(session, authority, at=at)
    signed = presigning.sign(authority, found, at=at)
    revoke(session, ca_name="sub_ca", serial=serials[0], reason=Reason.SUPERSEDED, at=at)
    assert presigning.store(session, authority, signed) == (len(serials) - 1) * len(FORMS)
    assert statuses(ask(serials[0])[0]) == ["revoked"]


def test_good_that_is_stored_beside_a_revocation_is_never_served(
    session, authority, serials, ask, at
):
    """As it would be if two transactions crossed on a database that lets them."""
    found = presigning.due(session, authority, at=at)
    revoke(session, ca_name="sub_ca", serial=serials[0], reason=Reason.SUPERSEDED, at=at)
    repository.replace_answers(session, "sub_ca", presigning.sign(authority, found, at=at))
    assert repository.count_answers(session, "sub_ca") == len(serials) * len(FORMS)
    assert statuses(ask(serials[0])[0]) == ["revoked"]


def test_revoked_certificates_get_stored_answers_too(session, authority, serials, ask, at):
    revoke(session, ca_name="sub_ca", serial=serials[0], reason=Reason.SUPERSEDED, at=at)
    presign(session, authority, at)
    first, second = (ask(serials[0]) for _ in range(2))
    assert statuses(first[0]) == ["revoked"]
    assert first[1].response == second[1].response


def test_answers_are_due_again_at_half_of_their_life(session, authority, serials, at):
    presign(session, authority, at)
    made = at.replace(microsecond=0)
    assert presigning.due(session, authority, at=made + LIFETIME / 2 - timedelta(seconds=1)) is None
    found = presigning.due(session, authority, at=made + LIFETIME / 2)
    assert list(found.serials) == serials


def test_ended_answer_is_not_served(session, authority, serials, ask, at):
    presign(session, authority, at)
    later = at + LIFETIME
    basic, served = ask(serials[0], when=later)
    assert served.this_update == later.replace(microsecond=0)
    assert statuses(basic) == ["good"]


def test_work_goes_on_after_the_last_certificate_of_a_round(session, authority, serials, at):
    first = presigning.due(session, authority, at=at, limit=3)
    assert list(first.serials) == serials[:3]
    second = presigning.due(session, authority, at=at, limit=3, after=first.serials[-1])
    assert list(second.serials) == serials[3:]
    assert presigning.due(session, authority, at=at, after=second.serials[-1]) is None


def refused(responder, session, request, at):
    served = responder.answer(session, request, at=at)
    assert served.this_update is None
    response = ocsp.parse_response(served.response)
    assert response.basic is None
    return response.status


def test_nobody_makes_it_sign_for_an_issuer_that_is_not_ours(session, responder, keystore, at):
    request = ocsp.build_request([ocsp.certificate_id(keystore.certificate("root"), 5)])
    assert refused(responder, session, request, at) is ResponseStatus.UNAUTHORIZED


def test_digest_that_we_do_not_know_is_an_issuer_that_is_not_ours(session, responder, at):
    sha512 = encode.sequence(encode.object_identifier("2.16.840.1.101.3.4.2.3"))
    octets = encode.octet_string(bytes(64))
    request = ocsp.build_request([encode.sequence(sha512, octets, octets, encode.integer(5))])
    assert refused(responder, session, request, at) is ResponseStatus.UNAUTHORIZED


def test_issuer_that_is_not_ours_is_unknown_beside_one_that_is(
    session, responder, keystore, sub_ca, serials, at
):
    foreign = ocsp.certificate_id(keystore.certificate("root"), serials[0])
    request = ocsp.build_request([foreign, ocsp.certificate_id(sub_ca, serials[0])])
    served = responder.answer(session, request, at=at)
    assert statuses(ocsp.parse_response(served.response).basic) == ["unknown", "good"]


@pytest.mark.parametrize("request_der", [b"", b"0", b"\x30\x00", bytes(100)], ids=repr)
def test_what_cannot_be_read_is_refused(session, responder, request_der, at):
    assert refused(responder, session, request_der, at) is ResponseStatus.MALFORMED_REQUEST


def test_unknown_critical_extension_is_refused(session, responder, sub_ca, at):
    entry = build_extension("1.2.3.4", b"\x05\x00", critical=True)
    singles = encode.sequence(encode.sequence(ocsp.certificate_id(sub_ca, 5)))
    request = encode.sequence(encode.sequence(singles, encode.context(2, encode.sequence(entry))))
    assert refused(responder, session, request, at) is ResponseStatus.MALFORMED_REQUEST
