"""Each rule of the linter, broken alone: nothing is signed and the code says why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ca.authority import key_identifier, new_serial
from ca.lint import lint
from ca.profiles import PROFILES
from sealkit import oids
from sealkit.asn1 import certificate_builder
from sealkit.asn1.certificate_builder import CertificateTemplate
from sealkit.sm.sm2 import SM2PrivateKey

SUBJECT = {"C": "CN", "O": "示例市市场监督管理局", "CN": "电子证照专用章"}
SPKI = SM2PrivateKey.generate().public_key.spki
P256_SPKI = (
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)
START = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def issuer(keystore):
    return keystore.certificate("sub_ca")


def template(authority, /, **changes):
    return replace(
        CertificateTemplate(
            serial=new_serial(),
            issuer=authority.subject_der,
            subject=certificate_builder.name(SUBJECT),
            not_before=START,
            not_after=START + timedelta(days=365),
            spki=SPKI,
            key_usage=PROFILES["seal_signer"].key_usage,
            subject_key_identifier=key_identifier(SPKI),
            authority_key_identifier=authority.subject_key_identifier,
        ),
        **changes,
    )


def codes(authority, /, profile="seal_signer", **changes):
    tbs = certificate_builder.to_be_signed(template(authority, **changes))
    return lint(tbs, PROFILES[profile], authority)


def without(part):
    return certificate_builder.name({k: v for k, v in SUBJECT.items() if k != part})


def test_certificate_as_profiled_breaks_no_rule(issuer):
    assert codes(issuer) == ()


DEFECTS = {
    "serial.not_positive": {"serial": -(1 << 80)},
    "serial.too_short": {"serial": (1 << 63) - 1},
    "serial.too_long": {"serial": 1 << 159},
    "validity.negative": {"not_after": START - timedelta(seconds=1)},
    "validity.too_long": {"not_after": START + timedelta(days=5 * 366)},
    "validity.before_issuer": {"not_before": datetime(2025, 12, 31, tzinfo=UTC)},
    "key_usage.not_as_profiled": {"key_usage": ("digital_signature",)},
    "extended_key_usage.not_as_profiled": {"extended_key_usage": (oids.EKU_TIME_STAMPING,)},
    "basic_constraints.not_as_profiled": {"is_ca": True, "path_length": 0},
    "subject.country": {"subject": without("C")},
    "subject.organisation": {"subject": without("O")},
    "subject.common_name": {"subject": without("CN")},
    "issuer.not_subject_of_authority": {"issuer": certificate_builder.name(SUBJECT)},
    "subject_key_identifier.absent": {"subject_key_identifier": b""},
    "authority_key_identifier.not_of_authority": {"authority_key_identifier": bytes(20)},
    "key.not_sm2": {"spki": P256_SPKI},
}


@pytest.mark.parametrize("code", DEFECTS)
def test_one_defect_gives_its_code_alone(issuer, code):
    assert codes(issuer, **DEFECTS[code]) == (code,)


def test_certificate_may_not_outlive_its_authority(issuer):
    start = issuer.not_after - timedelta(days=1)
    changes = {"not_before": start, "not_after": issuer.not_after + timedelta(seconds=1)}
    assert codes(issuer, **changes) == ("validity.beyond_issuer",)


def test_end_entity_cannot_issue(keystore):
    assert codes(keystore.certificate("receipt")) == ("issuer.not_a_ca",)


def test_authority_with_path_length_zero_cannot_make_another(issuer):
    found = codes(
        issuer,
        profile="sub_ca",
        is_ca=True,
        path_length=0,
        key_usage=PROFILES["sub_ca"].key_usage,
    )
    assert found == ("issuer.path_length",)


def test_end_entity_cannot_be_its_own_issuer(issuer):
    name = certificate_builder.name(SUBJECT)
    tbs = certificate_builder.to_be_signed(
        template(issuer, issuer=name, authority_key_identifier=None)
    )
    assert lint(tbs, PROFILES["seal_signer"], None) == ("issuer.absent",)


def test_algorithm_must_be_that_of_the_profile(issuer):
    tbs = certificate_builder.to_be_signed(template(issuer))
    found = lint(tbs, PROFILES["pdf_signer_ecdsa"], issuer)
    assert found == ("certificate.malformed",)


def test_timestamp_profile_wants_its_purpose(issuer):
    assert codes(issuer, profile="timestamp") == ("extended_key_usage.not_as_profiled",)


def test_timestamp_purpose_must_be_critical(issuer):
    """RFC 3161, 2.3: the extension must be critical."""
    purpose = {"extended_key_usage": (oids.EKU_TIME_STAMPING,)}
    assert codes(issuer, profile="timestamp", **purpose) == (
        "extended_key_usage.critical_not_as_profiled",
    )
    assert codes(issuer, profile="timestamp", **purpose, extended_key_usage_critical=True) == ()
