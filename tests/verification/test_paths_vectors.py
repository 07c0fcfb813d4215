"""The 42 shared SM2 path cases: verdict and reason, with and without purpose."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from asn1crypto import pem

from verification.paths import PathVerdict, validate_path

VECTORS = Path(__file__).parents[1] / "vectors" / "sm2_chains"
CASES = json.loads((VECTORS / "index.json").read_text())["cases"]
UNKNOWN = {
    "unknown-root",
    "issuer-missing",
    "crl-stale",
    "crl-missing",
    "crl-bad-signature",
}


def ders(names):
    return [pem.unarmor((VECTORS / name).read_bytes())[2] for name in names]


def outcome_of(case, purpose):
    return validate_path(
        *ders([case["leaf"]]),
        intermediates=ders(case["intermediates"]),
        anchors=ders(case["trust_anchors"]),
        crls=ders(case["crls"]),
        at=datetime.fromisoformat(case["validation_time"]),
        purpose=purpose,
        require_revocation=case["revocation"] != "none",
    )


def verdict_of(case, expected):
    if expected == "valid":
        return PathVerdict.OK
    return PathVerdict.UNKNOWN if case["id"] in UNKNOWN else PathVerdict.BAD


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_path_with_its_purpose_ends_as_the_profile_says(case):
    outcome = outcome_of(case, case["purpose"])
    assert outcome.reason_code == case["reason_code"], outcome
    assert outcome.verdict is verdict_of(case, case["expected_profile"])


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_path_without_purpose_ends_as_rfc_5280_says(case):
    outcome = outcome_of(case, "any")
    assert outcome.verdict is verdict_of(case, case["expected"])
    if case["expected"] == case["expected_profile"]:
        assert outcome.reason_code == case["reason_code"]


def test_all_cases_are_here():
    assert len(CASES) == 42
