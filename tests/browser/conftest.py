"""Headless Chromium, at the size of a phone and of a desk."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from sealkit.identifiers import parse_identifier
from yinxin import holder_links
from yinxin.context import open_context
from yinxin.demonstration.acts import Acts
from yinxin.demonstration.report import StepReport
from yinxin.demonstration.setting_up import set_up
from yinxin.demonstration.story import EXAMPLES, Service
from yinxin.holder_links import HolderLink
from yinxin.serving import free_port, running
from yinxin.settings import Settings

SCREENSHOTS = Path("out/screenshots")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


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
