"""A holder's links can be revoked: by the holder, or at the counter on the holder's behalf."""

import urllib.error
import urllib.parse
import urllib.request

import pytest
from sqlalchemy import delete, select, update

from issuance import repository
from issuance.tables import edition_files, plans
from yinxin import holder_links
from yinxin.audit import audit_records


@pytest.fixture
def two_links(home, company):
    """A licence and two links to it."""
    licence = home.mint(company)
    context = home.context
    with context.database.writing() as session:
        found = repository.edition_by_identifier(session, licence["id"])
        link = holder_links.HolderLink(found.issuer_code, found.serial)
        tokens = [holder_links.create(session, link, at=context.now()) for _ in range(2)]
    return licence, *tokens


def status_of(home, path, form=None):
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        with urllib.request.urlopen(f"{home.address}{path}", data, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_holder_takes_home_the_files_that_there_are_and_the_log_s_proof(home, two_links):
    """A licence of a batch may have no PDF; asking for one is answered, not a failure."""
    licence, token, _other = two_links
    for form in ("ofd", "pdf", "proof"):
        assert status_of(home, f"/h/{token}/licence.{form}") == 200
    assert status_of(home, f"/h/{token}/licence.exe") == 404
    with home.context.database.writing() as session:
        of_licence = {"serial": licence["id"].split(".")[-3], "form": "pdf"}
        gone = session.execute(delete(edition_files).filter_by(**of_licence))
        assert gone.rowcount == 1
        session.execute(update(plans).filter_by(serial=of_licence["serial"]).values(forms="ofd"))
    with urllib.request.urlopen(f"{home.address}/h/{token}", timeout=20) as answer:
        page = answer.read().decode()
    assert f"/h/{token}/licence.proof" in page
    assert f"/h/{token}/licence.pdf" not in page
    assert status_of(home, f"/h/{token}/licence.pdf") == 404


def recorded(home, licence):
    with home.context.database.reading() as session:
        query = select(audit_records).where(audit_records.c.act == "link.revoke")
        return session.execute(query.where(audit_records.c.subject == licence["id"])).all()


def test_a_holder_revokes_one_link_and_the_other_stays(home, two_links):
    licence, lost, kept = two_links
    assert status_of(home, f"/h/{lost}/revoke", {"which": "this"}) == 200
    assert status_of(home, f"/h/{lost}") == 404
    assert status_of(home, f"/h/{lost}/licence.pdf") == 404
    assert status_of(home, f"/h/{kept}") == 200
    (row,) = recorded(home, licence)
    assert row.actor == "holder-link"
    assert '"links": "1"' in row.detail


def test_a_holder_revokes_all_links_at_once(home, two_links):
    _, first, second = two_links
    assert status_of(home, f"/h/{first}/revoke", {"which": "all"}) == 200
    assert [status_of(home, f"/h/{token}") for token in (first, second)] == [404, 404]
    assert status_of(home, f"/h/{first}/revoke", {"which": "all"}) == 404


def test_the_department_revokes_them_on_the_holder_s_behalf(home, two_links):
    licence, first, second = two_links
    path = f"/v1/licences/{licence['id']}/links/revoke"
    assert home.ask("market-clerk", "POST", path).json == {"revoked": 2}
    assert [status_of(home, f"/h/{token}") for token in (first, second)] == [404, 404]
    assert home.ask("market-clerk", "POST", path).json == {"revoked": 0}
    assert [row.actor == "holder-link" for row in recorded(home, licence)] == [False, False]


def test_another_department_and_anybody_else_revoke_nothing(home, two_links):
    licence, first, _ = two_links
    path = f"/v1/licences/{licence['id']}/links/revoke"
    assert home.ask("land-clerk", "POST", path).status == 404
    assert home.ask("", "POST", path).status == 401
    assert status_of(home, f"/h/{first}/revoke", {"which": "none"}) == 422
    assert status_of(home, f"/h/{first}") == 200


def test_the_page_says_how_many_links_open_the_licence(home, two_links):
    _, first, _ = two_links
    with urllib.request.urlopen(f"{home.address}/h/{first}", timeout=20) as answer:
        page = answer.read().decode()
    assert "能打开此证照的链接数" in page
    assert "收回全部链接" in page
