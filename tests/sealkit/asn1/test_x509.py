"""Certificates read: the published minimal one, OpenSSL's, and what must be refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import x509 as other_reader
from hypothesis import given
from hypothesis import strategies as st

from sealkit import oids
from sealkit.asn1 import certificate_builder, encode, x509
from sealkit.asn1.certificate_builder import CertificateTemplate
from sealkit.asn1.x509 import parse_certificate, pem_to_certificates, pem_to_der, to_pem
from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError
from tests.sealkit.asn1.identities import NOT_AFTER, NOT_BEFORE

VECTORS = Path(__file__).parents[2] / "vectors"
MINIMAL = VECTORS / "sm2_minimal_certificate"
CHAIN_CERTIFICATES = sorted((VECTORS / "sm2_chains" / "certs").glob("*.pem"))

TBS = bytes.fromhex((MINIMAL / "tbs.hex").read_text())
SIGNATURE = bytes.fromhex((MINIMAL / "signature.hex").read_text())
CERTIFICATE = certificate_builder.assemble(TBS, oids.SM2_WITH_SM3, SIGNATURE)


class FixedSigner:
    """Gives the published signature, made with a published nonce."""

    algorithm = "sm2-sm3"
    certificate_der = CERTIFICATE

    def sign(self, message):
        assert message == TBS
        return SIGNATURE


def template(**changes):
    minimal = parse_certificate(CERTIFICATE)
    name = certificate_builder.name({"CN": "测试根CA", "C": "CN"})
    return replace(
        CertificateTemplate(
            serial=0x1122334455667788990011223344556601,
            issuer=name,
            subject=name,
            not_before=datetime(2026, 1, 1, tzinfo=UTC),
            not_after=datetime(2056, 1, 1, tzinfo=UTC),
            spki=minimal.spki,
            key_usage=("key_cert_sign", "crl_sign"),
            subject_key_identifier=bytes.fromhex("f9e251614c2f0e9e80913ffda308e47c01a241b4"),
            is_ca=True,
        ),
        **changes,
    )


def certificate_of(**changes):
    tbs = certificate_builder.to_be_signed(template(**changes))
    return certificate_builder.assemble(tbs, oids.SM2_WITH_SM3, SIGNATURE)


def test_published_minimal_certificate_verifies():
    minimal = parse_certificate(CERTIFICATE)
    minimal.verify_signed_by(minimal)
    assert minimal.tbs == TBS
    assert minimal.serial == 0x1122334455667788990011223344556601
    assert minimal.subject == minimal.issuer == "C=CN,CN=测试根CA"
    assert minimal.common_name == "测试根CA"
    assert minimal.is_ca
    assert minimal.is_self_issued
    assert minimal.path_length is None
    assert minimal.key_usage == {"key_cert_sign", "crl_sign"}
    assert minimal.extended_key_usage == frozenset()
    assert minimal.authority_key_identifier is None
    assert minimal.not_after == datetime(2056, 1, 1, tzinfo=UTC)


def test_published_minimal_certificate_is_built_byte_for_byte():
    built = certificate_builder.to_be_signed(template())
    assert built == TBS
    signature = FixedSigner().sign(built)
    assert certificate_builder.assemble(built, oids.SM2_WITH_SM3, signature) == CERTIFICATE


def test_one_changed_bit_breaks_the_signature():
    changed = TBS.replace("测试".encode(), "测验".encode())
    forged = certificate_builder.assemble(changed, oids.SM2_WITH_SM3, SIGNATURE)
    with pytest.raises(InvalidSignatureError):
        parse_certificate(forged).verify_signed_by(parse_certificate(CERTIFICATE))


def test_signature_of_another_key_kind_is_refused(sm2_signer, ecdsa_root, ecdsa_signer):
    sm2_leaf = parse_certificate(sm2_signer.certificate_der)
    ecdsa_leaf = parse_certificate(ecdsa_signer.certificate_der)
    root = parse_certificate(ecdsa_root.certificate_der)
    ecdsa_leaf.verify_signed_by(root)
    with pytest.raises(InvalidSignatureError):
        sm2_leaf.verify_signed_by(root)
    with pytest.raises(InvalidSignatureError):
        ecdsa_leaf.verify_signed_by(sm2_leaf)


def test_ecdsa_certificate_has_no_sm2_key(ecdsa_signer):
    with pytest.raises(UnsupportedError):
        parse_certificate(ecdsa_signer.certificate_der).sm2_key  # noqa: B018


@pytest.mark.parametrize("file", CHAIN_CERTIFICATES, ids=lambda file: file.stem)
def test_certificates_made_by_openssl_are_read_as_asn1crypto_reads_them(file):
    ours = pem_to_certificates(file.read_bytes())[0]
    theirs = other_reader.Certificate.load(ours.der)
    assert ours.serial == theirs.serial_number
    assert ours.subject_der == theirs.subject.dump()
    assert ours.not_before == theirs.not_valid_before
    assert ours.not_after == theirs.not_valid_after
    assert ours.tbs == theirs["tbs_certificate"].dump()
    assert ours.is_ca == bool(theirs.ca)
    assert ours.subject_key_identifier == theirs.key_identifier
    assert ours.authority_key_identifier == theirs.authority_key_identifier
    assert ours.path_length == (theirs.max_path_length if ours.is_ca else None)
    names = theirs.key_usage_value.native if theirs.key_usage_value else set()
    assert ours.key_usage == names


def test_end_entity_carries_everything_the_builder_was_given():
    issuer = certificate_builder.name({"C": "CN", "O": "签发机构", "CN": "签发"})
    leaf = parse_certificate(
        certificate_of(
            issuer=issuer,
            is_ca=False,
            key_usage=("digital_signature", "non_repudiation"),
            authority_key_identifier=b"\x01" * 20,
            extended_key_usage=(oids.EKU_TIME_STAMPING,),
            extended_key_usage_critical=True,
            crl_address="http://crl.example.cn/sub_ca.crl",
        )
    )
    assert leaf.issuer == "C=CN,O=签发机构,CN=签发"
    assert not leaf.is_ca
    assert leaf.extension(x509.BASIC_CONSTRAINTS) is None
    assert leaf.extended_key_usage == {oids.EKU_TIME_STAMPING}
    assert leaf.extension(x509.EXTENDED_KEY_USAGE).critical
    assert leaf.authority_key_identifier == b"\x01" * 20
    theirs = other_reader.Certificate.load(leaf.der)
    assert theirs.crl_distribution_points[0].url == "http://crl.example.cn/sub_ca.crl"


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        (NOT_BEFORE - timedelta(seconds=1), False),
        (NOT_BEFORE, True),
        (NOT_AFTER, True),
        (NOT_AFTER + timedelta(seconds=1), False),
    ],
)
def test_validity_includes_both_ends(at, inside):
    certificate = parse_certificate(certificate_of(not_after=NOT_AFTER))
    assert certificate.valid_at(at) is inside


def replaced(old, new):
    """Return the minimal certificate with `old` replaced and every length mended."""
    assert TBS.count(old) == 1
    inner = TBS[4:].replace(old, new)
    return certificate_builder.assemble(encode.sequence(inner), oids.SM2_WITH_SM3, SIGNATURE)


MALFORMED = {
    "nothing": b"",
    "cut": CERTIFICATE[:-1],
    "bytes after it": CERTIFICATE + b"\0",
    "version 1": replaced(bytes.fromhex("a003020102"), b""),
    "version 2": replaced(bytes.fromhex("a003020102"), bytes.fromhex("a003020101")),
    "two signature algorithms": certificate_builder.assemble(
        TBS, oids.ECDSA_WITH_SHA256, SIGNATURE
    ),
    "key off the curve": CERTIFICATE.replace(bytes.fromhex("09f9df31"), bytes.fromhex("09f9df32")),
    "extension twice": replaced(
        TBS[-0x44:],
        encode.context(3, encode.sequence(2 * bytes.fromhex("300e0603551d0f0101ff040403020106"))),
    ),
    "signature of 2 KiB": encode.sequence(
        TBS, encode.algorithm(oids.SM2_WITH_SM3), encode.bit_string(bytes(2048))
    ),
    "extension outside its wrapper": replaced(TBS[-0x44:], b"\x05\x00"),
    "critical FALSE spelt 01": replaced(
        bytes.fromhex("0101ff040530030101ff"), bytes.fromhex("010101040530030101ff")
    ),
    "serial not minimal": replaced(bytes.fromhex("021111223344"), bytes.fromhex("02120011223344")),
    "UTCTime without seconds": replaced(
        bytes.fromhex("170d3236303130313030303030305a"), bytes.fromhex("170b323630313031303030305a")
    ),
    "three times": replaced(
        bytes.fromhex("3020170d"), bytes.fromhex("302f170d3236303130313030303030305a170d")
    ),
    "signature with unused bits": CERTIFICATE.replace(
        bytes.fromhex("03490030"), bytes.fromhex("03490130")
    ),
    "name of numbers": certificate_of(issuer=encode.sequence(encode.integer(1))),
    "name without a type": certificate_of(
        subject=encode.sequence(encode.set_of(encode.sequence(encode.integer(1))))
    ),
}


@pytest.mark.parametrize("defect", MALFORMED)
def test_malformed_certificate_is_refused(defect):
    with pytest.raises(MalformedError):
        parse_certificate(MALFORMED[defect])


def test_certificate_without_extensions_may_do_nothing():
    bare = parse_certificate(replaced(TBS[-0x44:], b""))
    assert bare.extensions == ()
    assert not bare.is_ca
    assert bare.key_usage == frozenset()
    assert bare.subject_key_identifier is None


def test_null_parameters_of_some_software_are_read():
    """The fact sheet: NULL exists in the field; accepted when inner and outer agree."""
    absent, null = (
        bytes.fromhex("300a06082a811ccf55018375"),
        bytes.fromhex("300c06082a811ccf550183750500"),
    )
    tbs = encode.sequence(TBS[4:].replace(absent, null))
    certificate = encode.sequence(tbs, null, CERTIFICATE[4 + len(TBS) + len(absent) :])
    assert parse_certificate(certificate).signature_algorithm == oids.SM2_WITH_SM3


@given(st.binary(max_size=600))
def test_any_bytes_give_a_certificate_or_malformed_error(foreign):
    try:
        parse_certificate(foreign)
    except MalformedError:
        pass


@given(st.integers(0, len(CERTIFICATE) - 1), st.binary(min_size=1, max_size=4))
def test_any_patch_gives_a_certificate_or_malformed_error(start, patch):
    foreign = CERTIFICATE[:start] + patch + CERTIFICATE[start + len(patch) :]
    try:
        read = parse_certificate(foreign)
    except MalformedError:
        return
    # Whatever was read can be asked everything without another kind of error.
    assert isinstance(read.subject + read.issuer, str)
    assert read.fingerprint


def test_pem_holds_several_certificates_and_text():
    block = to_pem(CERTIFICATE, "CERTIFICATE")
    pem = b"subject=/CN=x\n" + block + b"\n" + to_pem(b"key", "PRIVATE KEY") + block
    assert [found.der for found in pem_to_certificates(pem)] == [CERTIFICATE, CERTIFICATE]
    assert pem_to_der(pem, "PRIVATE KEY") == b"key"


@pytest.mark.parametrize(
    "pem",
    [
        to_pem(b"no certificate", "CERTIFICATE"),
        to_pem(CERTIFICATE + b"\0", "CERTIFICATE"),
        b"-----BEGIN CERTIFICATE-----\nA=B\n-----END CERTIFICATE-----\n",
        to_pem(CERTIFICATE, "CERTIFICATE") * (x509.MAX_PEM_CERTIFICATES + 1),
    ],
    ids=["other bytes", "bytes after it", "no base64", "too many"],
)
def test_pem_that_is_not_of_certificates_is_refused(pem):
    with pytest.raises(MalformedError):
        pem_to_certificates(pem)


def test_pem_without_the_block_asked_for_is_refused():
    with pytest.raises(MalformedError):
        pem_to_der(to_pem(CERTIFICATE, "CERTIFICATE"), "PRIVATE KEY")


@given(st.binary(max_size=300))
def test_any_bytes_in_pem_give_certificates_or_malformed_error(foreign):
    for pem in (foreign, to_pem(foreign, "CERTIFICATE")):
        try:
            pem_to_certificates(pem)
        except MalformedError:
            pass
