"""What certificates say of their holders: what we build reads back, all else is refused."""

import ipaddress

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from sealkit import oids
from sealkit.asn1 import certificate_builder, der, encode
from sealkit.asn1.extensions import Extension, read_extensions
from sealkit.asn1.particulars import (
    NOTHING_MORE,
    Particulars,
    distribution_points,
    extensions,
    read_particulars,
)
from sealkit.errors import MalformedError

REGION = certificate_builder.name({"C": "CN", "O": "广东省政务电子证照信任服务"})
EVERYTHING = Particulars(
    dns_names=("gateway.example.cn", "gateway.example.com"),
    ip_addresses=("10.1.2.3", "2001:db8::1"),
    permitted_names=(REGION,),
    policies=("1.2.156.10197.6", "2.5.29.32.0"),
    organisation_code="91650100MA7DEM016D",
    crl_addresses=("http://a.example.cn/1.crl", "https://b.example.cn/1.crl"),
)
OIDS = (
    oids.SUBJECT_ALTERNATIVE_NAME,
    oids.NAME_CONSTRAINTS,
    oids.CERTIFICATE_POLICIES,
    oids.ORGANISATION_CODE,
    oids.CRL_DISTRIBUTION_POINTS,
)


def written(particulars):
    points = distribution_points(particulars.crl_addresses)
    built = [*extensions(particulars), points]
    return read_extensions(der.parse(encode.sequence(*built), der.SEQUENCE).children())


def test_what_was_built_reads_back():
    assert read_particulars(written(EVERYTHING)) == EVERYTHING


def test_nothing_is_written_for_nothing():
    assert extensions(NOTHING_MORE) == []
    assert read_particulars([]) == NOTHING_MORE


def test_only_name_constraints_are_critical():
    critical = {extension.oid for extension in written(EVERYTHING) if extension.critical}
    assert critical == {oids.NAME_CONSTRAINTS}


def test_cryptography_reads_the_same():
    values = {extension.oid: extension.value for extension in written(EVERYTHING)}
    built = x509.SubjectAlternativeName(
        [
            *(x509.DNSName(name) for name in EVERYTHING.dns_names),
            *(x509.IPAddress(ipaddress.ip_address(at)) for at in EVERYTHING.ip_addresses),
        ]
    )
    assert built.public_bytes() == values[oids.SUBJECT_ALTERNATIVE_NAME]
    attributes = [
        x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "广东省政务电子证照信任服务"),
    ]
    constraints = x509.NameConstraints([x509.DirectoryName(x509.Name(attributes))], None)
    assert constraints.public_bytes() == values[oids.NAME_CONSTRAINTS]
    policies = [
        x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in EVERYTHING.policies
    ]
    assert x509.CertificatePolicies(policies).public_bytes() == values[oids.CERTIFICATE_POLICIES]
    points = [
        x509.DistributionPoint([x509.UniformResourceIdentifier(at)], None, None, None)
        for at in EVERYTHING.crl_addresses
    ]
    assert (
        x509.CRLDistributionPoints(points).public_bytes() == (values[oids.CRL_DISTRIBUTION_POINTS])
    )


@pytest.mark.parametrize("oid", OIDS)
@given(value=st.binary(max_size=64))
def test_any_bytes_are_a_value_or_malformed(oid, value):
    try:
        read_particulars([Extension(oid, False, value)])
    except MalformedError:
        return


@pytest.mark.parametrize("place", range(len(OIDS)))
@given(at=st.integers(0, 200), octet=st.integers(0, 255))
def test_one_changed_octet_is_a_value_or_malformed(place, at, octet):
    extension = written(EVERYTHING)[place]
    value = bytearray(extension.value)
    value[at % len(value)] = octet
    try:
        read_particulars([Extension(extension.oid, extension.critical, bytes(value))])
    except MalformedError:
        return


@pytest.mark.parametrize(
    ("oid", "value"),
    [
        (oids.SUBJECT_ALTERNATIVE_NAME, encode.sequence()),
        (oids.SUBJECT_ALTERNATIVE_NAME, encode.sequence(encode.value(0x87, bytes(5)))),
        (oids.SUBJECT_ALTERNATIVE_NAME, encode.sequence(encode.value(0x81, b"a@b"))),
        (oids.SUBJECT_ALTERNATIVE_NAME, encode.sequence(encode.value(0x82, b"\xe5"))),
        (oids.NAME_CONSTRAINTS, encode.sequence(encode.context(0))),
        (oids.NAME_CONSTRAINTS, encode.sequence(encode.context(1))),
        (oids.CERTIFICATE_POLICIES, encode.sequence()),
        (oids.ORGANISATION_CODE, encode.utf8_string("91650100MA7DEM016D")),
    ],
)
def test_forms_that_we_do_not_build_are_refused(oid, value):
    with pytest.raises(MalformedError):
        read_particulars([Extension(oid, False, value)])
