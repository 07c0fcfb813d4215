"""What the leaf itself must say: usage for its purpose, extensions once."""

import pytest

from tests.verification.paths.chains import SIGN, extension


def test_repeated_extension_is_malformed(chain):
    twice = extension("extended_key_usage", ["client_auth"])
    assert chain.outcome(chain.issue("twice", more=[twice, twice])).reason_code == "malformed"


@pytest.mark.parametrize(
    ("purpose", "usage", "eku", "reason"),
    [
        ("sign", ("non_repudiation",), (), "ok"),
        ("sign", ("key_agreement",), (), "key_usage_mismatch"),
        ("sign", SIGN, ("time_stamping",), "eku_mismatch"),
        ("sign", SIGN, ("ocsp_signing", "time_stamping"), "eku_mismatch"),
        ("sign", SIGN, ("email_protection",), "ok"),
        ("encrypt", ("key_encipherment",), (), "ok"),
        ("encrypt", SIGN, (), "key_usage_mismatch"),
        ("timestamp", SIGN, ("time_stamping",), "ok"),
        ("timestamp", SIGN, ("time_stamping", "client_auth"), "eku_mismatch"),
        ("ocsp", ("digital_signature",), ("ocsp_signing",), "ok"),
        ("ocsp", ("non_repudiation",), ("ocsp_signing",), "key_usage_mismatch"),
        ("ocsp", ("digital_signature",), (), "eku_mismatch"),
        ("any", ("key_agreement",), ("time_stamping",), "ok"),
    ],
)
def test_purpose_is_enforced(chain, purpose, usage, eku, reason):
    leaf = chain.issue("purpose", usage=usage, eku=eku)
    assert chain.outcome(leaf, purpose=purpose).reason_code == reason


def test_timestamp_usage_must_be_critical(chain):
    leaf = chain.issue("tsa", more=[extension("extended_key_usage", ["time_stamping"])])
    assert chain.outcome(leaf, purpose="timestamp").reason_code == "eku_mismatch"
