"""Each purpose's messages pass as that purpose, from that key, and as nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca.errors import PurposeError
from ca.keystore import FileKeystore, Purpose
from ca.keystores.examination import ACCESS_TOKEN, examine
from sealkit.asn1 import encode
from tests.ca.keystores.material import KEYS
from tests.ca.keystores.messages import certificate, messages
from yinxin.identity import TOKEN_TYPE

KEYSTORE = FileKeystore(KEYS)
OTHERS = FileKeystore(KEYS.parent / "440000")
NAMES_ITS_SIGNER = set(Purpose) - {
    Purpose.AUDIT,
    Purpose.LOG,
    Purpose.TRUST_ROOT,
    Purpose.TRUST_TARGETS,
    Purpose.TRUST_ONLINE,
    Purpose.SEAL,
}
"""Purposes whose messages say which key signs them."""


def test_every_purpose_is_here():
    assert {purpose for _name, purpose, _message in messages()} == set(Purpose)


@pytest.mark.parametrize("region", ["650000", "440000"])
def test_what_is_signed_passes_as_its_purpose(region):
    keystore = FileKeystore(KEYS.parent / region)
    for name, purpose, message in messages(region):
        examine(purpose, message, keystore.certificate(name))


def test_what_is_signed_for_one_purpose_passes_for_no_other():
    for name, own, message in messages():
        for purpose in set(Purpose) - {own}:
            with pytest.raises(PurposeError):
                examine(purpose, message, KEYSTORE.certificate(name))


def test_what_names_its_signer_is_not_signed_by_another():
    for name, purpose, message in messages():
        if purpose in NAMES_ITS_SIGNER:
            with pytest.raises(PurposeError):
                examine(purpose, message, OTHERS.certificate(name))


def test_a_message_cut_or_continued_does_not_pass():
    for name, purpose, message in messages():
        changes = [message[:-1], message + b"\0", b"", message * 2]
        if purpose is not Purpose.LOG:  # it begins with a name, which may be any
            changes.append(message[1:])
        for changed in changes:
            with pytest.raises(PurposeError):
                examine(purpose, changed, KEYSTORE.certificate(name))


def test_the_type_of_access_tokens_is_the_one_in_use():
    assert ACCESS_TOKEN == TOKEN_TYPE


def test_a_sub_authority_makes_no_authority_and_a_root_does():
    examine(
        Purpose.CERTIFICATE, certificate(KEYSTORE, "root", "sub_ca"), KEYSTORE.certificate("root")
    )
    # Prepared for the root, so that nobody stops it earlier, then said to be the other's.
    tbs = certificate(KEYSTORE, "root", "sub_ca").replace(
        KEYSTORE.certificate("root").subject_der, KEYSTORE.certificate("sub_ca").subject_der
    )
    with pytest.raises(PurposeError):
        examine(Purpose.CERTIFICATE, tbs, KEYSTORE.certificate("sub_ca"))


def test_a_certificate_longer_than_its_profile_allows_is_refused():
    tbs = certificate(KEYSTORE, "sub_ca", "ocsp", years=3)
    with pytest.raises(PurposeError):
        examine(Purpose.CERTIFICATE, tbs, KEYSTORE.certificate("sub_ca"))


@pytest.mark.parametrize(
    ("purpose", "message"),
    [
        (Purpose.TRUST_ROOT, b'{"_type":"targets","_type":"root"}'),
        (Purpose.TRUST_ONLINE, b'["timestamp"]'),
        (Purpose.AUDIT, b"yinxin audit head 2\n1\n2026-11-23T09:00:00\n" + b"0" * 64 + b"\n"),
        (Purpose.LOG, b"log.example\n-1\n" + b"A" * 43 + b"=\n"),
        (Purpose.TOKEN, b"e30.e30"),
        (Purpose.TOKEN, b"e30=.e30="),
        (Purpose.TIMESTAMP, encode.set_of()),
    ],
)
def test_what_only_looks_alike_is_refused(purpose, message):
    name = {Purpose.TOKEN: "token", Purpose.TIMESTAMP: "timestamp"}.get(purpose, "audit")
    with pytest.raises(PurposeError):
        examine(purpose, message, KEYSTORE.certificate(name))


@given(st.sampled_from(Purpose), st.binary(max_size=300))
def test_any_bytes_are_refused(purpose, message):
    with pytest.raises(PurposeError):
        examine(purpose, message, KEYSTORE.certificate("receipt"))


@given(st.data())
def test_any_change_of_an_octet_passes_as_its_own_purpose_or_not_at_all(data):
    name, own, message = data.draw(st.sampled_from(messages()))
    place = data.draw(st.integers(0, len(message) - 1))
    octet = data.draw(st.integers(0, 255))
    changed = message[:place] + bytes((octet,)) + message[place + 1 :]
    purpose = data.draw(st.sampled_from(Purpose))
    try:
        examine(purpose, changed, KEYSTORE.certificate(name))
    except PurposeError as error:
        assert purpose is not own or changed != message, error
    else:
        # Roles of one family differ in a word.
        assert purpose is own or purpose.value.startswith("trust_")
