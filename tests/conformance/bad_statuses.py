"""Genuine licences that are not, or cannot be said to be, in force."""

from dataclasses import replace
from datetime import timedelta

from sealkit import status_list
from sealkit.record import StatusSlot
from tests.conformance.cases import Shown, bad_licence
from tests.conformance.instants import AT, SIGNED
from tests.conformance.ofd_builder import sealed, unsealed
from tests.conformance.world import (
    SLOTS,
    STATUS_URI,
    DeadSource,
    MemoryStatus,
    guangdong,
)


@bad_licence(finds="status.ended")
def licence_ended(world):
    """The licence was cancelled, revoked or forfeited."""
    return _in_state(world, status_list.ENDED)


@bad_licence(finds="status.suspended")
def licence_suspended(world):
    """The licence is suspended."""
    return _in_state(world, status_list.SUSPENDED)


@bad_licence(finds="status.superseded")
def licence_superseded(world):
    """A corrected edition has taken its place."""
    return _in_state(world, status_list.SUPERSEDED)


@bad_licence(finds="status.disputed_stayed")
def licence_disputed_and_stayed(world):
    """An objection stays its effect."""
    return _in_state(world, status_list.DISPUTED_STAYED)


@bad_licence(finds="status.value_unknown", verdict="cannot_say")
def licence_in_a_reserved_state(world):
    """The slot holds a value that no rule explains."""
    return _in_state(world, 7)


@bad_licence(finds="status.source_missing", verdict="cannot_say")
def no_status_source(world):
    """The verifier has nobody to ask for the state."""
    return Shown(world.sound_ofd, {"status": None})


@bad_licence(finds="status.source_unavailable", verdict="cannot_say")
def status_service_down(world):
    """The status service does not answer."""
    return Shown(world.sound_ofd, {"status": DeadSource()})


@bad_licence(finds="status.token_malformed", verdict="cannot_say")
def status_list_is_garbage(world):
    """What the status service sends is no status list."""
    return Shown(world.sound_ofd, {"status": MemoryStatus({STATUS_URI: b"not found"})})


@bad_licence(finds="status.token_malformed", verdict="cannot_say")
def status_list_cut_short(world):
    """The status list lost its last byte."""
    token = world.sound_status.tokens[STATUS_URI]
    return Shown(world.sound_ofd, {"status": MemoryStatus({STATUS_URI: token[:-1]})})


@bad_licence(finds="status.signer_unknown", verdict="cannot_say")
def status_list_of_another_region(world):
    """The list is signed by the status signer of a region that did not issue the licence."""
    status = world.status(signer=guangdong().signer("status_signer"))
    return Shown(world.sound_ofd, {"status": status})


@bad_licence(finds="status.signature_invalid", verdict="cannot_say")
def status_list_changed(world):
    """The last byte of the list's signature is different."""
    token = world.sound_status.tokens[STATUS_URI]
    spoilt = token[:-1] + bytes([token[-1] ^ 1])
    return Shown(world.sound_ofd, {"status": MemoryStatus({STATUS_URI: spoilt})})


@bad_licence(finds="status.signer_untrusted", verdict="cannot_say")
def status_signer_revoked(world):
    """The certificate of the status signer was revoked."""
    trust = world.trust_revoking("status_signer", at=SIGNED)
    return Shown(world.sound_ofd, {"trust": trust})


@bad_licence(finds="status.other_list", verdict="cannot_say")
def status_list_of_another_address(world):
    """A genuine list, but another than the one the licence names."""
    return Shown(world.sound_ofd, {"status": world.status(uri="https://status.example/other")})


@bad_licence(finds="status.stale", verdict="cannot_say")
def status_list_out_of_date(world):
    """The list ended yesterday; the licence may have been revoked since."""
    return Shown(world.sound_ofd, {"status": world.status(at=AT - timedelta(days=2))})


@bad_licence(finds="status.stale", verdict="cannot_say")
def status_list_past_its_ttl_without_an_end(world):
    """The list says no end, and its time to live is over."""
    status = world.status(at=AT - timedelta(days=2), expires_at=None)
    return Shown(world.sound_ofd, {"status": status})


@bad_licence(finds="status.other_time", verdict="cannot_say")
def status_list_from_later(world):
    """The list was made after the time asked about."""
    return Shown(world.sound_ofd, {"status": world.status(at=AT + timedelta(hours=1))})


@bad_licence(finds="status.index_out_of_range")
def status_slot_beyond_the_list(world):
    """The licence names a slot that the list does not have; that is never "valid"."""
    record = replace(world.record, status=StatusSlot(STATUS_URI, SLOTS))
    return sealed(world, unsealed(record))


@bad_licence(finds="licence.expired")
def licence_expired(world):
    """The last day of validity is over in Beijing."""
    return sealed(world, unsealed(replace(world.record, valid_until="2026-11-22")))


@bad_licence(finds="licence.not_yet_valid")
def licence_not_yet_valid(world):
    """The first day of validity begins tomorrow."""
    return sealed(world, unsealed(replace(world.record, valid_from="2026-11-24")))


@bad_licence(finds="licence.dates_malformed", also=("licence.expired",))
def licence_that_ends_before_it_begins(world):
    """The last day of validity is before the first."""
    return sealed(world, unsealed(replace(world.record, valid_until="2026-10-31")))


@bad_licence(finds="licence.dates_malformed")
def licence_of_a_day_that_does_not_exist(world):
    """The licence is valid until 30 February."""
    return sealed(world, unsealed(replace(world.record, valid_until="2027-02-30")))


@bad_licence(finds="licence.dates_malformed")
def licence_with_a_date_in_another_form(world):
    """The last day is written as a week date, which another reader takes for something else."""
    return sealed(world, unsealed(replace(world.record, valid_until="2030-W45-1")))


@bad_licence(finds="licence.expired", also=("licence.dates_malformed",))
def licence_of_the_first_year(world):
    """The last day is the first of the calendar."""
    return sealed(world, unsealed(replace(world.record, valid_until="0001-01-01")))


@bad_licence(finds="licence.not_yet_issued", also=("licence.not_yet_valid",))
def asked_about_a_time_before_issue(world):
    """At the time asked about, the licence had not been sealed."""
    asked = SIGNED - timedelta(days=1)
    status = world.status(at=asked - timedelta(hours=1))
    return Shown(world.sound_ofd, {"at": asked, "status": status})


@bad_licence(finds="licence.not_yet_issued")
def sealed_tomorrow(world):
    """The signer claims to have sealed it tomorrow, and no timestamp says otherwise."""
    return sealed(world, unsealed(world.record), at=AT + timedelta(days=1), timestamp=None)


def _in_state(world, state):
    return Shown(world.sound_ofd, {"status": world.status(state)})
