"""A request becomes a certificate: by openssl or by us, two persons, then used, then revoked."""

import base64
import shutil
import subprocess
from itertools import count

import pytest

from ca.keystore import FileKeystore
from sealkit.asn1 import certificate_builder, ocsp
from sealkit.asn1.certification_request import build_request
from sealkit.asn1.x509 import parse_certificate, pem_to_certificates, to_pem
from sealkit.sm import signature
from sealkit.sm.sm2 import SM2PrivateKey
from verification.paths import validate_path
from yinxin.audit import find_fault
from yinxin.settings import PROJECT

PLACE = "/v1/ca/enrolments"
SUBJECT = {"C": "CN", "O": "旅程试验局", "CN": "旅程试验专用章"}
SIGNER_ID = "1234567812345678"
_numbers = count(1)


def request_of(key, subject=None):
    return build_request(certificate_builder.name(subject or SUBJECT), key)


def pem(request, label="CERTIFICATE REQUEST"):
    return to_pem(request, label).decode()


def submit(home, members, account="ca-operator", key=None):
    headers = {"Idempotency-Key": key or f"enrolment-{next(_numbers):06d}"}
    return home.ask(account, "POST", PLACE, members, **headers)


def submitted(home, members, account="ca-operator"):
    answer = submit(home, members, account)
    assert answer.status == 201, answer.content
    return f"{PLACE}/{answer.json['authority']}/{answer.json['id']}"


def approved(home, place, **said):
    """Approve with both persons; one that is enough is not asked twice."""
    for account in ("ca-approver", "ca-approver-2"):
        found = home.client(account).post(f"{place}/approve", said).json
        if found["state"] == "issued":
            return found
    raise AssertionError(found)


def certificate_of(home, place):
    content = home.client("ca-operator").get(f"{place}/certificate.pem").content
    (certificate,) = pem_to_certificates(content)
    return certificate


def issued(home, members, **said):
    place = submitted(home, members)
    approved(home, place, **said)
    return certificate_of(home, place)


def path_verdict(home, leaf, *more, purpose="sign"):
    certificate = home.context.keystore.certificate
    crls = [home.client().get(f"/crl/{name}.crl").content for name in ("root", "sub_ca")]
    return validate_path(
        leaf.der,
        intermediates=[certificate("sub_ca").der, *(one.der for one in more)],
        anchors=[certificate("root").der],
        crls=crls,
        at=home.context.now(),
        purpose=purpose,
        require_revocation=not more,
    ).reason_code


def ocsp_status(home, serial):
    issuer = home.context.keystore.certificate("sub_ca")
    asked = ocsp.build_request([ocsp.certificate_id(issuer, serial)])
    headers = {"Content-Type": "application/ocsp-request"}
    answer = home.client().call("POST", "/ocsp", asked, headers)
    basic = ocsp.parse_response(answer.content).basic
    basic.verify(issuer, at=home.context.now())
    return basic.singles[0].status


def made_by_openssl(folder):
    """Return the PEM of a request that the openssl command has made."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not installed")
    configuration = (
        "[req]\nprompt=no\nutf8=yes\nstring_mask=utf8only\ndistinguished_name=dn\n"
        "[dn]\nC=CN\nO=旅程试验局\nCN=OpenSSL 申请\n"
    )
    (folder / "c.cnf").write_text(configuration, "utf-8")
    curve = "-pkeyopt ec_paramgen_curve:SM2 -pkeyopt ec_param_enc:named_curve".split()
    for arguments in (
        ["genpkey", "-algorithm", "EC", *curve, "-out", "k.pem"],
        [
            *("req", "-new", "-key", "k.pem", "-sm3", "-sigopt", f"distid:{SIGNER_ID}"),
            *("-config", "c.cnf", "-out", "r.csr"),
        ],
    ):
        done = subprocess.run(
            ["openssl", *arguments], cwd=folder, capture_output=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
    return (folder / "r.csr").read_text("ascii")


@pytest.mark.peer
def test_request_of_openssl_becomes_a_certificate_and_is_revoked(home, tmp_path):
    members = {"profile": "seal_signer", "request": made_by_openssl(tmp_path)}
    place = submitted(home, members, "market-technician")
    first = home.client("ca-approver").post(f"{place}/approve").json
    assert (first["state"], first["approvals_needed"]) == ("submitted", 2)
    again = home.ask("ca-approver", "POST", f"{place}/approve")
    home.refused(403, "ca.enrolment.separation_of_duties", again)
    own = home.ask("market-technician", "POST", f"{place}/approve")
    home.refused(403, "ca.not_entitled", own)
    early = home.ask("ca-operator", "GET", f"{place}/certificate.pem")
    home.refused(404, "ca.certificate.unknown", early)
    second = home.client("ca-approver-2").post(f"{place}/approve").json
    assert second["state"] == "issued"
    assert [decision["person"] for decision in second["decisions"]] == [
        "ca-approver",
        "ca-approver-2",
    ]
    leaf = certificate_of(home, place)
    assert dict(leaf.subject_parts)["CN"] == "OpenSSL 申请"
    assert path_verdict(home, leaf) == "ok"
    assert ocsp_status(home, leaf.serial) == "good"
    order = {"reason": "keyCompromise"}
    home.client("ca-operator").post(f"/v1/ca/certificates/sub_ca/{leaf.serial:x}/revoke", order)
    assert ocsp_status(home, leaf.serial) == "revoked"
    home.client("ca-operator").post("/v1/ca/authorities/sub_ca/revocation-lists")
    assert path_verdict(home, leaf) == "revoked"
    with home.context.database.reading() as session:
        assert find_fault(session) is None


def test_certificate_names_where_its_status_is_asked_for(home):
    request = pem(request_of(SM2PrivateKey.generate()))
    leaf = issued(home, {"profile": "receipt", "request": request})
    partition = leaf.serial % home.context.settings.crl_partitions["sub_ca"]
    assert f"{home.address}/crl/sub_ca/{partition}.crl".encode() in leaf.der
    assert f"{home.address}/ocsp".encode() in leaf.der


def test_certificate_is_given_as_der_too(home):
    place = submitted(
        home, {"profile": "receipt", "request": pem(request_of(SM2PrivateKey.generate()))}
    )
    approved(home, place)
    der = home.client("ca-operator").get(f"{place}/certificate.der").content
    assert parse_certificate(der) == certificate_of(home, place)


def test_renewal_and_new_key(home):
    key, new = SM2PrivateKey.generate(), SM2PrivateKey.generate()
    first = issued(home, {"profile": "pdf_signer", "request": pem(request_of(key))})
    members = {"profile": "pdf_signer", "request": pem(request_of(key))}
    renewed = issued(home, members | {"renews": f"{first.serial:x}"})
    assert (renewed.spki, renewed.subject_der) == (first.spki, first.subject_der)
    assert renewed.serial != first.serial
    request = request_of(new)
    vouched = base64.b64encode(signature.to_der(key.sign(request))).decode()
    members = {"profile": "pdf_signer", "request": pem(request)}
    members |= {"rekeys": f"{renewed.serial:x}", "old_key_signature": vouched}
    rekeyed = issued(home, members)
    assert rekeyed.spki == new.public_key.spki
    assert rekeyed.subject_der == first.subject_der
    for leaf in (first, renewed, rekeyed):
        assert path_verdict(home, leaf) == "ok"


def test_another_regions_authority_is_certified_within_its_names(home):
    neighbour = FileKeystore(PROJECT / "keys_dev" / "440000")
    other = neighbour.certificate("sub_ca")
    leaf, outside = map(neighbour.certificate, ("seal_signer_market", "seal_signer_land"))
    names = [{"C": "CN", "O": dict(leaf.subject_parts)["O"]}]
    members = {"profile": "cross_ca", "request": pem(other.der, "CERTIFICATE")}
    place = submitted(home, members | {"permitted_names": names})
    assert place.startswith(f"{PLACE}/root/")
    unread = home.ask("ca-approver", "POST", f"{place}/approve")
    home.refused(422, "ca.enrolment.invalid", unread)
    approved(home, place, fingerprint=other.fingerprint.hex())
    cross = certificate_of(home, place)
    assert path_verdict(home, leaf, cross) == "ok"
    assert path_verdict(home, outside, cross) == "name_constraint"


def test_gateway_needs_one_approval_and_names_its_hosts(home):
    members = {
        "profile": "gateway_tls",
        "request": pem(request_of(SM2PrivateKey.generate())),
        "dns_names": ["gateway.example.cn"],
        "ip_addresses": ["2001:db8::1"],
    }
    place = submitted(home, members)
    found = home.client("ca-approver").post(f"{place}/approve").json
    assert (found["state"], found["dns_names"]) == ("issued", ["gateway.example.cn"])


def test_requests_are_listed_for_who_may_see_them(home):
    request = pem(request_of(SM2PrivateKey.generate()))
    place = submitted(home, {"profile": "token", "request": request}, "market-technician")
    other = pem(request_of(SM2PrivateKey.generate()))
    hidden = submitted(home, {"profile": "token", "request": other})

    def listed(account):
        page = home.client(account).get(f"{PLACE}?state=submitted").json["enrolments"]
        return {f"{PLACE}/{entry['authority']}/{entry['id']}" for entry in page}

    assert {place, hidden} <= listed("ca-approver")
    assert place in listed("market-technician")
    assert hidden not in listed("market-technician")
    home.refused(404, "ca.enrolment.unknown", home.ask("market-technician", "GET", hidden))
    note = {"note": "用途不明"}
    rejected = home.client("ca-approver").post(f"{hidden}/reject", note).json
    assert (rejected["state"], rejected["decisions"][0]["note"]) == ("rejected", "用途不明")
    withdrawn = home.client("market-technician").post(f"{place}/withdraw", note).json
    assert withdrawn["state"] == "withdrawn"
    late = home.ask("ca-approver", "POST", f"{place}/approve")
    home.refused(409, "ca.enrolment.transition", late)


def test_same_request_again_is_the_same_enrolment(home):
    members = {"profile": "token", "request": pem(request_of(SM2PrivateKey.generate()))}
    first = submit(home, members, key="the-very-same-key").json
    assert submit(home, members, key="the-very-same-key").json["id"] == first["id"]
    other = members | {"request": pem(request_of(SM2PrivateKey.generate()))}
    conflict = submit(home, other, key="the-very-same-key")
    home.refused(409, "ca.enrolment.idempotency", conflict)
    home.refused(409, "ca.enrolment.key_in_use", submit(home, members))


def test_bad_requests_get_one_problem(home):
    good = pem(request_of(SM2PrivateKey.generate()))
    members = {"profile": "seal_signer", "request": good}
    home.refused(401, "ca.identity.required", submit(home, members, ""))
    home.refused(403, "ca.not_entitled", submit(home, members, "market-clerk"))
    home.refused(422, "ca.profile.unknown", submit(home, members | {"profile": "root"}))
    home.refused(422, "malformed", submit(home, members | {"request": "nothing"}))
    broken = pem(request_of(SM2PrivateKey.generate())[:-1] + b"\x00")
    assert submit(home, members | {"request": broken}).status == 422
    nameless = pem(request_of(SM2PrivateKey.generate(), {"C": "CN", "CN": "无单位"}))
    problem = home.refused(422, "ca.lint", submit(home, members | {"request": nameless}))
    (broken_rule,) = problem["errors"]
    assert broken_rule["code"] == "subject.organisation"
    assert "单位名称" in broken_rule["zh"]
    unknown = submit(home, members | {"renews": "1f"})
    home.refused(422, "ca.enrolment.predecessor", unknown)
    for wrong in (
        {"renews": "xyz"},
        {"renews": "1", "rekeys": "2"},
        {"old_key_signature": "***"},
        {"ip_addresses": ["1.2.3"]},
        {"not_after": "tomorrow"},
        {"extra": 1},
        {"request": "证书"},
    ):
        home.refused(422, "request.invalid", submit(home, members | wrong))
    home.refused(422, "request.invalid", home.ask("ca-operator", "POST", PLACE, members))
    absent = home.ask("ca-approver", "GET", f"{PLACE}/sub_ca/00")
    home.refused(404, "ca.enrolment.unknown", absent)
    silent = home.ask("ca-approver", "POST", f"{PLACE}/sub_ca/00/reject")
    home.refused(422, "request.invalid", silent)
