"""Prepare, lint, issue: what was checked is what is signed, once, by the right key."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from ca import authority
from ca.errors import KeyMismatchError, LintError, UsedTokenError
from ca.keystore import SM2Signer
from ca.profiles import PROFILES
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import InvalidSignatureError
from sealkit.sm.sm2 import SM2PrivateKey

START = datetime(2026, 6, 1, tzinfo=UTC)
SUBJECT = {"C": "CN", "O": "示例市民政局", "CN": "婚姻登记专用章"}
KEY = SM2PrivateKey.generate()


class CountingSigner:
    """Counts how often the key is used."""

    def __init__(self, signer):
        self._signer = signer
        self.algorithm = signer.algorithm
        self.certificate_der = signer.certificate_der
        self.uses = 0

    def sign(self, message):
        self.uses += 1
        return self._signer.sign(message)


@pytest.fixture
def sub_ca(keystore):
    return CountingSigner(keystore.signer("sub_ca"))


def prepared(issuer_der, profile="seal_signer", **changes):
    arguments = {
        "subject": SUBJECT,
        "spki": KEY.public_key.spki,
        "issuer": parse_certificate(issuer_der) if issuer_der else None,
        "not_before": START,
        "not_after": START + timedelta(days=365),
        "serial": authority.new_serial(),
    }
    return authority.prepare(PROFILES[profile], **(arguments | changes))


def test_issued_certificate_is_what_was_prepared(sub_ca):
    token = prepared(sub_ca.certificate_der, crl_address="http://ca.example.cn/crl/sub_ca.crl")
    assert sub_ca.uses == 0
    certificate = authority.issue(token, sub_ca)
    assert certificate.tbs == token.tbs
    assert certificate.subject == "C=CN,O=示例市民政局,CN=婚姻登记专用章"
    assert certificate.key_usage == {"digital_signature", "non_repudiation"}
    certificate.verify_signed_by(parse_certificate(sub_ca.certificate_der))
    assert sub_ca.uses == 1


def test_refused_certificate_does_not_reach_the_key(sub_ca):
    with pytest.raises(LintError) as raised:
        prepared(sub_ca.certificate_der, serial=1, subject={"CN": "x"})
    assert raised.value.codes == ("serial.too_short", "subject.country", "subject.organisation")
    assert raised.value.code == "ca.lint"
    assert sub_ca.uses == 0


def test_token_is_good_once(sub_ca):
    token = prepared(sub_ca.certificate_der)
    authority.issue(token, sub_ca)
    with pytest.raises(UsedTokenError):
        authority.issue(token, sub_ca)
    assert sub_ca.uses == 1


def test_token_is_good_once_for_many_threads(sub_ca):
    token = prepared(sub_ca.certificate_der)

    def attempt(_number):
        try:
            return authority.issue(token, sub_ca)
        except UsedTokenError:
            return None

    with ThreadPoolExecutor(8) as pool:
        issued = [certificate for certificate in pool.map(attempt, range(32)) if certificate]
    assert len(issued) == sub_ca.uses == 1


def test_token_of_one_authority_is_not_signed_by_another(keystore, sub_ca):
    token = prepared(sub_ca.certificate_der)
    with pytest.raises(KeyMismatchError):
        authority.issue(token, keystore.signer("root"))
    authority.issue(token, sub_ca)  # the refusal has not used it up


def test_sm2_authority_does_not_sign_an_ecdsa_profile(keystore, sub_ca):
    spki = keystore.certificate("pdf_signer_ecdsa").spki
    token = prepared(sub_ca.certificate_der, "pdf_signer_ecdsa", spki=spki)
    with pytest.raises(KeyMismatchError):
        authority.issue(token, sub_ca)
    assert sub_ca.uses == 0


class SelfSigner:
    """A root's key before the root has a certificate."""

    algorithm = "sm2-sm3"
    certificate_der = b""

    def __init__(self, key):
        self._key = key

    def sign(self, message):
        return self._key.sign(message)


def test_root_signs_itself_and_then_a_sub_ca():
    token = prepared(None, "root", not_after=START + timedelta(days=365 * 20))
    root = authority.issue(token, SelfSigner(KEY))
    root.verify_signed_by(root)
    assert root.is_ca
    assert root.path_length is None
    assert root.authority_key_identifier is None
    below = SM2PrivateKey.generate()
    token = prepared(root.der, "sub_ca", spki=below.public_key.spki)
    sub = authority.issue(token, SM2Signer(KEY, root))
    sub.verify_signed_by(root)
    assert sub.path_length == 0
    assert sub.authority_key_identifier == root.subject_key_identifier


def test_root_signed_by_another_key_never_leaves():
    token = prepared(None, "root")
    with pytest.raises(InvalidSignatureError):
        authority.issue(token, SelfSigner(SM2PrivateKey.generate()))


def test_serial_numbers_are_long_random_and_fit_twenty_octets():
    serials = {authority.new_serial() for _ in range(2000)}
    assert len(serials) == 2000
    assert {serial.bit_length() for serial in serials} == {152}
    ones = sum(serial.bit_count() for serial in serials) / (2000 * 152)
    assert 0.49 < ones < 0.52


def test_key_identifier_is_sha1_of_the_point(keystore):
    """The one that OpenSSL computes; fixed by the published minimal certificate."""
    spki = bytes.fromhex(
        "3059301306072a8648ce3d020106082a811ccf5501822d034200"
        "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    )
    assert authority.key_identifier(spki).hex() == "f9e251614c2f0e9e80913ffda308e47c01a241b4"


def test_the_certificate_handed_out_reads_the_same_from_its_bytes(keystore, at):
    """It was read before it was signed, so nothing may differ when others read it."""
    issuer, spki = keystore.certificate("sub_ca"), SM2PrivateKey.generate().public_key.spki
    prepared = authority.prepare(
        PROFILES["receipt"],
        subject={"C": "CN", "O": "示例局", "CN": "核验凭据"},
        spki=spki,
        issuer=issuer,
        not_before=at.replace(microsecond=0),
        not_after=at.replace(microsecond=0) + timedelta(days=30),
        serial=authority.new_serial(),
    )
    issued = authority.issue(prepared, keystore.signer("sub_ca"))
    assert parse_certificate(issued.der) == issued
