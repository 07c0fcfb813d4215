"""The console's first page: what waits, for whom, and that everybody sees only their own."""

import re

import pytest

from yinxin.console import queues
from yinxin.console.waiting import MOST, Queue, waiting_for
from yinxin.words import words


@pytest.fixture
def number_of(desk):
    """Return how many things wait in a queue of somebody's."""

    def read(account, key):
        page = desk(account).get("/console")
        found = re.search(rf'id="q-{key}".*?<p class="count[^>]*><a [^>]*>([^<]+)<', page, re.S)
        return found[1] if found else None

    return read


def test_an_application_waits_for_others_than_who_sent_it(home, number_of, company):
    before = int(number_of("market-reviewer", "to_review"))
    elsewhere = number_of("civil-reviewer", "to_review")
    home.apply(company)
    assert int(number_of("market-reviewer", "to_review")) == before + 1
    assert number_of("market-clerk", "to_review") is None
    assert number_of("civil-reviewer", "to_review") == elsewhere


def test_proposals_wait_for_a_second_person(home, desk, number_of, company, legal_basis):
    licence = home.mint(company)
    ending = {"way": "cancel", "cause": "surrender", **legal_basis}
    answer = home.ask("market-reviewer", "POST", f"/v1/licences/{licence['id']}/endings", ending)
    assert answer.status == 201, answer.content
    ending_id = answer.json["ending_id"]
    page = desk("market-decider").get("/console")
    assert f"/console/endings/{ending_id}" in page
    assert f"/console/endings/{ending_id}" not in desk("market-reviewer").get("/console")
    chosen = {"licences": [licence["id"]], **legal_basis}
    answer = home.ask("market-reviewer", "POST", "/v1/suspensions", chosen)
    assert answer.status == 201, answer.content
    path = f"/console/suspensions/{answer.json['suspension_id']}"
    assert path in desk("market-decider").get("/console")
    assert path not in desk("market-reviewer").get("/console")


def test_objections_wait_with_their_day(home, desk, company):
    licence = home.mint(company)
    claim = {
        "statement": "住所有误",
        "items": [{"field": "premises", "claimed_value": "示例路1号"}],
        "capacity": "counter",
    }
    path = f"/v1/licences/{licence['id']}/objections"
    answer = home.ask("case-officer", "POST", path, claim)
    assert answer.status == 201, answer.content
    page = desk("market-clerk").get("/console")
    entry = page[page.index(f"/console/objections/{answer.json['id']}") :][:600]
    assert "错证" in entry
    assert "期限" in entry
    assert "示例路1号" not in page


def test_seals_wait_for_their_keepers_alone(home, desk, number_of):
    assert number_of("market-keeper", "seal_requests") == "0"
    assert number_of("market-clerk", "seal_requests") is None
    assert "/console/applications" not in desk("market-keeper").get("/console")


def test_a_number_is_exact_as_far_as_was_looked():
    class Somebody:
        roles = frozenset({"clerk"})

    class Call:
        actor, at = Somebody(), None

    def queue(entries):
        return Queue("x", frozenset({"clerk"}), "/console", lambda _call: (None,) * entries)

    told = [waiting_for(Call(), [queue(number)])[0].count for number in (0, MOST, MOST + 1)]
    assert told == ["0", str(MOST), f"{MOST}+"]
    assert waiting_for(Call(), [Queue("y", frozenset({"reviewer"}), "", None)]) == ()


def test_every_queue_has_its_words():
    for queue in queues.QUEUES:
        assert words().has(f"console.queue.{queue.key}")
