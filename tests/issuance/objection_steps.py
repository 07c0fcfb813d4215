"""The steps of an objection, each in a transaction of its own."""

from issuance import corrections, decisions, objections, repository
from issuance.claims import Claim
from issuance.decisions import Decision, Outcome
from issuance.licence_record import record_of
from issuance.objection_states import Capacity, ObjectionType
from sealkit.record import Holder
from sealkit.status_list import parse_token
from tests.issuance.test_mint import Published
from tests.issuance.world import (
    AT,
    actor,
    clerk,
    decider,
)

RIGHT = "新疆乌鲁木齐市天山区示例路89号云创大厦6层601室"
CLAIM = Claim(ObjectionType.WRONG, "住所门牌号有误", {"premises": RIGHT})
COMPANY = Holder("天山云创数字科技有限公司", "91650100MA7DEM016D", "001")


def lodge(world, edition, claim=CLAIM, *, by=None, capacity=Capacity.COUNTER, at=AT):
    with world.writing() as session:
        return objections.lodge_objection(
            session,
            world.services,
            edition.identifier,
            claim,
            capacity=capacity,
            actor=by or actor("counter", "clerk"),
            at=at,
        )


def accept(world, objection, *, by=None, at=AT):
    with world.writing() as session:
        return objections.accept_objection(
            session, world.services, objection.id, actor=by or clerk(), at=at
        )


def decide(world, objection, outcome=Outcome.UPHELD, *, by=None, at=AT, **members):
    decision = Decision(outcome, "经核实，门牌号登记有误", **members)
    with world.writing() as session:
        return decisions.decide_objection(
            session, world.services, objection.id, decision, actor=by or decider(), at=at
        )


def correct(world, objection, *, by=None, at=AT):
    with world.writing() as session:
        return corrections.correct(
            session, world.services, objection.id, actor=by or clerk(), at=at
        )


def current(world, edition):
    with world.writing() as session:
        return repository.edition(session, edition.key)


def slot(world, edition):
    record = record_of(world.services.vault, edition)
    token = parse_token(Published(world).token(record.status.uri))
    return token.statuses.get(record.status.index)


def find(world, objection, by):
    with world.writing() as session:
        return objections.find_objection(session, objection.id, actor=by)
