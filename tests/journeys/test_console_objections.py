"""Objections in the console: lodged at the counter, accepted, decided, corrected."""

import re

import pytest
from sqlalchemy import select

from yinxin.audit import audit_records

LIST = "/console/objections"
RIGHT = "新疆乌鲁木齐市天山区工作台路7号"


@pytest.fixture
def licence(home, company):
    return home.mint(company)


@pytest.fixture
def lodged(desk, licence):
    """The path of an objection that somebody at the counter lodged."""
    page = f"{LIST}/new?licence={licence['id']}"
    entered = {"type": "WRONG", "statement": "住所有误", "claimed.premises": RIGHT}
    return desk("market-clerk").done(page, f"{LIST}/new", entered).partition("?")[0]


def test_a_wrong_value_becomes_a_corrected_edition(home, desk, company, licence, lodged):
    clerk, decider = desk("market-clerk"), desk("market-decider")
    assert lodged in clerk.get(LIST)
    page = clerk.get(lodged)
    assert company["fields"]["premises"] in page
    assert RIGHT in page
    assert f"{lodged}/decide" not in decider.get(lodged)
    clerk.done(f"{lodged}/accept", f"{lodged}/accept")
    assert lodged in decider.get("/console")
    decide = f"{lodged}/decide"
    assert RIGHT in decider.get(decide)
    refused = decider.send(decide, decide, {"outcome": "upheld", "reasons": ""})
    assert refused.status_code == 422
    assert RIGHT in refused.text
    decider.done(decide, decide, {"outcome": "upheld", "reasons": "经核实，住所登记有误"})
    page = clerk.get(clerk.done(f"{lodged}/correct", f"{lodged}/correct"))
    (corrected,) = set(re.findall(r"/console/licences/([0-9A-Za-z.]+)", page)) - {licence["id"]}
    assert home.verify(home.file({"id": corrected}))["verdict"] == "valid"
    assert home.verify(home.file(licence))["verdict"] == "invalid"
    with home.context.database.reading() as session:
        query = select(audit_records.c.act).filter_by(subject=lodged.rpartition("/")[2])
        acts = set(session.execute(query).scalars())
    assert {"objection.read_claim", "objection.accept", "objection.upheld"} <= acts


def test_who_had_a_part_in_it_does_not_decide(desk, lodged):
    clerk, reviewer = desk("market-clerk"), desk("market-reviewer")
    clerk.done(f"{lodged}/accept", f"{lodged}/accept")
    decide = f"{lodged}/decide"
    assert clerk.http.get(decide).status_code == 403
    answer = reviewer.send(decide, decide, {"outcome": "dismissed", "reasons": "无误"})
    assert answer.status_code == 403  # who reviewed the licence
    assert "无误" in answer.text


def test_it_is_refused_with_reasons_only_and_then_accepted_no_more(desk, lodged):
    clerk = desk("market-clerk")
    refuse, accept = f"{lodged}/refuse", f"{lodged}/accept"
    assert clerk.send(refuse, refuse, {"reasons": ""}).status_code == 422
    clerk.done(refuse, refuse, {"reasons": "属于行政决定本身"})
    page = clerk.get(lodged)
    assert "不予受理" in page
    assert "属于行政决定本身" in page
    assert clerk.send(accept, accept, {}).status_code == 409


def test_a_claim_without_a_field_is_said_on_the_form(desk, licence):
    page = f"{LIST}/new?licence={licence['id']}"
    answer = desk("market-clerk").send(page, f"{LIST}/new", {"statement": "有误<b>"})
    assert answer.status_code == 422
    assert "有误&lt;b&gt;" in answer.text


def test_others_learn_nothing_of_it(desk, lodged, licence):
    other = desk("land-clerk")
    assert other.http.get(lodged).status_code == 404
    assert lodged not in other.get(LIST)
    assert other.http.get(f"{LIST}/new?licence={licence['id']}").status_code == 404
