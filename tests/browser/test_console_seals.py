"""The console as keepers of seals meet it: a seal's life, its rules and its uses."""

import pytest

from yinxin.demonstration.client import Client
from yinxin.demonstration.setting_up import SECRET

pytestmark = pytest.mark.browser


def test_a_seal_from_its_application_to_its_rule(
    page, site, sign_in, screenshot, assert_fits, assert_reachable
):
    sign_in("market-keeper")
    page.click("nav >> text=电子印章")
    page.click("text=申请制章")
    page.select_option("#f-type", "7")
    page.fill("#f-label", "窗口服务科")
    page.fill("#f-second_name", "بازار باشقۇرۇش ئىدارىسى")
    screenshot("console-seal-form")
    assert_fits(page)
    assert_reachable()
    page.click("main button:has-text('申请制章')")
    page.wait_for_selector("text=申请已提交，等待他人审核")
    address = page.url.partition("?")[0]
    screenshot("console-seal-applied")
    for account, step in (("market-keeper-2", "审核通过"), ("market-keeper-3", "制作印章")):
        sign_in(account)
        page.goto(address)
        page.click(f"main a:has-text('{step}')")
        page.click(f"main button:has-text('{step}')")
        page.wait_for_selector(".done")
    page.click("main a:has-text('备案启用')")
    screenshot("console-seal-file")
    assert_fits(page)
    assert_reachable()
    page.click("main button:has-text('备案启用')")
    page.wait_for_selector("text=印章已备案启用")
    drawn = "async picture => { await picture.decode(); return picture.naturalWidth; }"
    assert page.locator(".seal-picture").evaluate(drawn) > 300
    screenshot("console-seal")
    assert_fits(page)
    assert_reachable()
    page.goto(f"{address}/policies/new")
    page.check("input[name='windows.0.weekdays'][value='1']")
    page.fill("[id='f-windows.0.opens']", "08:30")
    page.fill("[id='f-windows.0.closes']", "18:00")
    page.fill("#f-daily_limit", "500")
    page.fill("#f-reason", "内控要求")
    screenshot("console-seal-policy-form")
    assert_fits(page)
    assert_reachable()
    page.click("main button:has-text('提交规则')")
    page.wait_for_selector("text=您拟定的规则须由另一名保管人决定")
    screenshot("console-seal-policies")
    assert_fits(page)
    page.goto(f"{address}/steps/cancel")
    page.select_option("#f-cause", "replaced")
    page.fill("#f-reason", "换章")
    screenshot("console-seal-cancel")
    assert_fits(page)
    assert_reachable()
    page.click("main button:has-text('注销印章')")
    page.wait_for_selector(".mark:has-text('已注销')")
    page.click("nav >> text=电子印章")
    screenshot("console-seals")
    assert_fits(page)
    assert_reachable()


def test_uses_are_approved_listed_and_reconciled(
    page, refused, site, sign_in, apply, screenshot, assert_fits, assert_reachable
):
    keeper, second = (
        Client.sign_in(site.address, account, SECRET)
        for account in ("market-keeper", "market-keeper-2")
    )
    seals = keeper.get("/v1/seals").json
    seal = next(one["id"] for one in seals if one["type"] == 6 and one["state"] == "active")
    policies, address = f"/v1/seals/{seal}/policies", f"{site.address}/console/seals/{seal}"

    def adopt(approval):
        version = keeper.post(policies, {"reason": "内控", "approval": approval}).json["version"]
        second.post(f"{policies}/{version}/adopt", {})

    adopt("person")
    sign_in("market-clerk")
    application = apply()
    sign_in("market-reviewer")
    page.goto(f"{application}/review/approve")
    page.click("main button:has-text('审核通过')")
    page.click("main a:has-text('制证')")
    page.click("main button:has-text('制证')")
    page.wait_for_selector("text=等待印章管理人批准")
    screenshot("console-mint-waits")
    sign_in("market-keeper")
    for path, name in (("all/plans", "console-seal-plans"), ("import", "console-seal-import")):
        page.goto(f"{site.address}/console/seals/{path}")
        screenshot(name)
        assert_fits(page)
        assert_reachable()
    page.goto(f"{address}/requests")
    screenshot("console-seal-requests")
    assert_fits(page)
    assert_reachable()
    page.click("main button:has-text('批准用印'):not(.plain)")
    screenshot("console-seal-approve")
    assert_fits(page)
    assert_reachable()
    page.click("main button:has-text('批准用印')")
    page.wait_for_selector("text=已批准用印")
    adopt("case")
    for path, name in (("uses", "console-seal-uses"), ("policies", "console-seal-rules")):
        page.goto(f"{address}/{path}")
        screenshot(name)
        assert_fits(page)
        assert_reachable()
    page.goto(f"{site.address}/console/seals/all/reconciliation")
    page.wait_for_selector(".mark.good")
    screenshot("console-seal-reconciliation")
    assert_fits(page)
