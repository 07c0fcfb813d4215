"""Signing in to the console: what the cookie is good for, and what it is not."""

import re

import pytest

from yinxin.accounts import Account, add_account
from yinxin.console import sessions
from yinxin.console.sessions import COOKIE
from yinxin.identity import TOKEN_LIFE
from yinxin.settings import Environment


@pytest.fixture
def person(home):
    """Return a maker of accounts that no other test uses."""

    def make(name, *roles):
        department = home.context.region.departments["market"].code
        with home.context.database.writing() as session:
            add_account(session, Account(name, "测试人", department, frozenset(roles)), "s3cret")
        return name

    return make


def test_signing_in_opens_a_session_for_the_console_alone(stranger):
    answer = stranger.sign_in("market-clerk")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for part in ("HttpOnly", "Path=/console", "SameSite=strict", "Max-Age=3600"):
        assert part in cookie
    assert "Secure" not in cookie  # the test speaks http
    page = stranger.get("/console")
    assert "王芳" in page
    assert "待办事项" in page
    assert re.search(r"登录有效至 \d\d:\d\d", page)


def test_the_cookie_travels_over_https_only_where_the_service_has_it(home):
    settings = home.context.settings
    assert not sessions.is_secure(settings)
    assert sessions.is_secure(settings.model_copy(update={"public_url": "https://y.example"}))
    assert sessions.is_secure(settings.model_copy(update={"environment": Environment.PRODUCTION}))


def test_the_cookie_is_nothing_to_the_api_and_a_bearer_token_nothing_to_the_console(home, desk):
    token = desk("market-clerk").http.cookies[COOKIE]
    path = "/v1/applications/A000000000000000000000000"
    asked = desk("market-clerk").http
    for headers in ({"Cookie": f"{COOKIE}={token}"}, {"Authorization": f"Bearer {token}"}):
        assert asked.get(path, headers=headers).status_code == 401
    bearer = home.client("market-clerk")._token
    for headers in ({"Authorization": f"Bearer {bearer}"}, {"Cookie": f"{COOKIE}={bearer}"}):
        headers = {"Cookie": ""} | headers
        answer = asked.get("/console", headers=headers)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/console/sign-in?next=/console")


def test_a_session_that_was_left_is_refused_though_its_token_still_holds(home, stranger):
    stranger.sign_in("market-clerk")
    token = stranger.http.cookies[COOKIE]
    assert stranger.done("/console", "/console/sign-out") == "/console/sign-in?left=1"
    assert COOKIE not in stranger.http.cookies
    assert home.context.identities.actor(token, at=home.context.now(), typ=sessions.TOKEN_TYPE)
    answer = stranger.http.get("/console", headers={"Cookie": f"{COOKIE}={token}"})
    assert answer.status_code == 303
    assert "已安全退出" in stranger.get("/console/sign-in?left=1")


def test_ended_sessions_are_forgotten_when_they_would_have_run_out(home):
    at = home.context.now()
    with home.context.database.writing() as session:
        sessions.end(session, "first", at=at)
        sessions.end(session, "first", at=at)
        assert sessions.is_ended(session, "first")
        sessions.end(session, "second", at=at + 2 * TOKEN_LIFE)
        assert not sessions.is_ended(session, "first")
        assert sessions.is_ended(session, "second")


def test_a_session_that_ran_out_leads_to_signing_in_and_back(home, stranger):
    early = home.context.now() - TOKEN_LIFE
    token = home.context.identities.issue(
        "market-clerk", "demonstration", at=early, typ=sessions.TOKEN_TYPE
    )
    stranger.http.cookies.set(COOKIE, token, path="/console")
    answer = stranger.http.get("/console?state=returned")
    assert answer.status_code == 303
    assert answer.headers["location"] == (
        "/console/sign-in?next=/console%3Fstate%3Dreturned&again=1"
    )
    page = stranger.get(answer.headers["location"])
    assert "登录已过期" in page
    assert 'value="/console?state=returned"' in page
    answer = stranger.sign_in("market-clerk", next="/console?state=returned")
    assert answer.headers["location"] == "/console?state=returned"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/console",
        "//evil.example/console",
        "/\\evil.example/console",
        "\\\\evil.example",
        "/console/../v1/items",
        "/console//evil.example",
        "/consolex",
        "/verify",
        "javascript:alert(1)",
        "//[",
        "/console/.",
        "/console/..;/v1",
        "/console@evil.example",
        "/console?next=//evil.example",
        "/console\x00",
        "/console/sign-out",
        "/console\r\nSet-Cookie: a=b",
        "/console/" + "a" * 400,
        "",
    ],
)
def test_signing_in_leads_nowhere_but_into_the_console(stranger, wanted):
    answer = stranger.sign_in("market-clerk", next=wanted)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console"


def test_a_wrong_secret_is_refused_without_saying_what_was_wrong(stranger):
    answers = [
        stranger.sign_in("market-clerk", "Wr0ng-s3cret"),
        stranger.sign_in("nobody-at-all", "Wr0ng-s3cret"),
    ]
    for answer in answers:
        assert answer.status_code == 401
        assert "账号或密钥不正确" in answer.text
        assert "Wr0ng-s3cret" not in answer.text
        assert "set-cookie" not in answer.headers
    assert 'value="market-clerk"' in answers[0].text


def test_five_wrong_guesses_lock_the_account_for_console_and_api(home, person, stranger):
    account = person("guessed", "clerk")
    for _ in range(5):
        assert stranger.sign_in(account, "wrong").status_code == 401
    assert stranger.sign_in(account, "s3cret").status_code == 401
    form = {"grant_type": "client_credentials", "client_id": account, "client_secret": "s3cret"}
    assert stranger.http.post("/oauth/token", data=form).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
    ],
)
def test_forms_of_other_sites_are_refused(desk, stranger, headers):
    clerk = desk("market-clerk")
    answer = clerk.send("/console", "/console/sign-out", **headers)
    assert answer.status_code == 403
    assert "请刷新页面" in answer.text
    assert clerk.http.get("/console").status_code == 200
    form = {"account": "market-clerk", "secret": "demonstration"}
    answer = stranger.http.post("/console/sign-in", data=form, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_forms_of_our_own_pages_are_taken_also_behind_a_proxy(home, desk):
    clerk = desk("market-clerk")
    own = home.context.settings.public_url
    for headers in (
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": str(clerk.http.base_url).rstrip("/")},
        {"Origin": own, "Host": "inside.example"},
    ):
        page = "/console/applications/new/business_licence"
        assert clerk.send(page, page, **headers).status_code == 422


def test_a_form_needs_the_token_of_its_own_session_and_address(home, desk):
    clerk, other = desk("market-clerk"), desk("market-reviewer")
    foreign = other.forms("/console")["/console/sign-out"]["_form"]
    token = clerk.http.cookies[COOKIE]
    elsewhere = sessions.form_token(home.context.vault, token, "/console/elsewhere")
    for carried in ("", "0" * 64, foreign, elsewhere, "é"):
        answer = clerk.send("/console", "/console/sign-out", {"_form": carried})
        assert answer.status_code == 403
    assert clerk.http.post("/console/sign-out").status_code == 403
    assert clerk.http.get("/console").status_code == 200


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(stranger):
    stranger.sign_in("market-clerk")
    form = stranger.forms("/console")["/console/sign-out"]
    stranger.http.cookies.clear()
    for referrer, wanted in (
        (f"{stranger.http.base_url}/console/applications?state=returned", "/console/applications"),
        ("https://evil.example/elsewhere", "/console"),
        ("//[", "/console"),
    ):
        headers = {"Referer": str(referrer)}
        answer = stranger.http.post("/console/sign-out", data=form, headers=headers)
        assert answer.status_code == 303
        led = answer.headers["location"].removeprefix("/console/sign-in?next=")
        assert led.partition("%3F")[0] == wanted


def test_whoever_has_no_role_in_a_department_has_no_console(stranger):
    assert stranger.sign_in("company-holder").status_code == 303
    page = stranger.get("/console", 403)
    assert "没有办理此事的权限" in page


def test_unknown_pages_and_methods_are_answered_as_pages(desk):
    clerk = desk("market-clerk")
    page = clerk.get("/console/nothing-here", 404)
    assert "没有找到" in page
    assert page.lstrip().startswith("<!doctype html>")
    answer = clerk.http.put("/console")
    assert answer.status_code == 405
    assert answer.headers["content-type"].startswith("text/html")


def test_pages_may_not_be_framed_kept_or_scripted(desk):
    answer = desk("market-clerk").http.get("/console")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "<script" not in answer.text
