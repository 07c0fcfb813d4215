"""A licence shown live: the phone, the counter's console, and what neither may do."""

import io

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from yinxin.demonstration.setting_up import SECRET

pytestmark = pytest.mark.browser
KIND = "business_licence"


def scanned(page):
    """Read the code as a camera would."""
    picture = Image.open(io.BytesIO(page.locator("#picture").screenshot())).resize((640, 640))
    (code,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return code.text


def show(page, site, kind=KIND):
    page.goto(site.address + site.phone_pages[kind])
    page.click("a[href$='/show']")
    page.wait_for_selector("#picture")


@pytest.fixture
def counter(browser, site):
    """The console of a relying party, signed in."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    console = context.new_page()
    console.problems = []
    console.on("pageerror", lambda error: console.problems.append(str(error)))
    console.goto(f"{site.address}/counter")
    console.fill("#account", "case-officer")
    console.fill("#secret", SECRET)
    console.click("#sign-in button")
    console.wait_for_selector("#scan:not([hidden])")
    yield console
    assert console.problems == []
    context.close()


def ask(console, code, fields="number, org_name"):
    console.fill("#scanned", code)
    console.fill("#wanted", fields)
    console.fill("#purpose", "入住登记")
    console.click("#scan button")


def test_shown_scanned_agreed_and_only_the_ticked_fields_arrive(
    page, site, counter, screenshot, assert_fits
):
    show(page, site)
    assert_fits(page)
    screenshot("show")
    code = scanned(page)
    assert code.startswith("YXP1:")
    ask(counter, code)
    counter.wait_for_selector("#state:not([hidden])")
    page.wait_for_selector("#asked:not([hidden])")
    assert page.evaluate("document.activeElement.id") == "asked"
    assert "示例市市场监督管理局" in page.inner_text("#asked")
    assert_fits(page)
    screenshot("show-asked")
    page.uncheck("input[value=org_name]")
    page.click("button[value=true]")
    assert "您已同意" in page.inner_text("main")
    screenshot("shown-agreed")
    counter.wait_for_selector("#result:not([hidden])")
    labels = counter.locator("#values dt").all_inner_texts()
    assert labels == ["证照编号"]
    counter.screenshot(path="out/screenshots/counter-result-1280.png", full_page=True)
    ask(counter, code)
    counter.wait_for_selector("#problem:not([hidden])")
    assert "已被扫描过" in counter.inner_text("#problem")


def test_a_refusal_gives_nothing_away(page, site, counter):
    show(page, site)
    ask(counter, scanned(page))
    page.wait_for_selector("#asked:not([hidden])")
    page.click("button[value=false]")
    assert "您已拒绝" in page.inner_text("main")
    expect(counter.locator("#state")).to_contain_text("拒绝")
    assert counter.locator("#result").is_hidden()


def test_the_code_is_renewed_when_its_minute_is_over_and_that_is_said_aloud(page, site):
    page.clock.install()
    show(page, site)
    left = int(page.inner_text("#left"))
    assert 0 < left <= 60
    with page.expect_response("**/show/now") as answer:
        page.clock.fast_forward(61_000)
    fresh = answer.value.json()["picture"]
    expect(page.locator("#picture")).to_have_attribute("src", fresh)
    expect(page.locator("#spoken")).to_have_text("二维码已更新")
    assert scanned(page).startswith("YXP1:")


def test_the_console_says_which_fields_there_are(page, site, counter):
    show(page, site)
    ask(counter, scanned(page), "shoe_size")
    counter.wait_for_selector("#problem:not([hidden])")
    assert "org_name" in counter.inner_text("#problem")


def test_without_script_the_holder_still_shows_sees_who_asks_and_decides(browser, site, counter):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    phone = context.new_page()
    show(phone, site, "marriage_certificate")
    ask(counter, scanned(phone), "number")
    counter.wait_for_selector("#state:not([hidden])")
    phone.click("a[href$='/show']")
    assert "入住登记" in phone.inner_text("#asked")
    phone.click("button[value=true]")
    assert "您已同意" in phone.inner_text("main")
    counter.wait_for_selector("#result:not([hidden])")
    context.close()


def test_the_keyboard_alone_is_enough_to_agree(page, site, counter):
    show(page, site)
    ask(counter, scanned(page), "number")
    page.wait_for_selector("#asked:not([hidden])")
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "true":
            break
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("您已同意")


def test_the_live_pages_may_ask_this_service_and_nobody_else(browser, site):
    context = browser.new_context()
    page = context.new_page()
    for path in (site.phone_pages[KIND] + "/show", "/counter"):
        policy = page.goto(site.address + path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "connect-src 'self'" in policy
        assert "unsafe" not in policy
    context.close()


def test_a_wrong_secret_and_an_unknown_link_are_sentences(browser, site):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.address}/counter")
    page.fill("#account", "nobody")
    page.fill("#secret", "wrong")
    page.click("#sign-in button")
    page.wait_for_selector("#problem:not([hidden])")
    assert page.goto(f"{site.address}/h/aaaaaaaaaaaaaaaaaaaaaaaaaa/show").status == 404
    context.close()
