"""Applications in the console: from the form to the licence, and what is refused on the way."""

import io
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image
from sqlalchemy import select

from yinxin.accounts import Account, add_account
from yinxin.audit import audit_records

LIST = "/console/applications"
NEW = f"{LIST}/new/business_licence"
PAPER = ("章程.pdf", b"%PDF-1.7 articles of association", "application/pdf")


@pytest.fixture
def entered(company):
    """What a clerk types for a company that nobody has applied for yet."""
    holder = {f"holders[0].{name}": value for name, value in company["holders"][0].items()}
    return holder | {f"fields.{name}": value for name, value in company["fields"].items()}


@pytest.fixture
def submitted(desk, entered):
    """Return the path of an application that waits for review."""
    return desk("market-clerk").done(NEW, NEW, entered).partition("?")[0]


def listed(desk, state):
    """Return every page of a list; others leave applications too."""
    pages, following = "", f"{LIST}?state={state}"
    while following:
        page = desk.get(following)
        pages += page
        more = re.search(r'href="([^"]+)">下一页', page)
        following = more[1].replace("&amp;", "&") if more else ""
    return pages


def acts_about(home, subject):
    with home.context.database.reading() as session:
        query = select(audit_records.c.act, audit_records.c.actor)
        return [tuple(row) for row in session.execute(query.filter_by(subject=subject))]


def test_an_application_becomes_a_licence(home, desk, entered):
    clerk, reviewer = desk("market-clerk"), desk("market-reviewer")
    led = clerk.done(NEW, NEW, entered, {"papers": PAPER})
    page = clerk.get(led)
    assert "已提交，等待他人审核" in page
    assert "章程.pdf" in page
    path = led.partition("?")[0]
    assert path in listed(reviewer, "submitted")
    page = reviewer.get(path)
    assert entered["fields.premises"] in page
    paper = re.search(rf"{path}/papers/\w+", page)[0]
    answer = reviewer.http.get(paper)
    assert answer.content == PAPER[1]
    assert answer.headers["content-disposition"].startswith("attachment")
    page = reviewer.get(f"{path}/review/approve")
    assert "不能收回" in page
    assert entered["fields.legal_rep"] not in page  # only the application itself shows it
    reviewer.done(f"{path}/review/approve", f"{path}/review/approve")
    assert path in listed(clerk, "approved")
    page = clerk.get(clerk.done(f"{path}/mint", f"{path}/mint"))
    licence = re.search(r"/console/licences/([0-9A-Za-z.]+)", page)[1]
    document = home.client("market-clerk").get(f"/v1/licences/{licence}/files/ofd").content
    assert home.verify(document)["verdict"] == "valid"
    acts = acts_about(home, path.rpartition("/")[2])
    assert ("application.submit", "market-clerk") in acts
    assert ("application.read", "market-reviewer") in acts
    assert ("attachment.read", "market-reviewer") in acts
    assert ("application.approve", "market-reviewer") in acts


def test_the_same_form_sent_twice_is_one_application(desk, entered):
    clerk = desk("market-clerk")
    form = clerk.forms(NEW)[NEW] | entered
    first, second = (clerk.http.post(NEW, data=form, files={"papers": PAPER}) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    page = clerk.get(first.headers["location"])
    assert page.count("章程.pdf") == 1
    changed = form | {"fields.scope": "软件开发"}
    answer = clerk.http.post(NEW, data=changed)
    assert answer.status_code == 409
    # What is shown again has a key of its own, so that it can be meant.
    assert f'name="_key" value="{form["_key"]}"' not in answer.text


def test_mistakes_are_told_beside_their_fields_and_what_was_entered_stays(desk, entered):
    clerk = desk("market-clerk")
    wrong = entered | {
        "fields.uscc": "91650100MA7DEM0160",
        "fields.legal_rep": "",
        "fields.scope": '软件开发 <script>alert("1")</script>"&',
    }
    answer = clerk.send(NEW, NEW, wrong)
    assert answer.status_code == 422
    page = answer.text
    for place in ("uscc", "legal_rep"):
        assert f'href="#f-{place}"' in page
        assert f'id="f-{place}"' in page
        assert f'id="e-{place}-1"' in page
    assert "校验位不正确" in page
    assert entered["fields.premises"] in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(&#34;1&#34;)" in page


def test_what_was_typed_is_shown_and_never_run(desk, entered):
    clerk = desk("market-clerk")
    scope = '软件<img src=x onerror="alert(1)">&"'
    path = clerk.done(NEW, NEW, entered | {"fields.scope": scope}).partition("?")[0]
    for page in (clerk.get(path), clerk.get(LIST + "?state=submitted")):
        assert "<img" not in page
    assert "&lt;img src=x onerror=&#34;alert(1)&#34;&gt;" in clerk.get(path)
    reviewer = desk("market-reviewer")
    reason = '<b onclick="x">"'
    back = f"{path}/review/return"
    reviewer.done(back, back, {"remark.scope": reason, "reason": reason})
    for page in (clerk.get(path), clerk.get(f"{path}/complete")):
        assert "<b onclick" not in page
        assert "&lt;b onclick=&#34;x&#34;&gt;&#34;" in page


def test_who_submitted_does_not_review(home, desk, stranger, entered):
    both = "market-both"
    code = home.context.region.departments["market"].code
    with home.context.database.writing() as session:
        add_account(
            session, Account(both, "兼任", code, frozenset({"clerk", "reviewer"})), "s3cret"
        )
    assert stranger.sign_in(both, "s3cret").status_code == 303
    path = stranger.done(NEW, NEW, entered).partition("?")[0]
    assert "须由他人审核" in stranger.get(path)
    assert "/review/approve" not in stranger.get(path)
    page = stranger.get(f"{path}/review/approve", 403)
    assert "须由另一人办理" in page
    theirs = desk("market-reviewer").forms(f"{path}/review/approve")[f"{path}/review/approve"]
    token = stranger.forms("/console")["/console/sign-out"]["_form"]
    answer = stranger.http.post(f"{path}/review/approve", data=theirs | {"_form": token})
    assert answer.status_code == 403
    assert home.ask("market-clerk", "GET", path.replace("/console", "/v1")).json["state"] == (
        "submitted"
    )


def test_a_returned_application_is_mended_and_sent_again(desk, submitted):
    clerk, reviewer = desk("market-clerk"), desk("market-reviewer")
    back = f"{submitted}/review/return"
    answer = reviewer.send(back, back)
    assert answer.status_code == 422
    assert 'href="#f-reason"' in answer.text
    seen = reviewer.forms(f"{submitted}/review/approve")[f"{submitted}/review/approve"]
    reviewer.done(back, back, {"remark.premises": "请写到门牌号"})
    assert submitted in clerk.get("/console")
    mend = f"{submitted}/complete"
    page = clerk.get(mend)
    assert "请写到门牌号" in page
    wrong = clerk.send(mend, mend, {"fields.premises": ""})
    assert wrong.status_code == 422
    assert "请写到门牌号" in wrong.text
    led = clerk.done(mend, mend, {"fields.premises": "新疆乌鲁木齐市天山区示例路99号"})
    assert "已补正并再次提交" in clerk.get(led)
    # Whoever had the first one open decides on what is no longer there.
    answer = reviewer.http.post(f"{submitted}/review/approve", data=seen)
    assert answer.status_code == 409
    assert "示例路99号" in reviewer.get(submitted)
    reviewer.done(f"{submitted}/review/approve", f"{submitted}/review/approve")


def test_a_rejection_needs_a_reason_and_ends_it(desk, submitted):
    reviewer = desk("market-reviewer")
    path = f"{submitted}/review/reject"
    answer = reviewer.send(path, path, {"reason": "  "})
    assert answer.status_code == 422
    led = reviewer.done(path, path, {"reason": "材料不实"})
    assert "材料不实" in reviewer.get(led)
    assert "/mint" not in reviewer.get(submitted)
    answer = reviewer.send("/console", "/console/sign-out", {"_form": ""})
    assert answer.status_code == 403


def test_withdrawing_takes_two_steps(desk, submitted):
    clerk = desk("market-clerk")
    page = clerk.get(f"{submitted}/withdraw")
    assert "须重新提交" in page
    led = clerk.done(f"{submitted}/withdraw", f"{submitted}/withdraw")
    assert "申请已撤回" in clerk.get(led)
    form = clerk.http.get(f"{submitted}/withdraw")
    again = clerk.send(f"{submitted}/withdraw", f"{submitted}/withdraw")
    assert form.status_code == 200
    assert again.status_code == 409


def test_papers_are_added_and_strange_ones_refused(desk, submitted):
    clerk = desk("market-clerk")
    action = f"{submitted}/papers"
    led = clerk.done(submitted, action, files={"papers": PAPER})
    assert "附件已添加" in clerk.get(led)
    program = ("章程.pdf", b"MZ\x90\x00 program", "application/pdf")
    answer = clerk.send(submitted, action, files={"papers": program})
    assert answer.status_code == 415
    assert answer.headers["content-type"].startswith("text/html")


def test_papers_beyond_the_limit_are_refused_as_a_page(home, desk, submitted):
    size = home.context.settings.max_upload_bytes + 1
    papers = {"papers": ("大.pdf", b"%PDF-" + bytes(size), "application/pdf")}
    answer = desk("market-clerk").send(submitted, f"{submitted}/papers", files=papers)
    assert answer.status_code == 413
    assert "超过大小限制" in answer.text


def test_other_roles_and_departments_are_refused(desk, submitted):
    reviewer, auditor, other = desk("market-reviewer"), desk("auditor"), desk("civil-clerk")
    assert reviewer.http.get(NEW).status_code == 403
    assert reviewer.http.get(f"{submitted}/withdraw").status_code == 403
    assert desk("market-clerk").http.get(f"{submitted}/review/approve").status_code == 403
    assert other.http.get(submitted).status_code == 404
    assert other.http.get(NEW).status_code == 403
    assert desk("market-keeper").http.get(submitted).status_code == 403
    assert auditor.http.get(f"{submitted}/mint").status_code == 403
    assert other.http.get(f"{LIST}/new/no_such_kind").status_code == 422


def test_an_auditor_sees_masked_values_and_no_papers(desk, submitted, entered):
    desk("market-clerk").done(submitted, f"{submitted}/papers", files={"papers": PAPER})
    auditor = desk("auditor")
    page = auditor.get(submitted)
    assert entered["fields.legal_rep"] not in page
    assert "章程.pdf" in page
    assert f"{submitted}/papers/" not in page
    paper = re.search(rf"{submitted}/papers/\w+", desk("market-clerk").get(submitted))[0]
    assert auditor.http.get(paper).status_code == 403


def test_an_application_is_found_by_its_number_in_ones_own_department(desk, submitted):
    number = submitted.rpartition("/")[2]
    clerk, path = desk("market-clerk"), f"{LIST}/find"
    answer = clerk.http.get(path, params={"number": f" {number} "})
    assert answer.headers["location"] == submitted
    assert desk("civil-clerk").http.get(path, params={"number": number}).status_code == 404
    for wrong in ("", "//evil.example", "A0"):
        assert clerk.http.get(path, params={"number": wrong}).status_code in (404, 422)


def test_two_at_the_same_moment_are_one_application(desk, entered):
    clerk = desk("market-clerk")
    form = clerk.forms(NEW)[NEW] | entered
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(clerk.http.post, NEW, data=form) for _ in range(2)]
    answers = [one.result() for one in sent]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1


def test_lists_go_on_page_by_page_without_missing_or_repeating(desk, submitted, monkeypatch):
    clerk = desk("market-clerk")
    monkeypatch.setattr("yinxin.console.listing.PAGE_LINES", 1)
    monkeypatch.setattr("yinxin.console.applications.PAGE_LINES", 1)
    path, found = f"{LIST}?state=submitted", []
    while path:
        page = clerk.get(path)
        found += re.findall(rf'<a href="({LIST}/A\w+)"', page)
        onward = re.search(r'href="(/console/applications\?[^"]*after=[^"]*)"', page)
        path = onward[1].replace("&amp;", "&") if onward else None
    assert submitted in found
    assert len(found) == len(set(found))
    for after in ("x", "2026-11-24T00:00:00~A1", "2026-11-24T00:00:00+00:00~<b>"):
        answer = clerk.http.get(LIST, params={"state": "submitted", "after": after})
        assert answer.status_code == 422
        assert "<b>" not in answer.text


def test_two_holders_and_documents_of_another_sort(home, desk, examples):
    clerk = desk("civil-clerk")
    new = f"{LIST}/new/marriage_certificate"
    members = examples("marriage_certificate")
    values = {f"fields.{name}": value for name, value in members["fields"].items()}
    passport = {
        "fields.cert_no": "J650102-2026-009901",
        "fields.female_id": "E12345678",
        "holders[1].code_type": "414",
    }
    path = clerk.done(new, new, values | passport).partition("?")[0]
    told = home.ask("civil-clerk", "GET", path.replace("/console", "/v1")).json
    assert [holder["code_type"] for holder in told["holders"]] == ["111", "414"]
    assert told["holders"][1]["code"] == "E12345678"
    assert "普通护照" in clerk.get(path)


def photograph():
    stream = io.BytesIO()
    Image.new("RGB", (300, 400), (200, 180, 160)).save(stream, "PNG")
    return ("照片.png", stream.getvalue(), "image/png")


def test_a_photograph_is_kept_while_other_fields_are_mended(desk, examples):
    clerk = desk("civil-clerk")
    new = f"{LIST}/new/marriage_certificate"
    members = examples("marriage_certificate")
    kind = clerk.get(new)
    field = re.search(r'type="file" id="f-(?!papers)(\w+)"', kind)[1]
    values = {f"fields.{name}": value for name, value in members["fields"].items()}
    values |= {"fields.cert_no": "J650102-2026-009902", "fields.register_date": ""}
    answer = clerk.send(new, new, values, {f"fields.{field}": photograph()})
    assert answer.status_code == 422
    kept = re.search(rf'name="kept.{field}" value="(data:image/jpeg;base64,[^"]+)"', answer.text)
    mended = values | {"fields.register_date": "2026-11-11", f"kept.{field}": kept[1]}
    path = clerk.done(new, new, mended).partition("?")[0]
    assert '<img class="photo" src="data:image/jpeg;base64,' in clerk.get(path)
    bad = clerk.send(new, new, mended, {f"fields.{field}": ("x.png", b"no picture", "image/png")})
    assert bad.status_code == 422
    assert f'name="kept.{field}"' not in bad.text


def test_a_new_edition_begins_with_what_the_present_one_says(home, desk, company):
    licence = home.mint(company)
    clerk, reviewer = desk("market-clerk"), desk("market-reviewer")
    page = f"{NEW}?replaces={licence['id']}&reason=change"
    assert company["fields"]["premises"] in clerk.get(page)
    assert ("licence.read", "market-clerk") in acts_about(home, licence["id"])
    moved = {"fields.premises": "新疆乌鲁木齐市天山区示例路199号"}
    path = clerk.done(page, NEW, moved).partition("?")[0]
    assert "变更" in reviewer.get(path)
    reviewer.done(f"{path}/review/approve", f"{path}/review/approve")
    made = clerk.get(clerk.done(f"{path}/mint", f"{path}/mint"))
    edition = re.search(r"/console/licences/([0-9A-Za-z.]+)", made)[1]
    told = home.client("market-clerk").get(f"/v1/licences/{edition}").json
    assert told["edition"] == 2
    assert told["fields"]["premises"] == moved["fields.premises"]
