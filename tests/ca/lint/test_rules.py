"""Each rule of the linter, broken alone: nothing is signed and the code says why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ca.authority import key_identifier, new_serial
from ca.errors import LintError, _rules
from ca.lint import RULES, lint
from ca.profiles import PROFILES
from sealkit import oids
from sealkit.asn1 import certificate_builder, der, encode
from sealkit.asn1.certificate_builder import CertificateTemplate
from sealkit.asn1.extensions import build_extension
from sealkit.asn1.particulars import Particulars
from sealkit.asn1.x509 import BASIC_CONSTRAINTS, KEY_USAGE, SUBJECT_KEY_IDENTIFIER
from sealkit.sm.sm2 import SM2PrivateKey

SUBJECT = {"C": "CN", "O": "示例市市场监督管理局", "CN": "电子证照专用章"}
SPKI = SM2PrivateKey.generate().public_key.spki
P256_SPKI = (
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)
START = datetime(2026, 6, 1, tzinfo=UTC)


SUBJECT_SETS = [
    element.der for element in der.parse(certificate_builder.name(SUBJECT), der.SEQUENCE).children()
]


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
    "subject.form": {"subject": encode.sequence(*reversed(SUBJECT_SETS))},
    "subject.too_long": {"subject": certificate_builder.name(SUBJECT | {"OU": "局" * 65})},
    "subject.personal_number": {
        "subject": certificate_builder.name(SUBJECT | {"OU": "张三11010519491231002X"})
    },
    "alternative_names.not_as_profiled": {
        "particulars": Particulars(dns_names=("gateway.example.cn",))
    },
    "name_constraints.not_as_profiled": {
        "particulars": Particulars(permitted_names=(certificate_builder.name(SUBJECT),))
    },
    "distribution_point.address": {
        "particulars": Particulars(crl_addresses=("ldap://crl.example.cn/a",))
    },
    "policies.twice": {"particulars": Particulars(policies=("1.2.156.1", "1.2.156.1"))},
    "organisation_code.check": {"particulars": Particulars(organisation_code="91650100MA7DEM016C")},
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


def altered(tbs, oid, extension):
    """Return `tbs` with the extension `oid` exchanged for another, or added."""
    members = [element.der for element in der.parse(tbs, der.SEQUENCE).children()]
    wrapped = der.parse(members.pop()).children().take(der.SEQUENCE)
    kept = [
        element.der
        for element in wrapped.children()
        if element.children().object_identifier() != oid
    ]
    return encode.sequence(*members, encode.context(3, encode.sequence(*kept, extension)))


ALTERED = {
    "key_usage.not_critical": (KEY_USAGE, encode.named_bits(0, 1), False),
    "basic_constraints.empty": (BASIC_CONSTRAINTS, encode.sequence(), True),
    "extension.unknown": ("1.2.3.4", encode.null(), False),
    "extension.critical": (SUBJECT_KEY_IDENTIFIER, encode.octet_string(bytes(20)), True),
    "ocsp_no_check.not_as_profiled": (oids.OCSP_NO_CHECK, encode.null(), False),
}


@pytest.mark.parametrize("code", ALTERED)
def test_one_altered_extension_gives_its_code_alone(issuer, code):
    oid, value, critical = ALTERED[code]
    tbs = certificate_builder.to_be_signed(template(issuer))
    changed = altered(tbs, oid, build_extension(oid, value, critical=critical))
    assert lint(changed, PROFILES["seal_signer"], issuer) == (code,)


@pytest.fixture
def cross(keystore):
    """What a cross-certificate under the root is made from."""
    return {
        "is_ca": True,
        "path_length": 0,
        "key_usage": PROFILES["cross_ca"].key_usage,
        "particulars": Particulars(permitted_names=(certificate_builder.name(SUBJECT),)),
    }


def test_cross_certificate_as_profiled_breaks_no_rule(keystore, cross):
    assert codes(keystore.certificate("root"), profile="cross_ca", **cross) == ()


def test_constraints_of_an_authority_must_be_critical(keystore, cross):
    root = keystore.certificate("root")
    tbs = certificate_builder.to_be_signed(template(root, **cross))
    subtree = encode.sequence(encode.value(0xA4, certificate_builder.name(SUBJECT)))
    value = encode.sequence(encode.context(0, subtree))
    constraints = build_extension(oids.NAME_CONSTRAINTS, value)
    found = lint(altered(tbs, oids.NAME_CONSTRAINTS, constraints), PROFILES["cross_ca"], root)
    assert found == ("name_constraints.not_critical",)
    value = encode.sequence(encode.boolean(True), encode.integer(0))
    unmarked = build_extension(BASIC_CONSTRAINTS, value)
    found = lint(altered(tbs, BASIC_CONSTRAINTS, unmarked), PROFILES["cross_ca"], root)
    assert found == ("basic_constraints.not_critical",)


def test_hosts_are_plain_names_in_lower_case(issuer):
    profile = PROFILES["gateway_tls"]
    gateway = {
        "profile": "gateway_tls",
        "key_usage": profile.key_usage,
        "extended_key_usage": profile.extended_key_usage,
    }
    good = Particulars(dns_names=("gateway.example.cn",), ip_addresses=("10.1.2.3", "::1"))
    assert codes(issuer, **gateway, particulars=good) == ()
    assert codes(issuer, **gateway) == ("alternative_names.not_as_profiled",)
    for name in (
        "*.example.cn",
        "Gateway.example.cn",
        "gateway",
        "a..cn",
        "-a.cn",
        "a" * 64 + ".cn",
    ):
        found = codes(issuer, **gateway, particulars=Particulars(dns_names=(name,)))
        assert found == ("alternative_names.host",), name


def test_key_of_the_authority_is_not_certified_for_somebody_else(issuer):
    changes = {"spki": issuer.spki, "subject_key_identifier": key_identifier(issuer.spki)}
    assert codes(issuer, **changes) == ("key.of_authority",)


def rebuilt(tbs, place, member):
    members = [element.der for element in der.parse(tbs, der.SEQUENCE).children()]
    members[place : place + 1] = member
    return encode.sequence(*members)


def test_sm2_algorithm_has_no_parameters(issuer):
    """NULL is met in the field, and read; we never write it."""
    tbs = certificate_builder.to_be_signed(template(issuer))
    null = encode.sequence(encode.object_identifier(oids.SM2_WITH_SM3), encode.null())
    found = lint(rebuilt(tbs, 2, [null]), PROFILES["seal_signer"], issuer)
    # What stands outside is written without parameters, so both differ and nobody reads it.
    assert found == ("certificate.malformed",)


def test_unique_identifiers_are_never_written(issuer):
    tbs = certificate_builder.to_be_signed(template(issuer))
    identifier = encode.value(0x81, bytes(2))
    spki = template(issuer).spki
    found = lint(rebuilt(tbs, 6, [spki, identifier]), PROFILES["seal_signer"], issuer)
    assert found == ("unique_identifier.present",)


def test_years_through_2049_are_written_in_the_short_form(issuer):
    long_form = encode.sequence(
        encode.generalized_time(START), encode.time(START + timedelta(days=365))
    )
    tbs = certificate_builder.to_be_signed(template(issuer))
    found = lint(rebuilt(tbs, 4, [long_form]), PROFILES["seal_signer"], issuer)
    assert found == ("validity.encoding",)


def test_country_in_other_characters_is_no_form_of_ours(issuer):
    country = encode.sequence(encode.object_identifier("2.5.4.6"), encode.utf8_string("中"))
    name = encode.sequence(encode.set_of(country), *SUBJECT_SETS[1:])
    assert codes(issuer, subject=name) == ("subject.country", "subject.form")


def test_times_have_no_fraction(issuer):
    fraction = encode.generalized_time(START.replace(microsecond=500_000), fraction=True)
    times = encode.sequence(fraction, encode.time(START + timedelta(days=365)))
    tbs = certificate_builder.to_be_signed(template(issuer))
    found = lint(rebuilt(tbs, 4, [times]), PROFILES["seal_signer"], issuer)
    assert found == ("validity.encoding",)


def test_every_rule_has_a_code_of_its_own_and_tells_its_source():
    codes = [rule.code for rule in RULES]
    assert len(set(codes)) == len(codes)
    assert all(rule.is_broken.__doc__ for rule in RULES)


def test_every_rule_is_explained_in_both_languages():
    codes = {rule.code for rule in RULES} | {"certificate.malformed"}
    for problem in LintError(tuple(codes)).problems:
        assert problem.zh.strip()
        assert not problem.zh.isascii()
        assert problem.en.isascii()
    assert set(_rules()) == codes


BROKEN_ALONE_ELSEWHERE = {
    "validity.beyond_issuer",
    "validity.encoding",
    "extended_key_usage.critical_not_as_profiled",
    "basic_constraints.not_critical",
    "alternative_names.host",
    "name_constraints.not_critical",
    "key.of_authority",
    "unique_identifier.present",
    "issuer.absent",
    "issuer.not_a_ca",
    "issuer.path_length",
}


def test_every_rule_is_broken_alone_somewhere_in_this_file():
    assert {rule.code for rule in RULES} == BROKEN_ALONE_ELSEWHERE | DEFECTS.keys() | ALTERED.keys()
