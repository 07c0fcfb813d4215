"""A key is for what its certificate and its name both say."""

import pytest

from ca.errors import PurposeError
from ca.keystore import Purpose
from ca.keystores.purposes import PURPOSES, chosen, purposes_of
from ca.profiles import PROFILES

HELD_BY_OTHERS = {"gateway_tls", "department_client", "dual_signing", "dual_encryption", "cross_ca"}
"""Profiles of keys that are never in a keystore of ours."""


def test_every_profile_and_every_development_key_has_a_purpose(keystore):
    assert set(PROFILES) - {"trust_list"} - HELD_BY_OTHERS <= set(PURPOSES)
    for name in keystore.names():
        assert purposes_of(name, keystore.certificate(name)), name


@pytest.mark.parametrize(
    ("name", "holder"),
    [
        ("sub_ca", "receipt"),
        ("receipt", "sub_ca"),
        ("timestamp", "receipt"),
        ("receipt", "timestamp"),
        ("ocsp", "timestamp"),
        ("timestamp", "ocsp"),
    ],
)
def test_another_name_gives_a_certificate_no_other_purpose(keystore, name, holder):
    assert purposes_of(name, keystore.certificate(holder)) == ()
    with pytest.raises(PurposeError):
        chosen(name, keystore.certificate(holder), None)


def test_an_authority_signs_lists_unless_certificates_are_asked_for(keystore):
    certificate = keystore.certificate("sub_ca")
    assert chosen("sub_ca", certificate, None) is Purpose.CRL
    assert chosen("sub_ca", certificate, Purpose.CERTIFICATE) is Purpose.CERTIFICATE


@pytest.mark.parametrize(
    ("name", "purpose"),
    [
        ("seal_signer_market", Purpose.SEAL_USE),
        ("pdf_signer_ecdsa", Purpose.PDF),
        ("timestamp_ecdsa", Purpose.TIMESTAMP),
        ("trust_root_3", Purpose.TRUST_ROOT),
    ],
)
def test_the_longest_beginning_of_a_name_counts(keystore, name, purpose):
    assert purposes_of(name, keystore.certificate(name)) == (purpose,)


@pytest.mark.parametrize("name", ["receipts", "logbook", "tokenring", "my_receipt", ""])
def test_a_name_that_only_looks_alike_is_for_nothing(keystore, name):
    assert purposes_of(name, keystore.certificate("receipt")) == ()
