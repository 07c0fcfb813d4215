"""The console as a clerk and a reviewer meet it, on a phone and on a desk, without script."""

import base64
import io
import json

import pytest
from PIL import Image

from sealkit.formats.code.credential import decode
from yinxin.demonstration.setting_up import SECRET
from yinxin.demonstration.story import EXAMPLES

pytestmark = pytest.mark.browser


def test_from_the_form_to_the_licence(
    page, site, sign_in, company, screenshot, assert_fits, assert_reachable
):
    page.goto(f"{site.address}/console")
    screenshot("console-sign-in")
    assert_fits(page)
    assert_reachable()
    sign_in("market-clerk")
    page.click("nav >> text=制证申请")
    page.click("text=新申请")
    screenshot("console-kinds")
    page.click("main >> text=营业执照")
    for name, value in company().items():
        page.fill(f"#f-{name}", value)
    assert_fits(page)
    assert_reachable()
    page.set_input_files(
        "#f-papers", {"name": "章程.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"}
    )
    screenshot("console-form")
    page.click("text=提交审核")
    page.wait_for_selector("text=已提交，等待他人审核")
    address = page.url.partition("?")[0]
    screenshot("console-submitted")
    assert_fits(page)
    sign_in("market-reviewer")
    screenshot("console-home")
    assert_fits(page)
    assert_reachable()
    page.goto(f"{site.address}/console/applications?state=submitted")
    screenshot("console-list")
    assert_fits(page)
    assert_reachable()
    page.goto(address)
    page.click("text=审核通过")
    screenshot("console-approve")
    assert_fits(page)
    assert_reachable()
    page.click("main button:has-text('审核通过')")
    page.wait_for_selector("text=已审核通过，可以制证")
    page.click("main a:has-text('制证')")
    page.click("main button:has-text('制证')")
    page.wait_for_selector("text=证照已制成并公布")
    screenshot("console-minted")
    assert_fits(page)


def test_mistakes_lead_to_their_fields(
    page, refused, site, sign_in, company, screenshot, assert_fits, assert_reachable
):
    sign_in("market-clerk")
    page.goto(f"{site.address}/console/applications/new/business_licence")
    for name, value in (company() | {"uscc": "91650100MA7DEM0160"}).items():
        page.fill(f"#f-{name}", value)
    page.click("text=提交审核")
    page.click("#problem a")
    assert page.evaluate("location.hash") == "#f-uscc"
    assert page.get_attribute("#f-uscc", "aria-invalid") == "true"
    described = page.get_attribute("#f-uscc", "aria-describedby").split()
    told = " ".join(page.inner_text(f'[id="{one}"]') for one in described)
    assert "校验位不正确" in told
    screenshot("console-mistake")
    assert_fits(page)
    assert_reachable()


def test_returning_with_remarks_and_mending(
    page, sign_in, apply, screenshot, assert_fits, assert_reachable
):
    sign_in("market-clerk")
    address = apply()
    sign_in("market-decider")
    page.goto(address)
    page.click("text=退回补正")
    page.fill("[id='f-remark.premises']", "请写到门牌号")
    screenshot("console-return")
    assert_fits(page)
    assert_reachable()
    page.click("main button:has-text('退回补正')")
    page.wait_for_selector("text=已退回补正")
    sign_in("market-clerk")
    page.goto(address)
    screenshot("console-returned")
    assert_fits(page)
    page.click("main a:has-text('补正')")
    assert page.locator(".remarked").count() == 1
    screenshot("console-complete")
    page.fill("#f-premises", "新疆乌鲁木齐市天山区示例路99号")
    page.click("text=提交审核")
    page.wait_for_selector("text=已补正并再次提交")


def test_two_holders_and_a_photograph(page, refused, site, sign_in, screenshot, assert_fits):
    sign_in("civil-clerk")
    page.goto(f"{site.address}/console/applications/new/marriage_certificate")
    fields = json.loads((EXAMPLES / "marriage_certificate.json").read_text("utf-8"))["fields"]
    number = f"J650102-2026-{page.viewport_size['width']:06d}"
    for name, value in (fields | {"cert_no": number, "register_date": "2026-11-11"}).items():
        page.fill(f"#f-{name}", value)
    stream = io.BytesIO()
    Image.effect_mandelbrot((360, 480), (-2, -1.5, 1, 1.5), 60).convert("RGB").save(stream, "PNG")
    picture = {"name": "照片.png", "mimeType": "image/png", "buffer": stream.getvalue()}
    page.set_input_files("main input[type=file]:not(#f-papers)", picture)
    page.fill("#f-female_id", "650102199206182049")
    page.click("text=提交审核")
    page.wait_for_selector("#problem")
    shown = page.get_attribute(".kept img", "src")
    assert base64.b64decode(shown.partition(",")[2]).startswith(b"\xff\xd8\xff")
    assert page.evaluate("document.querySelector('.kept img').naturalWidth") == 360
    screenshot("console-photo")
    assert_fits(page)


def test_the_keyboard_alone_is_enough(page, site):
    page.goto(f"{site.address}/console/sign-in")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#f-account")
    page.keyboard.type("market-clerk")
    page.keyboard.press("Tab")
    page.keyboard.type(SECRET)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=待办事项")
    assert page.locator("nav a[aria-current=page]").count() == 1


def test_nothing_of_it_needs_script(browser, site):
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{site.address}/console/sign-in")
    page.fill("#f-account", "market-clerk")
    page.fill("#f-secret", SECRET)
    page.click("main button[type=submit]")
    page.click("header button")
    assert "已安全退出" in page.inner_text("main")
    context.close()


def test_a_batch_from_the_file_to_the_licences(
    page, site, sign_in, company, screenshot, assert_fits, assert_reachable
):
    good = [company(), company()]
    bad = good[0] | {"uscc": "91650100MA7DEM0160"}
    lines = [json.dumps({"fields": fields}) for fields in (good[0], bad, good[1])]
    sign_in("market-clerk")
    page.click("nav >> text=批量制证")
    page.click("text=提交批次")
    assert_fits(page)
    assert_reachable()
    screenshot("console-batch-form")
    page.select_option("#f-kind", "business_licence")
    file = {"name": "申请.ndjson", "mimeType": "text/plain", "buffer": "\n".join(lines).encode()}
    page.set_input_files("#f-file", file)
    page.click("main button:has-text('上传')")
    page.wait_for_selector("text=您提交的批次须由他人审核")  # the page follows by itself
    assert "校验位不正确" in page.inner_text("main")
    screenshot("console-batch-checked")
    assert_fits(page)
    assert_reachable()
    address = page.url.partition("?")[0]
    sign_in("market-reviewer")
    page.goto(address)
    page.click("main a:has-text('审核通过')")
    screenshot("console-batch-approve")
    page.click("main button:has-text('审核通过')")
    page.wait_for_selector("text=已完成", timeout=60_000)
    screenshot("console-batch-finished")
    assert_fits(page)
    page.goto(f"{site.address}/console/batches")
    screenshot("console-batches")
    assert_fits(page)
    assert_reachable()


def test_an_objection_from_the_counter_to_the_correction(
    page, site, sign_in, screenshot, assert_fits, assert_reachable
):
    licence = decode(
        (site.files / "business_licence.code.txt").read_text("ascii")
    ).claims.identifier
    sign_in("market-clerk")
    page.goto(f"{site.address}/console/objections/new?licence={licence}")
    page.fill("#f-statement", "住所有误，请更正")
    page.fill("#f-premises", f"新疆乌鲁木齐市天山区更正路{page.viewport_size['width']}号")
    assert_fits(page)
    assert_reachable()
    page.click("main button:has-text('提出异议')")
    page.wait_for_selector("text=异议已提出")
    screenshot("console-objection")
    assert_fits(page)
    address = page.url.partition("?")[0]
    page.click("main a:has-text('受理')")
    page.click("main button:has-text('受理')")
    page.wait_for_selector("text=证照已标注争议")
    sign_in("market-decider")
    page.click("nav >> text=异议处理")
    screenshot("console-objections")
    assert_fits(page)
    assert_reachable()
    page.goto(f"{address}/decide")
    page.select_option("#f-outcome", "dismissed")
    page.fill("#f-reasons", "经核实，住所登记无误")
    screenshot("console-objection-decide")
    assert_fits(page)
    assert_reachable()
    page.click("main button:has-text('作出决定')")
    page.wait_for_selector("text=已驳回")
    screenshot("console-objection-decided")


def test_a_licence_its_content_and_proposing_its_end(
    page, site, sign_in, screenshot, assert_fits, assert_reachable
):
    code = (site.files / "business_licence.code.txt").read_text("ascii")
    licence = decode(code).claims.identifier
    sign_in("market-clerk")
    page.goto(f"{site.address}/console/licences")
    screenshot("console-licences")
    assert_fits(page)
    assert_reachable()
    page.fill("#f-q", licence)
    page.click("main button:has-text('查找')")
    page.wait_for_selector("text=办理过程")
    screenshot("console-licence")
    assert_fits(page)
    assert_reachable()
    page.click("text=查看内容")
    screenshot("console-licence-content")
    assert_fits(page)
    page.go_back()
    page.click("main a:has-text('注销')")
    page.select_option("#f-cause", "dissolution")
    page.fill("#f-legal_basis", "《行政许可法》第七十条")
    screenshot("console-ending-form")
    assert_fits(page)
    assert_reachable()
    page.click("main button:has-text('提请')")
    page.wait_for_selector("text=您的提请须由他人决定")
    screenshot("console-ending")
    assert_fits(page)
    page.click("main a:has-text('撤回提请')")
    page.click("main button:has-text('撤回提请')")
    page.wait_for_selector("text=提请已撤回")
    page.goto(f"{site.address}/console/suspensions/new")
    screenshot("console-suspension-form")
    assert_fits(page)
    assert_reachable()
