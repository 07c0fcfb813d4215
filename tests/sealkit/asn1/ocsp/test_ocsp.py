"""Status questions and answers: ours read by OpenSSL and asn1crypto, theirs read by us."""

import hashlib
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import ocsp as other_reader
from asn1crypto import pem
from hypothesis import given, settings
from hypothesis import strategies as st

from sealkit.asn1 import encode, ocsp
from sealkit.asn1.crl import Revocation
from sealkit.asn1.extensions import build_extension
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError
from tests.sealkit.asn1.identities import AT, NOT_BEFORE, sm2_identity
from tests.sealkit.asn1.surgery import all_paths, rebuilt

SIGNER_ID = "1234567812345678"
UNTIL = AT + timedelta(days=1)
ROOT = sm2_identity("测试根 CA")
RESPONDER = sm2_identity("测试状态应答", ROOT, purpose="ocsp_signing")
LEAF = sm2_identity("测试用印人", ROOT)
OTHER = sm2_identity("另一个根")
ISSUER = parse_certificate(ROOT.certificate_der)
SERIAL = parse_certificate(LEAF.certificate_der).serial
REVOKED = Revocation(AT - timedelta(days=2), 1, AT - timedelta(days=9))
NONCE = bytes(range(32))


def identifier(algorithm="sm3", serial=SERIAL, null_parameters=False):
    return ocsp.certificate_id(ISSUER, serial, algorithm, null_parameters=null_parameters)


def answered(status=ocsp.GOOD, *, signer=RESPONDER, nonce=None, asked=None):
    answers = [ocsp.Answer(asked or identifier(), status)]
    return ocsp.build_response(answers, signer=signer, at=AT, next_update=UNTIL, nonce=nonce)


def basic(response):
    return ocsp.parse_response(response).basic


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sm3"])
@pytest.mark.parametrize("null_parameters", [False, True])
def test_question_is_read_as_asked(algorithm, null_parameters):
    asked = identifier(algorithm, null_parameters=null_parameters)
    read = ocsp.parse_request(ocsp.build_request([asked], nonce=NONCE))
    assert read.nonce == NONCE
    assert not read.has_unknown_critical
    (found,) = read.certificates
    assert (found.der, found.algorithm, found.serial) == (asked, algorithm, SERIAL)
    assert (found.name_digest, found.key_digest) == ocsp.issuer_digests(ISSUER, algorithm)


def test_asn1crypto_reads_our_question():
    theirs = other_reader.OCSPRequest.load(ocsp.build_request([identifier("sha1")], nonce=NONCE))
    assert theirs.nonce_value.native == NONCE
    single = theirs["tbs_request"]["request_list"][0]["req_cert"]
    assert single["serial_number"].native == SERIAL
    assert single["issuer_name_hash"].native == hashlib.sha1(ISSUER.subject_der).digest()


@pytest.mark.parametrize("status", [ocsp.GOOD, ocsp.UNKNOWN, REVOKED, Revocation(AT)], ids=str)
def test_answer_is_read_back_as_given(status):
    read = basic(answered(status, nonce=NONCE))
    assert read.verify(ISSUER, at=AT).der == RESPONDER.certificate_der
    assert read.nonce == NONCE
    assert read.produced_at == AT
    (single,) = read.singles
    assert single.certificate.der == identifier()
    assert (single.this_update, single.next_update) == (AT, UNTIL)
    if isinstance(status, Revocation):
        assert (single.status, single.revoked_at) == ("revoked", status.at)
        assert single.reason == status.reason
    else:
        assert (single.status, single.revoked_at, single.reason) == (status, None, None)


def test_asn1crypto_reads_our_answer():
    theirs = other_reader.OCSPResponse.load(answered(REVOKED, nonce=NONCE), strict=True)
    assert theirs["response_status"].native == "successful"
    data = theirs.basic_ocsp_response["tbs_response_data"]
    assert data["responder_id"].name == "by_key"
    assert theirs.nonce_value.native == NONCE
    single = data["responses"][0]
    assert single["cert_status"].name == "revoked"
    assert single["cert_status"].chosen["revocation_reason"].native == "key_compromise"
    assert single["single_extensions"][0]["extn_id"].native == "invalidity_date"
    assert single["single_extensions"][0]["extn_value"].parsed.native == REVOKED.invalid_since
    embedded = theirs.basic_ocsp_response["certs"][0].dump()
    assert embedded == RESPONDER.certificate_der


def test_issuer_may_answer_itself():
    assert basic(answered(signer=ROOT)).verify(ISSUER, at=AT) == ISSUER


@pytest.mark.parametrize(
    "signer",
    [
        sm2_identity("没有用途", ROOT),
        sm2_identity("时间戳", ROOT, purpose="time_stamping"),
        sm2_identity("别家的应答", OTHER, purpose="ocsp_signing"),
        OTHER,
    ],
    ids=["without_purpose", "another_purpose", "of_another_issuer", "another_issuer"],
)
def test_answer_of_somebody_not_appointed_is_refused(signer):
    with pytest.raises(InvalidSignatureError):
        basic(answered(signer=signer)).verify(ISSUER, at=AT)


def test_answer_of_an_ended_responder_is_refused():
    with pytest.raises(InvalidSignatureError):
        basic(answered()).verify(ISSUER, at=NOT_BEFORE - timedelta(seconds=1))


def test_changed_answer_is_refused():
    changed = answered().replace(b"\x80\x00\x18", b"\x82\x00\x18")  # good to unknown
    assert basic(changed).singles[0].status == "unknown"
    with pytest.raises(InvalidSignatureError):
        basic(changed).verify(ISSUER, at=AT)


@pytest.mark.parametrize("length", [1, 32, 128])
def test_nonce_of_allowed_length_is_echoed(length):
    assert basic(answered(nonce=b"n" * length)).nonce == b"n" * length


@pytest.mark.parametrize("length", [0, 129])
def test_nonce_of_another_length_is_refused(length):
    with pytest.raises(ValueError, match="nonce"):
        ocsp.build_request([identifier()], nonce=b"n" * length)
    entry = build_extension("1.3.6.1.5.5.7.48.1.2", encode.octet_string(b"n" * length))
    singles = encode.sequence(encode.sequence(identifier()))
    asked = encode.sequence(encode.sequence(singles, encode.context(2, encode.sequence(entry))))
    with pytest.raises(MalformedError):
        ocsp.parse_request(asked)


def test_several_certificates_up_to_a_limit():
    many = [identifier(serial=number) for number in range(1, 33)]
    read = ocsp.parse_request(ocsp.build_request(many))
    assert [entry.serial for entry in read.certificates] == list(range(1, 33))
    with pytest.raises(ValueError, match="32"):
        ocsp.build_request([*many, identifier()])
    singles = [encode.sequence(entry) for entry in (*many, identifier())]
    with pytest.raises(MalformedError):
        ocsp.parse_request(encode.sequence(encode.sequence(encode.sequence(*singles))))


def test_unknown_critical_extension_is_noticed():
    entry = build_extension("1.2.3.4", b"\x05\x00", critical=True)
    singles = encode.sequence(encode.sequence(identifier()))
    asked = encode.sequence(encode.sequence(singles, encode.context(2, encode.sequence(entry))))
    assert ocsp.parse_request(asked).has_unknown_critical


@pytest.mark.parametrize("status", [entry for entry in ocsp.ResponseStatus if entry])
def test_refusal_is_read_back(status):
    assert ocsp.parse_response(ocsp.build_refusal(status)) == ocsp.OCSPResponse(status, None)
    theirs = other_reader.OCSPResponse.load(ocsp.build_refusal(status), strict=True)
    assert int(theirs["response_status"]) == status


def test_success_is_no_refusal():
    with pytest.raises(ValueError, match="successful"):
        ocsp.build_refusal(ocsp.ResponseStatus.SUCCESSFUL)


REQUEST = ocsp.build_request([identifier(), identifier("sha1", 7, True)], nonce=NONCE)
RESPONSE = answered(REVOKED, nonce=NONCE)


def read_response(foreign):
    response = ocsp.parse_response(foreign)
    if response.basic:
        response.basic.verify(ISSUER, at=AT)


def tried(reader, foreign):
    try:
        reader(foreign)
    except (MalformedError, InvalidSignatureError, UnsupportedError):
        return


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_value_or_malformed(foreign):
    for reader in (ocsp.parse_request, ocsp.parse_response):
        try:
            reader(foreign)
        except MalformedError:
            pass


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([REQUEST, RESPONSE]), st.data())
def test_a_changed_byte_gives_a_value_or_a_refusal(message, data):
    position = data.draw(st.integers(0, len(message) - 1))
    octet = data.draw(st.integers(0, 255))
    changed = message[:position] + bytes((octet,)) + message[position + 1 :]
    tried(ocsp.parse_request if message is REQUEST else read_response, changed)


@pytest.mark.parametrize("message", [REQUEST, RESPONSE], ids=["request", "response"])
def test_every_value_replaced_gives_a_value_or_a_refusal(message):
    reader = ocsp.parse_request if message is REQUEST else read_response
    for path, element in all_paths(message):
        for other in (b"", encode.null(), encode.sequence(), element + element):
            tried(
                reader, rebuilt(message, {path: lambda _was, other=other: other}) if path else other
            )


def test_oversized_messages_are_refused_unread():
    with pytest.raises(MalformedError):
        ocsp.parse_request(b"0" * (ocsp.MAX_REQUEST_BYTES + 1))
    with pytest.raises(MalformedError):
        ocsp.parse_response(b"0" * (ocsp.MAX_RESPONSE_BYTES + 1))


@pytest.fixture
def openssl(tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not installed")
    for name, content in (
        ("ca.pem", pem.armor("CERTIFICATE", ROOT.certificate_der)),
        ("ca.key", ROOT.private_pem()),
        ("leaf.pem", pem.armor("CERTIFICATE", LEAF.certificate_der)),
        ("responder.pem", pem.armor("CERTIFICATE", RESPONDER.certificate_der)),
        ("responder.key", RESPONDER.private_pem()),
    ):
        (tmp_path / name).write_bytes(content)

    def run(*arguments):
        return subprocess.run(
            ["openssl", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    run.directory = tmp_path
    return run


DECADES = "1000000000"
"""Seconds."""


@pytest.mark.peer
@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sm3"])
def test_question_of_openssl_is_answered_so_that_openssl_reads_it(openssl, algorithm):
    asked = ("ocsp", "-issuer", "ca.pem", f"-{algorithm}", "-cert", "leaf.pem")
    assert openssl(*asked, "-reqout", "q.der").returncode == 0
    request = ocsp.parse_request((openssl.directory / "q.der").read_bytes())
    assert request.certificates[0].algorithm == algorithm
    assert request.nonce
    response = answered(REVOKED, nonce=request.nonce, asked=request.certificates[0].der)
    (openssl.directory / "a.der").write_bytes(response)
    # The answer is of a fixed day; OpenSSL goes by its own clock.
    given = ("-reqin", "q.der", "-respin", "a.der", "-validity_period", DECADES)
    done = openssl(*asked, *given, "-noverify", "-resp_text")
    printed = done.stdout + done.stderr
    assert "leaf.pem: revoked" in printed
    assert "Reason: keyCompromise" in printed
    assert "Nonce" in printed
    assert "WARNING: no nonce" not in printed
    assert "Nonce Verify error" not in printed


@pytest.mark.peer
def test_openssl_verifies_the_signature_of_our_answer(openssl):
    read = basic(answered())
    for name, content in (("tbs", read.tbs), ("sig", read.signature)):
        (openssl.directory / name).write_bytes(content)
    openssl("x509", "-in", "responder.pem", "-pubkey", "-noout", "-out", "pub.pem")
    done = openssl(
        *("dgst", "-sm3", "-sigopt", f"distid:{SIGNER_ID}"),
        *("-verify", "pub.pem", "-signature", "sig", "tbs"),
    )
    assert done.stdout.strip() == "Verified OK"


@pytest.mark.peer
@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("V\t460101000000Z\t\t{serial}\tunknown\t/CN=x", "good"),
        ("R\t460101000000Z\t261101000000Z,keyCompromise\t{serial}\tunknown\t/CN=x", "revoked"),
        ("V\t460101000000Z\t\t01\tunknown\t/CN=x", "unknown"),
    ],
    ids=["good", "revoked", "unknown"],
)
def test_we_verify_the_answer_of_openssl(openssl, line, status):
    text = f"{SERIAL:X}"
    text = "0" * (len(text) % 2) + text
    (openssl.directory / "index.txt").write_text(line.format(serial=text) + "\n")
    (openssl.directory / "q.der").write_bytes(ocsp.build_request([identifier()], nonce=NONCE))
    done = openssl(
        *("ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", "responder.pem"),
        *("-rkey", "responder.key", "-rmd", "sm3", "-rsigopt", f"distid:{SIGNER_ID}"),
        *("-reqin", "q.der", "-respout", "a.der", "-ndays", "1"),
    )
    assert done.returncode == 0, done.stderr
    read = basic((openssl.directory / "a.der").read_bytes())
    assert read.verify(ISSUER, at=datetime.now(UTC)).der == RESPONDER.certificate_der
    assert read.nonce == NONCE
    assert read.singles[0].status == status
    assert read.singles[0].certificate.serial == SERIAL
    if status == "revoked":
        assert read.singles[0].reason == 1
        assert read.singles[0].revoked_at == datetime(2026, 11, 1, tzinfo=UTC)
