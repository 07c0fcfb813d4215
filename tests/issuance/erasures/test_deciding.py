"""Erasing an opening takes two persons; what is gone is gone, and everything else stays right."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from ca.log_fault import find_log_fault
from issuance import lifecycle, repository
from issuance.erasures import deciding
from issuance.erasures.rows import ErasureState
from issuance.erasures.tables import erasures
from issuance.errors import (
    NotEntitledError,
    OpeningErasedError,
    SeparationOfDutiesError,
    TransitionError,
    UnknownErasureError,
    UnknownLicenceError,
)
from issuance.licence_record import salt_of
from issuance.register_faults import (
    Fault,
    find_file_faults,
    find_row_faults,
    find_verdict_faults,
)
from issuance.register_rows import NO_SALT
from issuance.tables import plans
from sealkit.formats.code.container import unwrap
from sealkit.log_leaf import parse_opening
from sealkit.sm import sm3
from sealkit.tlog_proof import parse_tlog_proof
from tests.issuance.test_lifecycle import change, codes
from tests.issuance.test_mint import Published, file_of
from tests.issuance.test_replacements import renew
from tests.issuance.world import AT, CIVIL, actor, clerk, decider, reviewer
from verification.report import Verdict
from verification.verify import verify
from yinxin.adapters import LogProofs
from yinxin.audit import audit_records
from yinxin.files import FileNotStoredError


def propose(world, edition, by=None, basis="保存期限届满"):
    with world.writing() as session:
        return deciding.propose(
            session,
            world.services,
            edition.identifier,
            legal_basis=basis,
            actor=by or clerk(),
            at=AT,
        )


def decide(world, erasure, step="confirm", by=None, **members):
    with world.writing() as session:
        act = getattr(deciding, step)
        return act(session, world.services, erasure.id, actor=by or decider(), at=AT, **members)


def destroy(world):
    with world.writing() as session:
        return deciding.destroy_files(session, world.services, at=AT)


def faults(world):
    with world.database.reading() as session:
        trust = world.services.trust()
        assert find_log_fault(session, world.services.log) is None
        return [
            *find_row_faults(session, world.services),
            *find_file_faults(session, world.services),
            *find_verdict_faults(session, world.services, trust=trust, at=world.at),
        ]


@pytest.fixture
def ended(world):
    """A licence with a whole life that is over: suspended, resumed, cancelled."""
    edition = world.mint()
    change(world, "suspend", edition)
    change(world, "resume", edition)
    world.end(edition)
    return edition


def test_when_another_person_confirms_nobody_can_open_the_entry_any_more(world, ended):
    proof = parse_tlog_proof(file_of(world, ended, "proof"))
    with world.database.reading() as session:
        stored = repository.files(session, ended.key)["proof"]
        root = world.services.log.root(session)
    erasure = propose(world, ended)
    assert file_of(world, ended, "proof")
    assert decide(world, erasure).state is ErasureState.CONFIRMED
    with world.database.reading() as session:
        plan = repository.plan(session, ended.key)
        with pytest.raises(OpeningErasedError):
            salt_of(world.services.vault, ended.key, plan.sealed_salt)
        with pytest.raises(OpeningErasedError):
            lifecycle.read_file(session, world.services, ended, "proof", actor=clerk(), at=AT)
        assert world.services.log.root(session) == root
        entry = world.services.log.entry(session, ended.log_index)
    assert destroy(world) == 1
    assert destroy(world) == 0
    with pytest.raises(FileNotStoredError):
        world.services.files.get(stored.key)
    # What a holder kept before still opens it: a copy of one's own cannot be called back.
    kept = parse_opening(proof.extra)
    assert kept.entry == entry
    assert kept.verify(sm3.digest(unwrap(file_of(world, ended, "code.txt").decode())))


def test_the_audit_chain_has_each_step_of_an_erasure(world, ended):
    decide(world, propose(world, ended))
    destroy(world)
    with world.database.reading() as session:
        rows = session.execute(
            select(audit_records.c.act, audit_records.c.actor).where(
                audit_records.c.act.startswith("erasure.")
            )
        ).all()
    assert [tuple(row) for row in rows] == [
        ("erasure.propose", clerk().id),
        ("erasure.confirm", decider().id),
        ("erasure.destroy", deciding.SYSTEM),
    ]


def test_register_log_and_files_still_agree_and_the_doctor_finds_nothing(world, ended):
    other = renew(world, world.mint(key="key-00000002"), key="key-renewal-2")
    decide(world, propose(world, ended))
    assert faults(world) == []
    destroy(world)
    assert faults(world) == []
    assert codes(world, other)[0] is Verdict.VALID


def test_an_edition_that_follows_an_erased_one_stays_valid_and_can_be_replaced(world):
    first = world.mint()
    second = renew(world, first)
    decide(world, propose(world, first))
    destroy(world)
    assert codes(world, second)[0] is Verdict.VALID
    third = renew(world, second, key="key-renewal-2")
    assert codes(world, third)[0] is Verdict.VALID
    assert faults(world) == []


def test_a_verifier_is_told_plainly_and_the_answer_is_never_valid(world):
    first = world.mint()
    second = renew(world, first)
    decide(world, propose(world, first))
    proofs = LogProofs(world.database, world.services.files)
    report = _judged(world, first, proofs)
    assert "log.opening_erased" in {finding.code for finding in report.findings}
    assert report.verdict is Verdict.INVALID, "as it was: superseded"
    assert _judged(world, second, proofs).verdict is Verdict.VALID
    # Judged without the list of now, the erasure alone makes it cannot_say.
    alone = _judged(world, first, proofs, status=None)
    assert {f.code for f in alone.findings if f.code.startswith("log.")} == {"log.opening_erased"}
    assert alone.verdict is Verdict.CANNOT_SAY


@pytest.mark.parametrize("state", ["active", "suspended"])
def test_a_licence_in_force_cannot_have_its_opening_erased_and_the_state_is_named(world, state):
    edition = world.mint()
    if state == "suspended":
        change(world, "suspend", edition)
    with pytest.raises(TransitionError) as caught:
        propose(world, edition)
    assert caught.value.state == state


def test_nobody_erases_alone(world, ended):
    one = replace(decider(), id="one-person", roles=frozenset({"clerk", "reviewer"}))
    erasure = propose(world, ended, by=one)
    for step, members in (("confirm", {}), ("decline", {"reasons": "无"})):
        with pytest.raises(SeparationOfDutiesError):
            decide(world, erasure, step, by=one, **members)
    with pytest.raises(NotEntitledError):
        decide(world, erasure, by=clerk())
    with pytest.raises(NotEntitledError):
        propose(world, ended, by=actor("auditor", "auditor"))


def test_other_departments_see_nothing(world, ended):
    erasure = propose(world, ended)
    with pytest.raises(UnknownLicenceError):
        propose(world, ended, by=clerk(CIVIL))
    with pytest.raises(UnknownErasureError):
        decide(world, erasure, by=decider(CIVIL))
    with pytest.raises(UnknownErasureError):
        decide(world, erasure, "withdraw", by=reviewer())
    with world.writing() as session:
        assert deciding.list_erasures(session, actor=decider(CIVIL)) == ()
        assert [e.id for e in deciding.list_erasures(session, actor=decider())] == [erasure.id]


def test_the_same_again_is_the_same_and_what_is_decided_stays(world, ended):
    first = propose(world, ended)
    assert propose(world, ended).id == first.id
    with pytest.raises(TransitionError):
        propose(world, ended, basis="另一依据")
    assert decide(world, first, "withdraw", by=clerk()).state is ErasureState.WITHDRAWN
    second = propose(world, ended)
    assert decide(world, second, "decline", reasons="诉讼未结").reasons == "诉讼未结"
    assert file_of(world, ended, "proof")
    third = propose(world, ended)
    assert decide(world, third).decided_at == decide(world, third).decided_at
    with pytest.raises(TransitionError) as caught:
        propose(world, ended)
    assert caught.value.state == "erasure confirmed"


def test_a_salt_that_vanished_without_a_decision_is_named(world, ended):
    with world.writing() as session:
        of_plan = plans.c.serial == ended.serial
        session.execute(update(plans).where(of_plan).values(sealed_salt=NO_SALT))
    assert Fault("erasure.undecided", ended.identifier) in faults(world)


def test_a_decision_that_was_not_carried_out_is_named(world, ended):
    erasure = propose(world, ended)
    with world.writing() as session:
        of_erasure = erasures.c.id == erasure.id
        session.execute(update(erasures).where(of_erasure).values(state="destroyed"))
    assert faults(world) == [Fault("erasure.not_carried_out", ended.identifier)]


def test_an_entry_of_another_step_is_found_without_the_salt_too(world, ended):
    decide(world, propose(world, ended))
    with world.writing() as session:
        events = repository.events(session, ended.key)
        suspended, resumed = (e for e in events if e.step in ("suspend", "resume"))
        repository.set_event_index(session, ended.key, suspended.sequence, resumed.log_index)
    assert "change_entry.differs" in {fault.rule for fault in faults(world)}


def _judged(world, edition, log, status=...):
    return verify(
        file_of(world, edition, "ofd"),
        trust=world.services.trust(),
        status=Published(world) if status is ... else status,
        log=log,
        register=None,
        at=AT,
        code=file_of(world, edition, "code.txt").decode(),
    )
