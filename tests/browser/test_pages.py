"""Every page as a person meets it: on a phone and on a desk, with and without script."""

import base64
import io
import json

import pytest
import zxingcpp
from PIL import Image

from sealkit.formats.pdf.attachments import attachments
from sealkit.status_slip import parse_slip
from yinxin.demonstration.tampering import forged_code

pytestmark = pytest.mark.browser


def upload(page, site, name: str, content: bytes):
    page.goto(f"{site.address}/verify")
    page.set_input_files(
        "input[type=file]",
        {"name": name, "mimeType": "application/octet-stream", "buffer": content},
    )
    page.click("form:has(input[type=file]) button")
    page.wait_for_selector(".verdict")


def test_home_leads_to_verification(page, site, screenshot, assert_fits):
    page.goto(site.address)
    assert_fits(page)
    screenshot("home")
    page.click("main a[href='/verify']")
    assert page.locator("h1").inner_text().startswith("核验电子证照")


def test_a_true_licence_is_called_valid(page, site, screenshot, assert_fits):
    upload(page, site, "licence.ofd", (site.files / "business_licence.ofd").read_bytes())
    assert page.locator(".verdict h2").inner_text().startswith("有效")
    assert_fits(page)
    screenshot("verify-valid")


def test_a_changed_licence_is_called_invalid_with_its_reason(page, site, screenshot, assert_fits):
    content = (site.files / "business_licence.pdf").read_bytes()
    at = content.index(b"stream", len(content) // 3) + 40
    upload(page, site, "licence.pdf", content[:at] + b"\0\0" + content[at + 2 :])
    assert page.locator(".verdict h2").inner_text().startswith("无效")
    assert page.locator(".findings .error").count() >= 1
    assert_fits(page)
    screenshot("verify-invalid")


def test_garbage_gets_an_answer_and_no_crash(page, site, screenshot):
    upload(page, site, "garbage.bin", bytes(range(256)) * 40)
    assert page.locator(".verdict h2").inner_text().startswith("无效")
    screenshot("verify-garbage")


def test_a_photo_of_the_code_is_verified(page, site):
    upload(page, site, "code.png", (site.files / "marriage_certificate.code.png").read_bytes())
    assert page.locator(".verdict h2").inner_text().startswith("有效")


def test_a_changed_code_is_invalid_and_one_of_a_later_version_cannot_be_judged(
    page, site, screenshot, assert_fits
):
    code = (site.files / "business_licence.code.txt").read_text("ascii")
    page.goto(f"{site.address}/verify")
    page.fill("#text", forged_code(code).document.decode())
    page.click("form:has(#text) button")
    page.wait_for_selector(".verdict")
    assert page.locator(".verdict h2").inner_text().startswith("无效")
    page.fill("#text", "CL2:ABC")
    page.click("form:has(#text) button")
    page.wait_for_selector(".verdict.cannot_say")
    assert page.locator(".verdict h2").inner_text().startswith("无法判断")
    assert_fits(page)
    screenshot("verify-cannot-say")


def test_nothing_sent_is_said_in_a_sentence(site, browser):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{site.address}/verify")
    page.locator("#text").fill("   ")
    page.click("form:has(#text) button")
    assert page.locator("[role=alert], .verdict").count() >= 1
    context.close()


def test_an_earlier_day_is_asked_for_and_the_answer_says_that_it_is_not_about_today(
    page, site, screenshot, assert_fits
):
    page.goto(f"{site.address}/verify")
    page.locator("form:has(#text) summary").click()
    page.fill("#text", (site.files / "business_licence.code.txt").read_text("ascii"))
    page.fill("#day-text", "2026-01-05")
    assert_fits(page)
    page.click("form:has(#text) button:has-text('开始核验')")
    told = page.inner_text("#report")
    assert "2026-01-05" in told
    assert "不说今天" in told
    assert page.locator(".verdict.valid").count() == 0  # it was not issued yet
    assert page.input_value("#day-text") == "2026-01-05"
    screenshot("verify-earlier-day")
    assert_fits(page)


def test_the_report_for_the_file_is_about_the_day_that_was_asked_for(site, browser):
    context = browser.new_context()
    code = (site.files / "business_licence.code.txt").read_text("ascii")
    asked = {"text": code, "valid_on": "2026-01-05"}
    answer = context.request.post(f"{site.address}/verify/report", multipart=asked)
    assert answer.body().startswith(b"%PDF")
    told = attachments(answer.body())["report.jws"].split(b".")[1]
    members = json.loads(base64.urlsafe_b64decode(told + b"=" * (-len(told) % 4)))
    assert members["valid_on"] == "2026-01-05"
    for wrong in ("2026-02-30", "gestern"):
        answer = context.request.post(
            f"{site.address}/verify/report", multipart=asked | {"valid_on": wrong}
        )
        assert answer.status == 422
        assert "日期不对" in answer.text()
    context.close()


def test_verification_works_without_script(site, browser):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    upload(page, site, "licence.ofd", (site.files / "real_estate_certificate.ofd").read_bytes())
    assert page.locator(".verdict h2").inner_text().startswith("有效")
    context.close()


@pytest.mark.parametrize(
    "kind", ["business_licence", "real_estate_certificate", "marriage_certificate"]
)
def test_the_phone_page_shows_a_code_that_scans(page, site, screenshot, kind, assert_fits):
    page.goto(site.address + site.phone_pages[kind])
    assert_fits(page)
    screenshot(f"phone-{kind}")
    assert scanned(page.locator(".qr").first) == (site.files / f"{kind}.code.txt").read_text(
        "ascii"
    )
    page.locator("summary", has_text="状态凭条").click()
    slip = parse_slip(scanned(page.locator(".qr").last))
    assert slip.state == 0
    assert_fits(page)
    screenshot(f"phone-slip-{kind}")


def scanned(element):
    """Return the text of the one QR code in a picture of `element`."""
    picture = Image.open(io.BytesIO(element.screenshot()))
    (found,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return found.text


def test_an_unknown_link_is_a_sentence(browser, site):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    answer = page.goto(f"{site.address}/h/aaaaaaaaaaaaaaaaaaaaaaaaaa")
    assert answer.status == 404
    assert "此链接无效、已过期或已收回" in page.inner_text("main")
    context.close()


def test_the_api_description_asks_nobody_else(page, site, screenshot):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.address}/docs")
    page.wait_for_selector(".opblock")
    assert all(url.startswith((site.address, "data:")) for url in asked)
    screenshot("docs")


def test_every_page_forbids_foreign_and_inline_script(site, browser):
    context = browser.new_context()
    page = context.new_page()
    for path in ("/", "/verify", site.phone_pages["business_licence"], "/docs"):
        policy = page.goto(site.address + path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
    context.close()


def report_page(page, site, screenshot, name: str, query: str, content: bytes):
    """Ask for the report over HTTP as a browser would show it."""
    page.goto(f"{site.address}/verify")
    page.evaluate(
        "query => { document.querySelector('form:has(input[type=file])').action ="
        " '/v1/verify?' + query; }",
        query,
    )
    page.set_input_files(
        "input[type=file]",
        {"name": "x.ofd", "mimeType": "application/octet-stream", "buffer": content},
    )
    page.click("form:has(input[type=file]) button:not(.plain)")
    page.wait_for_selector(".verdict h1")
    page.evaluate("document.fonts.ready")
    screenshot(name)


def test_the_report_of_a_clerk_fits_one_glance_and_the_auditors_has_everything(
    page, site, screenshot, assert_fits
):
    content = (site.files / "business_licence.ofd").read_bytes()
    report_page(page, site, screenshot, "report-clerk", "form=html", content)
    assert_fits(page)
    assert page.locator(".verdict").bounding_box()["y"] < 200
    assert page.locator("table").count() == 0
    report_page(
        page, site, screenshot, "report-auditor", "form=html&detail=true&signed=true", content
    )
    assert_fits(page)
    assert page.locator("tbody tr").count() == 13
    assert page.locator(".token").count() == 1
