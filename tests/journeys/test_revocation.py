"""A certificate is good, is revoked, and is revoked everywhere: OCSP at once, lists as built."""

import base64
import shutil
import subprocess
import urllib.error
import urllib.request
from urllib.parse import quote

import pytest

from ca import authority, register, repository
from sealkit.asn1 import ocsp
from sealkit.asn1.crl import parse_crl
from sealkit.asn1.x509 import to_pem
from sealkit.sm.sm2 import SM2PrivateKey
from yinxin.audit import find_fault

ASK = {"Content-Type": "application/ocsp-request"}
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture
def operator(home):
    return home.client("ca-operator")


@pytest.fixture
def serial(home):
    """A certificate that the register issued just now, with answers signed in advance."""
    context = home.context
    issuer = context.keystore.certificate("sub_ca")
    at = context.now()
    with context.database.writing() as session:
        planned = register.plan(
            session,
            authority_name="sub_ca",
            issuer=issuer,
            purpose="receipt",
            subject={"C": "CN", "O": "旅程试验机构", "CN": "旅程试验"},
            spki=SM2PrivateKey.generate().public_key.spki,
            not_before=at.replace(microsecond=0),
            not_after=at.replace(microsecond=0, year=at.year + 1),
            at=at,
        )
    with context.database.writing() as session:
        register.sign_planned(
            session,
            authority_name="sub_ca",
            serial=planned,
            signer=context.keystore.signer("sub_ca"),
            at=at,
        )
    context.revocation.presign()
    return planned


def single(home, response, *, nonce=None):
    """Return what a signed answer says, its signature checked against the authority."""
    basic = ocsp.parse_response(response).basic
    issuer = home.context.keystore.certificate("sub_ca")
    basic.verify(issuer, at=home.context.now())
    assert basic.nonce == nonce
    return basic.singles[0]


def question(home, serial, **options):
    issuer = home.context.keystore.certificate("sub_ca")
    return ocsp.build_request([ocsp.certificate_id(issuer, serial)], **options)


def posted(home, serial, nonce=None):
    asked = question(home, serial, nonce=nonce)
    answer = home.client().call("POST", "/ocsp", asked, ASK)
    return single(home, answer.content, nonce=nonce)


def fetched(home, path, **headers):
    """GET with headers; the status, the headers and the content, whatever the status."""
    request = urllib.request.Request(home.address + path, headers=headers)
    try:
        with _opener.open(request, timeout=30) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def by_address(home, serial):
    return "/ocsp/" + quote(base64.b64encode(question(home, serial)).decode(), safe="")


def revoke(operator, serial, **order):
    return operator.post(f"/v1/ca/certificates/sub_ca/{serial:x}/revoke", order).json


def test_a_revoked_certificate_is_revoked_everywhere(home, operator, serial):
    status, headers, content = fetched(home, by_address(home, serial))
    assert (status, headers["Content-Type"]) == (200, "application/ocsp-response")
    assert single(home, content).status == "good"
    assert posted(home, serial).status == "good"
    assert posted(home, serial, nonce=b"n" * 32).status == "good"

    order = {"reason": "keyCompromise", "invalid_since": "2026-11-01T08:00:00+08:00"}
    revoked = revoke(operator, serial, **order)
    assert revoked["reason"] == "keyCompromise"
    assert revoked["serial"] == f"{serial:x}"

    _, _, content = fetched(home, by_address(home, serial), **{"If-None-Match": headers["ETag"]})
    said = single(home, content)
    assert (said.status, said.reason) == ("revoked", 1)
    assert posted(home, serial).status == "revoked"
    assert posted(home, serial, nonce=b"m").status == "revoked"

    built = operator.post("/v1/ca/authorities/sub_ca/revocation-lists").json["lists"]
    partition = serial % home.context.settings.crl_partitions["sub_ca"]
    assert set(built) <= {"sub_ca.crl", f"sub_ca/{partition}.crl"}
    for path in ("sub_ca.crl", f"sub_ca/{partition}.crl", f"sub_ca/{partition}.delta.crl"):
        listed = parse_crl(home.client().get(f"/crl/{path}").content).revoked
        assert listed[serial].reason == 1
        assert listed[serial].invalid_since is not None
    home.context.revocation.presign()
    assert posted(home, serial).status == "revoked"


def test_revoking_again_changes_nothing_and_is_recorded(home, operator, serial):
    first = revoke(operator, serial, reason="superseded")
    again = revoke(operator, serial, reason="keyCompromise")
    assert first == again
    with home.context.database.reading() as session:
        assert find_fault(session) is None


def test_caches_keep_an_answer_for_a_minute_and_ask_whether_it_changed(home, serial):
    path = by_address(home, serial)
    status, headers, content = fetched(home, path)
    assert headers["Cache-Control"] == "public, max-age=60, must-revalidate"
    assert headers["Last-Modified"]
    assert headers["Expires"]
    assert fetched(home, path)[2] == content
    status, _, nothing = fetched(home, path, **{"If-None-Match": headers["ETag"]})
    assert (status, nothing) == (304, b"")
    status, _, again = fetched(home, path, **{"If-Modified-Since": headers["Last-Modified"]})
    assert (status, again) == (200, content)


def test_answer_with_a_nonce_is_kept_by_nobody(home, serial):
    asked = base64.b64encode(question(home, serial, nonce=b"n" * 16)).decode()
    _, headers, _ = fetched(home, "/ocsp/" + quote(asked, safe=""))
    assert headers["Cache-Control"] == "no-store"


def test_certificates_of_the_keystore_are_known_and_good(home):
    for name in ("seal_maker", "seal_signer_market", "timestamp", "receipt"):
        assert posted(home, home.context.keystore.certificate(name).serial).status == "good"


def test_serial_never_issued_is_unknown(home):
    assert posted(home, authority.new_serial()).status == "unknown"


@pytest.mark.parametrize("path", ["/ocsp/!!!", "/ocsp/MAA=", "/ocsp/%E5%8D%B0", "/ocsp/a"])
def test_unreadable_question_in_an_address_gets_an_ocsp_refusal(home, path):
    status, headers, content = fetched(home, path)
    assert (status, headers["Content-Type"]) == (200, "application/ocsp-response")
    assert ocsp.parse_response(content).status is ocsp.ResponseStatus.MALFORMED_REQUEST
    assert headers["Cache-Control"] == "no-store"


def test_bad_requests_get_one_problem(home, operator, serial):
    place = f"/v1/ca/certificates/sub_ca/{serial:x}/revoke"
    reason = b'{"reason": "superseded"}'
    json_type = {"Content-Type": "application/json"}

    def answer(client, path, body=reason, kind=json_type):
        return client.call("POST", path, body, kind, expect_success=False)

    home.refused(401, "ca.identity.required", answer(home.client(), place))
    home.refused(403, "ca.not_entitled", answer(home.client("market-clerk"), place))
    absent = "/v1/ca/certificates/sub_ca/1f/revoke"
    home.refused(404, "ca.certificate.unknown", answer(operator, absent))
    late = b'{"reason": "keyCompromise", "invalid_since": "2199-01-01T00:00:00Z"}'
    home.refused(422, "ca.revocation.date", answer(operator, place, late))
    for body in (b"{}", b'{"reason": "hold"}', b'{"reason":"superseded","invalid_since":"1"}'):
        assert answer(operator, place, body).status == 422
    assert answer(operator, "/v1/ca/certificates/sub_ca/xyz/revoke").status == 422
    nobody = "/v1/ca/authorities/nobody/revocation-lists"
    home.refused(404, "ca.crl.unknown", answer(operator, nobody, b"{}"))
    wrong_type = answer(home.client(), "/ocsp", b"x", json_type)
    assert wrong_type.status == 415
    too_large = answer(home.client(), "/ocsp", bytes(70_000), ASK)
    assert too_large.status == 413
    assert posted(home, serial).status == "good"


@pytest.mark.parametrize("path", ["sub_ca/8.crl", "sub_ca/x.crl", "sub_ca/00.crl", "no/0.crl"])
def test_list_that_is_not_there_is_not_found(home, path):
    assert fetched(home, f"/crl/{path}")[0] == 404


@pytest.mark.peer
def test_openssl_asks_over_http_and_reads_the_answer(home, serial, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not installed")
    keystore = home.context.keystore
    with home.context.database.reading() as session:
        found = repository.registered(session, authority="sub_ca", serial=serial)
    (tmp_path / "ca.pem").write_bytes(to_pem(keystore.certificate("sub_ca").der, "CERTIFICATE"))
    (tmp_path / "leaf.pem").write_bytes(to_pem(found.certificate, "CERTIFICATE"))
    for algorithm in ("-sm3", "-sha1", "-sha256"):
        done = subprocess.run(
            [
                *("openssl", "ocsp", "-issuer", "ca.pem", algorithm, "-cert", "leaf.pem"),
                *("-url", f"{home.address}/ocsp", "-noverify"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "leaf.pem: good" in done.stdout, done.stderr
