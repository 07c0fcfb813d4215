"""Licences in the console: found, renewed, suspended, resumed, ended; links and files."""

import io
import re
import zipfile

import pytest
from sqlalchemy import select

from yinxin.audit import audit_records

LIST = "/console/licences"
FIND = f"{LIST}/find"
BASIS = "《行政许可法》第七十条"


@pytest.fixture
def licence(home, company):
    return home.mint(company)


def acts_about(home, subject):
    with home.context.database.reading() as session:
        return set(
            session.execute(select(audit_records.c.act).filter_by(subject=subject)).scalars()
        )


def test_a_licence_is_found_by_number_identifier_and_list(desk, company, licence):
    clerk, place = desk("market-clerk"), f"{LIST}/{licence['id']}"
    for sought in (company["fields"]["uscc"], licence["id"], f" {licence['id']} "):
        answer = clerk.send(LIST, FIND, {"q": sought})
        assert answer.status_code == 303
        assert answer.headers["location"] == place
    assert place in clerk.get(LIST)
    assert "没有找到" in clerk.send(LIST, FIND, {"q": "91650100MA7TE9999X"}).text
    assert "没有找到" in desk("land-clerk").send(LIST, FIND, {"q": licence["id"]}).text
    assert desk("land-clerk").http.get(place).status_code == 404


def test_its_content_is_one_step_further_and_recorded(home, desk, company, licence):
    clerk, place = desk("market-clerk"), f"{LIST}/{licence['id']}"
    assert company["fields"]["premises"] not in clerk.get(place)
    assert "licence.read" not in acts_about(home, licence["id"])
    assert company["fields"]["premises"] in clerk.get(f"{place}/content")
    assert "licence.read" in acts_about(home, licence["id"])


def test_its_files_and_its_archive_are_what_the_service_gives(home, desk, licence):
    clerk, place = desk("market-clerk"), f"{LIST}/{licence['id']}"
    document = clerk.http.get(f"{place}/files/ofd").content
    assert home.verify(document)["verdict"] == "valid"
    assert "licence.file.ofd" in acts_about(home, licence["id"])
    assert clerk.http.get(f"{place}/files/nothing").status_code == 404
    package = clerk.http.get(f"{place}/archive").content
    assert zipfile.ZipFile(io.BytesIO(package)).testzip() is None
    assert "没有制作过加注件" in clerk.get(f"{place}/copies")


def test_suspended_and_resumed_by_a_reviewer_with_a_legal_basis(home, desk, licence):
    reviewer, place = desk("market-reviewer"), f"{LIST}/{licence['id']}"
    suspend, resume = f"{place}/state/suspend", f"{place}/state/resume"
    assert suspend in reviewer.get(place)
    assert resume not in reviewer.get(place)
    assert desk("market-clerk").http.get(suspend).status_code == 403
    assert reviewer.send(suspend, suspend, {"legal_basis": ""}).status_code == 422
    reviewer.done(suspend, suspend, {"legal_basis": BASIS})
    assert home.verify(home.file(licence))["verdict"] == "invalid"
    page = reviewer.get(place)
    assert BASIS in page
    assert resume in page
    answer = reviewer.http.get(suspend)
    assert answer.status_code == 409
    assert "现在的状态" in answer.text
    assert "暂停" in answer.text
    reviewer.done(resume, resume, {"legal_basis": BASIS})
    assert home.verify(home.file(licence))["verdict"] == "valid"


def test_ended_by_two_persons(home, desk, licence):
    clerk, reviewer = desk("market-clerk"), desk("market-decider")
    new = f"/console/endings/new?licence={licence['id']}&way=cancel"
    entered = {"cause": "dissolution", "legal_basis": BASIS}
    assert (
        clerk.send(new, "/console/endings/new", entered | {"cause": "penalty"}).status_code == 422
    )
    place = clerk.done(new, "/console/endings/new", entered).partition("?")[0]
    assert "须由他人决定" in clerk.get(place)
    confirm = f"{place}/confirm"
    assert clerk.send(confirm, confirm, {}).status_code == 403
    assert home.verify(home.file(licence))["verdict"] == "valid"
    assert place in reviewer.get("/console/endings")
    assert "不能恢复" in reviewer.get(confirm)
    reviewer.done(confirm, confirm)
    assert home.verify(home.file(licence))["verdict"] == "invalid"
    page = clerk.get(f"{LIST}/{licence['id']}")
    assert "已注销" in page
    assert "/console/endings/new" not in page
    assert clerk.http.get(new).status_code == 409


def test_a_proposal_is_declined_with_reasons_or_withdrawn(home, desk, licence):
    clerk, reviewer = desk("market-clerk"), desk("market-reviewer")
    new = f"/console/endings/new?licence={licence['id']}&way=forfeit"
    entered = {"cause": "penalty", "legal_basis": BASIS}
    place = clerk.done(new, "/console/endings/new", entered).partition("?")[0]
    decline = f"{place}/decline"
    assert reviewer.send(decline, decline, {"reasons": ""}).status_code == 422
    reviewer.done(decline, decline, {"reasons": "处罚尚未生效"})
    assert "处罚尚未生效" in clerk.get(place)
    place = clerk.done(new, "/console/endings/new", entered).partition("?")[0]
    clerk.done(f"{place}/withdraw", f"{place}/withdraw")
    assert "已撤回" in clerk.get(place)
    assert home.verify(home.file(licence))["verdict"] == "valid"


def test_a_link_is_given_once_and_all_are_revoked(home, desk, licence):
    clerk, place = desk("market-clerk"), f"{LIST}/{licence['id']}"
    give = f"{place}/links/new"
    answer = clerk.send(give, give, {})
    assert answer.status_code == 200
    address = re.search(r'value="(http[^"]+/h/[a-z2-7]+)"', answer.text)[1]
    path = "/h/" + address.rpartition("/")[2]
    assert clerk.http.get(path).status_code == 200
    assert "link.create" in acts_about(home, licence["id"])
    revoke = f"{place}/links/revoke"
    clerk.done(revoke, revoke)
    assert clerk.http.get(path).status_code == 404
    given = home.ask("market-clerk", "POST", f"/v1/licences/{licence['id']}/links", {})
    assert given.status == 201
    assert "/h/" in given.json["address"]
    assert home.ask("auditor", "POST", f"/v1/licences/{licence['id']}/links", {}).status in (
        403,
        404,
    )


def test_a_renewal_begins_at_the_licence(home, desk, licence):
    clerk = desk("market-clerk")
    page = clerk.get(f"{LIST}/{licence['id']}")
    renew = re.search(r'href="(/console/applications/new/[^"]+reason=renewal)"', page)[1]
    renew = renew.replace("&amp;", "&")
    path = clerk.done(renew, renew.partition("?")[0]).partition("?")[0]
    reviewer = desk("market-reviewer")
    reviewer.done(f"{path}/review/approve", f"{path}/review/approve")
    page = clerk.get(clerk.done(f"{path}/mint", f"{path}/mint"))
    newer = re.search(r"/console/licences/([0-9A-Za-z.]+)", page)[1]
    assert newer != licence["id"]
    page = clerk.get(f"{LIST}/{licence['id']}")
    assert "这是旧版本" in page
    assert newer in page


def test_many_are_suspended_by_two_persons(home, desk, company, licence):
    clerk, reviewer = desk("market-clerk"), desk("market-reviewer")
    new = "/console/suspensions/new"
    entered = {"way": "numbers", "legal_basis": BASIS}
    refused = clerk.send(new, new, entered | {"numbers": company["fields"]["uscc"]})
    assert refused.status_code == 422  # of which kind?
    assert company["fields"]["uscc"] in refused.text
    numbers = f"{company['fields']['uscc']}\n91650100MA7TE9999X"
    entered |= {"kind": "business_licence", "numbers": numbers}
    place = clerk.done(new, new, entered).partition("?")[0]
    confirm = f"{place}/confirm"
    assert licence["id"] in clerk.get(place)
    assert "没有这个编号" in clerk.get(place)
    assert clerk.http.get(confirm).status_code == 403
    assert place in reviewer.get("/console/suspensions")
    page = reviewer.get(reviewer.done(confirm, confirm))
    assert "已暂停" in page
    assert home.verify(home.file(licence))["verdict"] == "invalid"
    by_identifier = {"way": "identifiers", "legal_basis": BASIS, "identifiers": licence["id"]}
    place = clerk.done(new, new, by_identifier).partition("?")[0]
    decline = f"{place}/decline"
    assert reviewer.send(decline, decline, {"reasons": ""}).status_code == 422
    reviewer.done(decline, decline, {"reasons": "已经暂停"})
    assert "已经暂停" in clerk.get(place)
