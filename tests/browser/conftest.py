"""Headless Chromium, at the size of a phone and of a desk."""

import copy
import json
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from sealkit.identifiers import parse_identifier
from yinxin import holder_links
from yinxin.context import open_context
from yinxin.demonstration.acts import Acts
from yinxin.demonstration.report import StepReport
from yinxin.demonstration.setting_up import SECRET, set_up
from yinxin.demonstration.story import EXAMPLES, Service
from yinxin.holder_links import HolderLink
from yinxin.serving import free_port, running
from yinxin.settings import Settings

SCREENSHOTS = Path("out/screenshots")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_numbers = count(1)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def page(browser, request):
    context = browser.new_context(viewport=request.param, locale="zh-CN")
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on(
        "console",
        lambda line: page.problems.append(line.text) if line.type == "error" else None,
    )
    yield page
    context.close()
    assert page.problems == []


@pytest.fixture
def screenshot(page, request):
    """Keep what a person would have seen, for looking at."""

    def take(name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        width = page.viewport_size["width"]
        page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)

    return take


class Site:
    """A running service with one licence of each kind."""

    def __init__(self, context, address: str, files: Path, phone_pages: dict[str, str]) -> None:
        self.context = context
        self.address = address
        self.files = files
        self.phone_pages = phone_pages


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    settings = Settings(data_directory=folder / "data", port=free_port(), demonstration=True)
    context = open_context(settings)
    set_up(context)
    with running(context) as address:
        service = Service(context, address)
        acts = Acts(service, service, EXAMPLES, folder, StepReport())
        acts.mint_all()
        yield Site(context, address, folder, _phone_pages(context, acts))
    context.close()


def _phone_pages(context, acts) -> dict[str, str]:
    pages = {}
    with context.database.writing() as session:
        for kind, licence in acts._minted.items():
            named = parse_identifier(licence["id"]).identifier
            link = HolderLink(named.issuer_code, named.serial)
            pages[kind] = "/h/" + holder_links.create(session, link, at=context.now())
    return pages


@pytest.fixture
def assert_fits():
    """Nothing sticks out to the side."""

    def check(page):
        page.wait_for_load_state()  # the style may come after what was waited for
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.viewport_size["width"]

    return check


@pytest.fixture(scope="module")
def company():
    """A maker of applications that nobody has made yet."""

    def make():
        head = f"91650100MA7CN{next(_numbers):04d}"
        total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(head))
        code = head + ALPHABET[-total % 31]
        text = (EXAMPLES / "business_licence.json").read_text("utf-8")
        fields = copy.deepcopy(json.loads(text)["fields"])
        return fields | {"uscc": code, "org_name": f"工作台试验{code[-5:]}有限公司"}

    return make


@pytest.fixture
def sign_in(page, site):
    """Sign in as an account, out of whatever session there is."""

    def act(account):
        page.context.clear_cookies()
        page.goto(f"{site.address}/console")
        assert "/console/sign-in" in page.url
        page.fill("#f-account", account)
        page.fill("#f-secret", SECRET)
        page.click("main button[type=submit]")
        page.wait_for_selector("text=待办事项")

    return act


@pytest.fixture
def assert_reachable(page):
    """Everything to press is 44 px high at least, and every field has its label."""

    def check():
        small = page.evaluate(
            """() => [...document.querySelectorAll(
                 'main button, main .button, nav a, header button, main input:not([type=hidden]),'
                 + 'main select, main .queue a, main .tabs a')]
               .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5
                            && !e.closest('label'))
               .map(e => e.outerHTML.slice(0, 120))"""
        )
        assert small == []
        bare = page.evaluate(
            """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
               .filter(e => !e.labels || e.labels.length === 0).map(e => e.outerHTML)"""
        )
        assert bare == []
        assert page.locator("h1").count() == 1

    return check


@pytest.fixture
def refused(page):
    """Chromium calls a refusal a problem of the page; here it is meant."""
    yield
    meant = ("status of 409", "status of 422")
    page.problems[:] = [line for line in page.problems if not any(m in line for m in meant)]


@pytest.fixture
def apply(page, site, company):
    """As the clerk who is signed in, apply for a new company's licence; return its address."""

    def act():
        page.goto(f"{site.address}/console/applications/new/business_licence")
        for name, value in company().items():
            page.fill(f"#f-{name}", value)
        page.click("text=提交审核")
        page.wait_for_selector("text=已提交，等待他人审核")
        return page.url.partition("?")[0]

    return act
