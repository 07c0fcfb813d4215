"""Revocation lists: built and read back, OpenSSL's read, what must be refused."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import crl as other_reader
from asn1crypto import x509 as other_certificates
from hypothesis import given
from hypothesis import strategies as st

from sealkit.asn1 import der, encode
from sealkit.asn1.crl import Revocation, build_crl, parse_crl
from sealkit.asn1.x509 import parse_certificate, pem_to_certificates, pem_to_der
from sealkit.errors import InvalidSignatureError, MalformedError
from tests.sealkit.asn1.identities import AT, sm2_identity

CHAINS = Path(__file__).parents[2] / "vectors" / "sm2_chains"
REVOKED = {
    7: Revocation(AT - timedelta(days=1), 1),
    0x1122334455667788990011223344556601: Revocation(datetime(2051, 1, 1, tzinfo=UTC)),
}
ROOT = sm2_identity("测试根 CA")


def made(signer=ROOT, revoked=REVOKED):
    return build_crl(
        signer=signer,
        number=300,
        this_update=AT,
        next_update=AT + timedelta(days=7),
        revoked=revoked,
    )


CRL = made()


def test_list_is_read_back_as_built():
    read = parse_crl(CRL)
    read.verify_signed_by(parse_certificate(ROOT.certificate_der))
    assert read.number == 300
    assert read.this_update == AT
    assert read.next_update == AT + timedelta(days=7)
    assert dict(read.revoked) == REVOKED
    assert read.issuer_der == parse_certificate(ROOT.certificate_der).subject_der


def test_list_of_an_ecdsa_authority(ecdsa_root):
    read = parse_crl(made(ecdsa_root))
    read.verify_signed_by(parse_certificate(ecdsa_root.certificate_der))


def test_asn1crypto_reads_the_same():
    theirs = other_reader.CertificateList.load(CRL)
    issuer = other_certificates.Certificate.load(ROOT.certificate_der)
    assert theirs.crl_number_value.native == 300
    assert theirs.authority_key_identifier == issuer.key_identifier
    entries = theirs["tbs_cert_list"]["revoked_certificates"]
    assert [entry["user_certificate"].native for entry in entries] == sorted(REVOKED)
    assert entries[0].crl_reason_value.native == "key_compromise"
    assert entries[1].crl_reason_value is None


def test_list_of_nothing_has_no_entries_at_all():
    """RFC 5280, 5.1.2.6: when there are no revoked certificates, the list is absent."""
    empty = made(revoked={})
    assert dict(parse_crl(empty).revoked) == {}
    theirs = other_reader.CertificateList.load(empty)["tbs_cert_list"]
    assert theirs["revoked_certificates"].native is None


def test_list_signed_by_another_is_refused(sm2_signer):
    with pytest.raises(InvalidSignatureError):
        parse_crl(CRL).verify_signed_by(parse_certificate(sm2_signer.certificate_der))


@pytest.mark.parametrize(
    "file", sorted((CHAINS / "crls").glob("*.pem")), ids=lambda file: file.stem
)
def test_lists_made_by_openssl_are_read_as_asn1crypto_reads_them(file):
    encoded = pem_to_der(file.read_bytes(), "X509 CRL")
    ours = parse_crl(encoded)
    theirs = other_reader.CertificateList.load(encoded)
    listed = theirs["tbs_cert_list"]["revoked_certificates"]
    assert set(ours.revoked) == {entry["user_certificate"].native for entry in listed}
    assert ours.tbs == theirs["tbs_cert_list"].dump()
    assert ours.number == theirs.crl_number_value.native


def test_list_made_by_openssl_verifies():
    root = pem_to_certificates((CHAINS / "certs" / "root.pem").read_bytes())[0]
    found = parse_crl(pem_to_der((CHAINS / "crls" / "root_crl.pem").read_bytes(), "X509 CRL"))
    found.verify_signed_by(root)


def changed(old, new):
    """Return `CRL` with `old` in what was signed replaced and its lengths mended."""
    outer = der.parse(CRL).children()
    inner = outer.take().content
    assert inner.count(old) == 1
    rest = (element.der for element in outer)
    return encode.sequence(encode.sequence(inner.replace(old, new)), *rest)


VERSION = bytes.fromhex("020101300a06082a811ccf55018375")

MALFORMED = {
    "nothing": b"",
    "cut": CRL[:-1],
    "bytes after it": CRL + b"\0",
    "version 3": changed(VERSION, b"\x02\x01\x02" + VERSION[3:]),
    "two signature algorithms": changed(VERSION[-6:], b"\x1c\xcf\x55\x01\x83\x76"),
    "no issuer": changed(parse_crl(CRL).issuer_der, b""),
    "extension twice": changed(
        encode.sequence(encode.object_identifier("2.5.29.20"), encode.octet_string(b"\2\2\1\x2c")),
        2
        * encode.sequence(
            encode.object_identifier("2.5.29.20"), encode.octet_string(b"\2\2\1\x2c")
        ),
    ),
    "number that is no number": changed(b"\x04\x04\2\2\1\x2c", b"\x04\x04\4\2\1\x2c"),
}


@pytest.mark.parametrize("defect", MALFORMED)
def test_malformed_list_is_refused(defect):
    with pytest.raises(MalformedError):
        parse_crl(MALFORMED[defect])


@given(st.binary(max_size=400))
def test_any_bytes_give_a_list_or_malformed_error(foreign):
    try:
        parse_crl(foreign)
    except MalformedError:
        pass


@given(st.integers(0, len(CRL) - 1), st.binary(min_size=1, max_size=4))
def test_any_patch_gives_a_list_or_malformed_error(start, patch):
    try:
        parse_crl(CRL[:start] + patch + CRL[start + len(patch) :])
    except MalformedError:
        pass


POINT = "http://127.0.0.1/crl/sub_ca/3.crl"
DELTA = "http://127.0.0.1/crl/sub_ca/3.delta.crl"


def partition(**scope):
    revoked = {7: Revocation(AT, 1, AT - timedelta(days=3)), 8: Revocation(AT, 5)}
    return build_crl(
        signer=ROOT,
        number=301,
        this_update=AT,
        next_update=AT + timedelta(days=7),
        revoked=revoked,
        distribution_point=POINT,
        **scope,
    )


def test_invalidity_date_is_read_back_by_us_and_by_asn1crypto():
    read = parse_crl(partition())
    assert read.revoked[7].invalid_since == AT - timedelta(days=3)
    assert read.revoked[8].invalid_since is None
    entry = other_reader.CertificateList.load(read.der)["tbs_cert_list"]["revoked_certificates"][0]
    assert entry.invalidity_date_value.native == AT - timedelta(days=3)


def test_partition_names_its_distribution_point_critically():
    theirs = other_reader.CertificateList.load(partition(freshest_address=DELTA), strict=True)
    assert theirs.critical_extensions == {"issuing_distribution_point"}
    point = theirs.issuing_distribution_point_value["distribution_point"]
    assert point.chosen[0].native == POINT
    freshest = theirs.freshest_crl_value[0]["distribution_point"]
    assert freshest.chosen[0].native == DELTA
    assert theirs.delta_crl_indicator_value is None
    assert parse_crl(theirs.dump()).base_number is None


def test_delta_says_critically_what_it_adds_to():
    encoded = partition(base_number=299)
    assert parse_crl(encoded).base_number == 299
    theirs = other_reader.CertificateList.load(encoded, strict=True)
    assert theirs.critical_extensions == {"issuing_distribution_point", "delta_crl_indicator"}
    assert theirs.delta_crl_indicator_value.native == 299


def test_delta_of_a_number_that_is_none_is_malformed():
    indicator = encode.integer(299)
    assert indicator in partition(base_number=299)
    changed = partition(base_number=299).replace(indicator, b"\x04" + indicator[1:])
    with pytest.raises(MalformedError):
        parse_crl(changed)


@pytest.mark.peer
def test_openssl_reads_a_delta_of_a_partition(tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not installed")
    (tmp_path / "delta.crl").write_bytes(partition(base_number=299))
    done = subprocess.run(
        ["openssl", "crl", "-inform", "DER", "-in", "delta.crl", "-noout", "-text"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    for line in (
        "X509v3 Delta CRL Indicator: critical",
        "X509v3 Issuing Distribution Point: critical",
        f"URI:{POINT}",
        "Invalidity Date",
        "Key Compromise",
    ):
        assert line in done.stdout
