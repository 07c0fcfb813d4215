"""A department gets a pair of certificates; later its encryption key is recovered by two."""

from itertools import count

import pytest

from sealkit.asn1 import certificate_builder
from sealkit.asn1.certification_request import build_request
from sealkit.asn1.enveloped_key import open_envelope, parse_enveloped_key
from sealkit.asn1.x509 import parse_certificate, to_pem
from sealkit.sm.encryption import decrypt, encrypt
from sealkit.sm.sm2 import SM2PrivateKey
from yinxin.audit import find_fault

PLACE, RECOVERIES = "/v1/ca/enrolments", "/v1/ca/key-recoveries"
_numbers = count(1)


@pytest.fixture
def enrolled(home):
    def enrol(profile, key):
        name = certificate_builder.name(
            {"C": "CN", "O": "旅程试验局", "CN": f"双证书 {next(_numbers)}"}
        )
        pem = to_pem(build_request(name, key), "CERTIFICATE REQUEST").decode()
        found = home.client("ca-operator").post(
            PLACE,
            {"profile": profile, "request": pem},
            **{"Idempotency-Key": f"journey-pair-{next(_numbers):06d}"},
        )
        place = f"{PLACE}/{found.json['authority']}/{found.json['id']}"
        assert home.client("ca-approver").post(f"{place}/approve").json["state"] == "issued"
        return place

    return enrol


def fetched(home, path):
    return home.client("ca-operator").get(path).content


def test_pair_is_delivered_and_its_key_recovered(home, enrolled):
    holder, court = SM2PrivateKey.generate(), SM2PrivateKey.generate()
    place = enrolled("dual_signing", holder)
    signing = parse_certificate(fetched(home, f"{place}/certificate.der"))
    encryption = parse_certificate(fetched(home, f"{place}/encryption-certificate.der"))
    assert signing.spki == holder.public_key.spki
    pair = open_envelope(parse_enveloped_key(fetched(home, f"{place}/enveloped-key")), holder)
    hidden = encrypt(encryption.sm2_key, "只给持有人看".encode())
    assert decrypt(pair, hidden).decode() == "只给持有人看"

    recipient = parse_certificate(
        fetched(home, f"{enrolled('department_client', court)}/certificate.der")
    )
    order = {
        "serial": f"{encryption.serial:x}",
        "recipient": f"{recipient.serial:x}",
        "reason": "调取证据通知书〔2026〕12 号",
    }
    refused = home.ask("ca-approver", "POST", RECOVERIES, order)
    home.refused(403, "ca.not_entitled", refused)
    asked = home.client("ca-operator").post(RECOVERIES, order).json
    recovery = f"{RECOVERIES}/sub_ca/{asked['id']}"
    own = home.ask("ca-operator", "POST", f"{recovery}/approve")
    home.refused(403, "ca.not_entitled", own)
    first = home.client("ca-approver").post(f"{recovery}/approve").json
    assert (first["state"], len(first["decisions"])) == ("requested", 1)
    twice = home.ask("ca-approver", "POST", f"{recovery}/approve")
    home.refused(403, "ca.enrolment.separation_of_duties", twice)
    early = home.ask("ca-operator", "GET", f"{recovery}/enveloped-key")
    home.refused(404, "ca.certificate.unknown", early)
    second = home.client("ca-approver-2").post(f"{recovery}/approve").json
    assert second["state"] == "delivered"
    recovered = open_envelope(
        parse_enveloped_key(fetched(home, f"{recovery}/enveloped-key")), court
    )
    assert decrypt(recovered, hidden).decode() == "只给持有人看"
    with home.context.database.reading() as session:
        assert find_fault(session) is None


def test_bad_recoveries_get_one_problem(home):
    order = {"serial": "1f", "recipient": "1f", "reason": "无"}
    home.refused(401, "ca.identity.required", home.ask("", "POST", RECOVERIES, order))
    unknown = home.ask("ca-operator", "POST", RECOVERIES, order)
    home.refused(404, "ca.certificate.unknown", unknown)
    for wrong in ({"serial": "x"}, {"reason": ""}, {"more": 1}):
        answer = home.ask("ca-operator", "POST", RECOVERIES, order | wrong)
        home.refused(422, "request.invalid", answer)
    absent = home.ask("ca-approver", "POST", f"{RECOVERIES}/sub_ca/00/approve")
    home.refused(404, "ca.enrolment.unknown", absent)
    silent = home.ask("ca-approver", "POST", f"{RECOVERIES}/sub_ca/00/reject")
    home.refused(422, "request.invalid", silent)
