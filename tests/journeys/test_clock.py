"""A clock that was moved: nothing is stamped, nothing is lost, and it goes on when it is right."""

from datetime import timedelta

import pytest

from sealkit.asn1 import tsp
from sealkit.sm import sm3
from yinxin.context import Context
from yinxin.demonstration.client import Client


@pytest.fixture
def moved(home):
    """The service's clock, two seconds ahead of where it was."""
    clock = home.context.clock
    clock.standing()
    clock._now = lambda: Context.now() + timedelta(seconds=2)
    yield clock
    clock._now = Context.now
    clock._watch.compare(timedelta(0), at=clock._now(), uptime=clock._uptime())


def stamp(home):
    query = tsp.build_request(sm3.digest(b"message"), nonce=7)
    headers = {"Content-Type": "application/timestamp-query"}
    return tsp.parse_response(Client(home.address).call("POST", "/tsa", query, headers).content)


def test_nothing_is_stamped_and_a_licence_waits(home, company, moved):
    place = home.apply(company)
    home.client("market-reviewer").post(f"{place}/review", {"decision": "approve"})
    home.refused(503, "ca.clock", home.ask("market-clerk", "POST", f"{place}/mint"))
    assert stamp(home).token is None
    moved._now = Context.now
    moved._watch.compare(timedelta(0), at=moved._now(), uptime=moved._uptime())
    assert stamp(home).token is not None
    licence = home.client("market-clerk").post(f"{place}/mint").json
    assert home.verify(home.file(licence))["verdict"] == "valid"
