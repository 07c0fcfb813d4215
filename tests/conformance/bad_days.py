"""Genuine licences of which it is asked whether they were in force on a day that is over."""

from datetime import date, timedelta

from sealkit import merkle, status_list
from sealkit.checkpoint import Checkpoint, sign_checkpoint
from sealkit.status_day import FrozenDay, build_day, day_end, day_entry
from sealkit.status_list import StatusList
from sealkit.tlog_proof import TLogProof
from tests.conformance.cases import Shown, bad_licence
from tests.conformance.instants import AT
from tests.conformance.world import SLOT, SLOTS, STATUS_URI, DeadSource, MemoryRegister, guangdong
from verification.errors import SourceUnavailableError

DAY = date(2026, 11, 20)
ORIGIN = "log.example/650000"


class MemoryDays:
    """Frozen lists in memory."""

    def __init__(self, frozen=None):
        self.frozen = frozen

    def day(self, uri, day):
        return self.frozen


class DeadDays(DeadSource):
    def day(self, uri, day):
        raise SourceUnavailableError("no answer")


def frozen_day(world, state=0, *, said=DAY, at=None, signer=None, uri=STATUS_URI):
    """Return a list frozen ten minutes after its day, before it is logged."""
    return build_day(
        StatusList(SLOTS).set(SLOT, state),
        uri=uri,
        day=said,
        version=4,
        signer=signer or world.signer("status_signer"),
        at=at or day_end(said) + timedelta(minutes=10),
    )


def logged(world, token, *, entry=None, signer="log", origin=ORIGIN):
    """Return the days source of a list that stands third in a log of four."""
    entry = entry or day_entry(STATUS_URI, DAY, token)
    hashes = [merkle.leaf_hash(leaf) for leaf in (b"1", b"2", entry, b"4")]
    checkpoint = Checkpoint(origin, len(hashes), merkle.root(hashes))
    path = tuple(merkle.inclusion_proof(hashes, 2))
    proof = TLogProof(2, path, sign_checkpoint(checkpoint, world.signer(signer)))
    return MemoryDays(FrozenDay(token, proof.to_bytes()))


def asked(world, days, day=DAY):
    return Shown(world.sound_ofd, {"days": days, "valid_on": day, "status": DeadSource()})


def sound_days(world, state=0):
    return logged(world, frozen_day(world, state))


@bad_licence(finds="status.ended")
def ended_on_that_day(world):
    """When the day was over the licence had ended; what it is today does not matter."""
    return asked(world, sound_days(world, status_list.ENDED))


@bad_licence(finds="status.day_not_over", verdict="cannot_say")
def asked_about_today(world):
    """The day is not over: it may still be suspended before midnight."""
    return asked(world, sound_days(world), AT.date())


@bad_licence(finds="status.source_missing", verdict="cannot_say")
def no_source_of_frozen_lists(world):
    """The verifier has nobody to ask for the past, and the present list is no answer."""
    return Shown(world.sound_ofd, {"valid_on": DAY})


@bad_licence(finds="status.source_unavailable", verdict="cannot_say")
def source_of_frozen_lists_down(world):
    """The service with the frozen lists does not answer."""
    return asked(world, DeadDays())


@bad_licence(finds="status.day_absent", verdict="cannot_say")
def day_that_was_not_frozen(world):
    """Nobody kept that day."""
    return asked(world, MemoryDays())


@bad_licence(finds="status.token_malformed", verdict="cannot_say")
def present_list_shown_for_a_day(world):
    """A genuine list of the present, which says nothing of that day."""
    return asked(world, logged(world, world.sound_status.token(STATUS_URI)))


@bad_licence(finds="status.day_unlogged", verdict="cannot_say")
def day_frozen_again_with_another_content(world):
    """The signer made a second list of that day; the log holds the first."""
    first = frozen_day(world, status_list.ENDED)
    second = frozen_day(world)
    return asked(world, logged(world, second, entry=day_entry(STATUS_URI, DAY, first)))


@bad_licence(finds="status.day_unlogged", verdict="cannot_say")
def day_in_a_log_of_somebody_else(world):
    """The proof is sound, and of a log that is not the region's."""
    return asked(world, logged(world, frozen_day(world), origin="log.example/1"))


@bad_licence(finds="status.day_unlogged", verdict="cannot_say")
def day_under_a_checkpoint_of_another_key(world):
    """The checkpoint is called like the log's, and signed by the code signer."""
    return asked(world, logged(world, frozen_day(world), signer="code_signer"))


@bad_licence(finds="status.day_unlogged", verdict="cannot_say")
def day_with_a_proof_that_is_garbage(world):
    """The proof beside the list is none."""
    token = frozen_day(world)
    return asked(world, MemoryDays(FrozenDay(token, b"not found")))


@bad_licence(finds="status.other_time", verdict="cannot_say")
def list_of_another_day(world):
    """The list of the day before, logged as what it is not."""
    token = frozen_day(world, said=DAY - timedelta(days=1), at=AT)
    return asked(world, logged(world, token))


@bad_licence(finds="status.other_time", verdict="cannot_say")
def day_frozen_before_it_was_over(world):
    """The list was signed at noon: the afternoon is not in it."""
    token = frozen_day(world, at=day_end(DAY) - timedelta(hours=12))
    return asked(world, logged(world, token))


@bad_licence(finds="status.other_list", verdict="cannot_say")
def frozen_list_of_another_address(world):
    """The frozen list belongs to another address than the licence names."""
    token = frozen_day(world, uri="https://status.example/other")
    return asked(world, logged(world, token))


@bad_licence(finds="status.signer_unknown", verdict="cannot_say")
def frozen_list_of_another_region(world):
    """The frozen list is signed by the status signer of a region that did not issue it."""
    token = frozen_day(world, signer=guangdong().signer("status_signer"))
    return asked(world, logged(world, token))


@bad_licence(finds="licence.not_yet_issued", also=("licence.not_yet_valid",))
def asked_about_a_day_before_issue(world):
    """On that day the licence had not been sealed."""
    day = date(2026, 10, 30)
    token = frozen_day(world, said=day)
    days = logged(world, token, entry=day_entry(STATUS_URI, day, token))
    return asked(world, days, day)


@bad_licence(finds="status.day_needs_document", verdict="cannot_say")
def identifier_on_a_day_that_is_over(world):
    """The register answers for the present only."""
    register = MemoryRegister(world.register_entry())
    sources = {"register": register, "valid_on": DAY, "days": sound_days(world)}
    return Shown(world.record.identifier.encode(), sources)
