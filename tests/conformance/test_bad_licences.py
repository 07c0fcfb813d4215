"""Every bad licence is refused, and for its own reason."""

import pytest

from tests.conformance import (  # noqa: F401  # importing registers the cases
    bad_certificates,
    bad_codes,
    bad_containers,
    bad_contents,
    bad_days,
    bad_digests,
    bad_identifiers,
    bad_pdfs,
    bad_seals,
    bad_signatures,
    bad_statuses,
)
from tests.conformance.cases import CASES
from tests.conformance.world import MemoryRegister, xinjiang
from verification.report import Severity, Verdict


@pytest.mark.parametrize("name", CASES)
def test_bad_licence_is_refused_for_its_own_reason(name):
    case = CASES[name]
    world = xinjiang()
    shown = case.shown(world)
    report = world.report(shown.document, **shown.sources)
    found = {
        finding.code
        for finding in report.findings
        if finding.severity in (Severity.ERROR, Severity.UNKNOWN)
    }
    assert found == {case.finds} | case.also
    assert report.verdict.value == case.verdict
    assert report.verdict is not Verdict.VALID


def test_there_are_at_least_a_hundred_cases():
    assert len(CASES) >= 100


def test_a_sound_signature_without_a_seal_may_stand_beside_the_seal():
    world = xinjiang()
    report = world.report(bad_signatures.countersigned_by_the_issuer(world))
    assert report.verdict is Verdict.VALID
    assert {finding.severity for finding in report.findings} <= {Severity.INFO}


@pytest.mark.parametrize("name", ["sound_ofd", "sound_pdf", "sound_code"])
def test_the_sound_licence_that_all_cases_start_from_is_valid(name):
    world = xinjiang()
    document = getattr(world, name)
    content = document.encode() if isinstance(document, str) else document
    report = world.report(content, register=MemoryRegister(world.register_entry()))
    assert report.findings == ()
    assert report.verdict is Verdict.VALID
