from datetime import timedelta

import pytest

from sealkit.record import StatusSlot
from sealkit.status_slip import build_slip
from tests.conformance.instants import AT
from tests.conformance.world import KIND_CODE, SLOT, SLOTS, STATUS_URI, DeadSource, MemoryStatus
from verification.bundle import build_bundle, read_bundle
from verification.report import Verdict
from verification.trust import SnapshotStatus

HOUR = timedelta(hours=1)


def slip(world, state=0, *, at=AT - HOUR, signer="status_signer", slot=SLOT, life=24 * HOUR):
    place = StatusSlot(STATUS_URI, slot)
    return build_slip(place, state, signer=world.signer(signer), at=at, life=life)


def report(world, shown, **changes):
    changes = {"status": DeadSource()} | changes
    return world.report(world.sound_code.encode(), slip=shown, **changes)


def codes(report):
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize("name", ["sound_ofd", "sound_pdf", "sound_code"])
def test_without_a_network_the_slip_tells_the_state_and_its_age(world, name):
    document = getattr(world, name)
    content = document.encode() if isinstance(document, str) else document
    found = world.report(content, slip=slip(world), status=DeadSource())
    assert found.verdict is Verdict.VALID
    assert found.findings == ()
    assert found.freshness["slip"] == AT - HOUR
    assert "status" not in found.freshness


def test_the_slip_may_stand_below_the_code(world):
    for ending in ("\n", "\r\n"):
        shown = f"{world.sound_code}{ending}{slip(world)}\n".encode()
        assert world.report(shown, status=DeadSource()).verdict is Verdict.VALID


def test_a_slip_of_a_suspended_licence_says_so(world):
    found = report(world, slip(world, 2))
    assert (found.verdict, codes(found)) == (Verdict.INVALID, ["status.suspended"])


def test_a_slip_over_24_hours_old_says_nothing(world):
    found = report(world, slip(world, at=AT - 24 * HOUR))
    assert found.verdict is Verdict.CANNOT_SAY
    assert codes(found) == ["status.source_unavailable", "slip.stale"]


def test_a_slip_of_another_licence_does_not_fit(world):
    found = report(world, slip(world, slot=(SLOT + 1) % SLOTS))
    assert found.verdict is Verdict.CANNOT_SAY
    assert codes(found) == ["status.source_unavailable", "slip.other_licence"]


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (lambda world: "CS1:NOT A SLIP", "slip.malformed"),
        (lambda world: slip(world, at=AT + HOUR), "slip.from_future"),
        (lambda world: slip(world, signer="code_signer"), "status.signer_unknown"),
        (lambda world: slip(world)[:-3] + "000", "status.signature_invalid"),
    ],
)
def test_slips_that_do_not_hold(world, shown, code):
    found = report(world, shown(world))
    assert found.verdict is Verdict.CANNOT_SAY
    assert codes(found) == ["status.source_unavailable", code]


def test_the_newer_of_list_and_slip_decides(world):
    suspended = world.status(2, at=AT - HOUR)
    older = report(world, slip(world, at=AT - 2 * HOUR), status=suspended)
    assert codes(older) == ["status.suspended"]
    newer = report(world, slip(world, at=AT - HOUR / 2), status=suspended)
    assert newer.verdict is Verdict.VALID


def test_a_slip_that_does_not_hold_takes_nothing_from_a_list_that_does(world):
    found = report(world, slip(world, slot=1), status=world.sound_status)
    assert (found.verdict, codes(found)) == (Verdict.VALID, ["slip.not_counted"])


def test_a_slip_takes_the_place_of_a_list_too_old_and_not_of_a_slot_that_is_not_there(world):
    old = world.status(at=AT - timedelta(days=2))
    assert report(world, slip(world), status=old).verdict is Verdict.VALID
    small = world.status(slot=0)
    token = small.token(STATUS_URI)
    assert report(world, slip(world), status=MemoryStatus({STATUS_URI: token})).state == 0


def test_for_the_road_a_slip_of_the_last_hour_counts_with_a_bundle_of_the_day(world):
    regions, ages = world.trust.regions, {KIND_CODE: HOUR}
    signer = world.signer("trust_bundle")
    made = build_bundle(regions, {}, ages, signer=signer, at=AT - 5 * HOUR)
    bundle = read_bundle(made, at=AT)

    def judged(shown):
        found = world.report(
            world.sound_code.encode(),
            trust=bundle.trust,
            status=SnapshotStatus(bundle.trust),
            slip=shown,
        )
        return bundle.judged(found, KIND_CODE)

    assert judged(slip(world, at=AT - HOUR / 2)).verdict is Verdict.VALID
    assert codes(judged(slip(world, at=AT - 2 * HOUR))) == ["slip.stale"]
    assert judged(None).verdict is Verdict.CANNOT_SAY
