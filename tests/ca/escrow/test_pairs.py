"""Pairs: two certificates of one holder, the encryption key made, kept and enveloped for it."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from ca import repository
from ca.enrolment import decisions, issuing
from ca.enrolment import repository as enrolments
from ca.errors import InvalidSubmissionError, KeyMismatchError, UnknownCertificateError
from ca.escrow import repository as escrow
from ca.escrow.keeping import enveloped_for
from ca.escrow.tables import escrowed_keys
from sealkit.asn1.enveloped_key import open_envelope, parse_enveloped_key
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import DecryptionError, MalformedError
from sealkit.sm.sm2 import SM2PrivateKey
from tests.ca.enrolment.office import FIRST, OPERATOR, SUBJECT, asked
from verification.paths import validate_path
from yinxin.vault import Vault


def pair_of(office, key):
    """Enrol, and return the enrolment with both certificates and the opened key."""
    enrolment = office.submit(asked(key, "dual_signing"))
    issued = office.approve(enrolment, FIRST)
    assert issued.state == "issued"
    der, envelope = issuing.encryption_of(office.session, issued.key, person=OPERATOR)
    pair = open_envelope(parse_enveloped_key(envelope), key)
    return issued, office.certificate(issued), parse_certificate(der), pair


def test_holder_gets_two_certificates_and_opens_its_encryption_key(keeping, key, keystore):
    _issued, signing, encryption, pair = pair_of(keeping, key)
    assert encryption.spki == pair.public_key.spki != signing.spki
    assert encryption.subject_der == signing.subject_der
    assert (encryption.not_before, encryption.not_after) == (
        signing.not_before,
        signing.not_after,
    )
    assert signing.key_usage == {"digital_signature", "non_repudiation"}
    assert encryption.key_usage == {"key_encipherment", "data_encipherment", "key_agreement"}
    assert dict(encryption.subject_parts) == SUBJECT
    encryption.verify_signed_by(keystore.certificate("sub_ca"))


def test_neither_certificate_does_the_others_work(keeping, key, keystore):
    """GB/T 20518 profile: a signing certificate is refused for decryption and the reverse."""
    _issued, signing, encryption, _pair = pair_of(keeping, key)

    def judged(leaf, purpose):
        return validate_path(
            leaf.der,
            intermediates=[keystore.certificate("sub_ca").der],
            anchors=[keystore.certificate("root").der],
            crls=[],
            at=keeping.at,
            purpose=purpose,
            require_revocation=False,
        ).reason_code

    assert (judged(signing, "sign"), judged(encryption, "encrypt")) == ("ok", "ok")
    assert judged(signing, "encrypt") == "key_usage_mismatch"
    assert judged(encryption, "sign") == "key_usage_mismatch"


def test_encryption_key_is_nowhere_in_the_clear(keeping, key, engine):
    _issued, _signing, _encryption, pair = pair_of(keeping, key)
    keeping.session.commit()
    file = Path(engine.url.database)
    kept = b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
    assert len(kept) > 1000
    assert pair.scalar not in kept
    assert pair.scalar.hex().encode() not in kept


def test_envelope_is_the_holders_alone(keeping, key):
    issued, *_ = pair_of(keeping, key)
    _der, envelope = issuing.encryption_of(keeping.session, issued.key, person=OPERATOR)
    with pytest.raises(DecryptionError):
        open_envelope(parse_enveloped_key(envelope), SM2PrivateKey.generate())


def test_kept_key_opens_for_another_recipient_and_only_as_what_it_is(keeping, key, vault):
    issued, _signing, encryption, pair = pair_of(keeping, key)
    kept = escrow.key_of_pair(keeping.session, "sub_ca", issued.serial)
    recipient = SM2PrivateKey.generate()
    out = enveloped_for(vault, kept, encryption.sm2_key, recipient.public_key)
    assert open_envelope(parse_enveloped_key(out), recipient) == pair
    with pytest.raises(KeyMismatchError):
        enveloped_for(vault, kept, recipient.public_key, recipient.public_key)
    # A box moved to another row, or opened under another vault key, does not open.
    for holder, moved in ((vault, replace(kept, serial=kept.serial + 1)), (Vault(bytes(16)), kept)):
        with pytest.raises(MalformedError):
            enveloped_for(holder, moved, encryption.sm2_key, recipient.public_key)


def test_without_a_vault_no_pairs_are_issued(office, key):
    with pytest.raises(InvalidSubmissionError):
        office.submit(asked(key, "dual_signing"))


def test_other_enrolments_have_no_second_certificate(keeping, key):
    enrolment = keeping.submit(asked(key, "department_client"))
    issued = keeping.approve(enrolment, FIRST)
    with pytest.raises(UnknownCertificateError):
        issuing.encryption_of(keeping.session, issued.key, person=OPERATOR)


def test_process_that_died_before_signing_makes_no_other_key(keeping, key):
    enrolment = keeping.submit(asked(key, "dual_signing"))
    decisions.approve(keeping.session, keeping.services, enrolment.key, person=FIRST, at=keeping.at)
    keeping.session.commit()
    planned = enrolments.find(keeping.session, enrolment.key)
    before = escrow.key_of_pair(keeping.session, "sub_ca", planned.serial)
    with pytest.raises(UnknownCertificateError):
        issuing.encryption_of(keeping.session, enrolment.key, person=OPERATOR)
    issuing.resume(keeping.session, keeping.services, at=keeping.at)
    assert escrow.key_of_pair(keeping.session, "sub_ca", planned.serial) == before
    row = repository.registered(keeping.session, authority="sub_ca", serial=before.serial)
    pair = open_envelope(parse_enveloped_key(before.envelope), key)
    assert parse_certificate(row.certificate).spki == pair.public_key.spki


def test_exchanged_box_is_noticed_when_it_is_opened(keeping, vault):
    first, *_ = pair_of(keeping, SM2PrivateKey.generate())
    second, _signing, encryption, _pair = pair_of(keeping, SM2PrivateKey.generate())
    session = keeping.session
    other = escrow.key_of_pair(session, "sub_ca", first.serial)
    session.execute(
        update(escrowed_keys)
        .where(escrowed_keys.c.signing_serial == f"{second.serial:040x}")
        .values(box=other.box)
    )
    kept = escrow.key_of_pair(session, "sub_ca", second.serial)
    with pytest.raises(MalformedError):
        enveloped_for(vault, kept, encryption.sm2_key, encryption.sm2_key)
