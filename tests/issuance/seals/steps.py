"""Short cuts: what keepers do with their department's seal."""

from issuance.seals import controlling
from issuance.seals.policy_register import RequestState, requests_of
from issuance.seals.register import seals_of
from tests.issuance.world import AT, MARKET, actor


def keeper(name="owner", department=MARKET):
    return actor(name, "seal_keeper", department=department)


def seal_of(world, issuer_code=MARKET):
    with world.writing() as session:
        return seals_of(session, issuer_code)[0]


def adopt(world, terms, *, seal=None, at=AT):
    """Have one keeper propose a policy and another adopt it."""
    seal = seal or seal_of(world)
    with world.writing() as session:
        arguments = (session, world.services, seal.id)
        by = keeper("owner", seal.issuer_code)
        proposed = controlling.propose_policy(*arguments, terms, reason="内控要求", actor=by, at=at)
        other = keeper("second", seal.issuer_code)
        return controlling.decide_policy(
            *arguments, proposed.version, adopt=True, actor=other, at=at
        )


def waiting(world, seal=None, state=RequestState.WAITING):
    seal = seal or seal_of(world)
    with world.writing() as session:
        return requests_of(session, seal.issuer_code, seal.id, state, 100)


def decide(world, requests, *, reasons=None, by=None, at=AT):
    seal = seal_of(world)
    ids = [request if isinstance(request, str) else request.id for request in requests]
    with world.writing() as session:
        return controlling.decide_requests(
            session,
            world.services,
            seal.id,
            ids,
            reasons=reasons,
            actor=by or keeper(),
            at=at,
        )
