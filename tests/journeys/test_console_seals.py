"""Seals in the console: three persons make one, its keepers rule its use and see every use.

A test that adopts a rule adopts one without limits at its end, so that no other meets it.
"""

import base64
import re
from datetime import timedelta

import pytest

from sealkit.asn1.ses import SealInfo, SealPicture, build_seal
from tests.conformance.ofd_builder import PICTURE
from tests.journeys.conftest import Desk
from yinxin.accounts import Account, add_account
from yinxin.demonstration.setting_up import SECRET

LIST = "/console/seals"
NEW, IMPORT = f"{LIST}/new", f"{LIST}/import"
KEEPER, SECOND, THIRD = "market-keeper", "market-keeper-2", "market-keeper-3"
WISH = {
    "type": "7",
    "label": "窗口服务科",
    "second_name": "بازار",
    "police_number": "6501000012399",
}


def step(desk, account, place, name, **values):
    path = f"{place}/steps/{name}"
    return desk(account).done(path, path, values)


@pytest.fixture
def applied(desk):
    """The path of a seal that was applied for; each test ends its own."""
    return desk(KEEPER).done(NEW, NEW, WISH).partition("?")[0]


@pytest.fixture
def seal(home, desk):
    """The path of the department's business seal."""
    listed = home.client(KEEPER).get("/v1/seals").json
    found = next(entry for entry in listed if entry["type"] == 6 and entry["state"] == "active")
    return f"{LIST}/{found['id']}"


def test_three_persons_make_a_seal_and_its_keeper_stops_and_ends_it(desk, applied):
    page = desk(KEEPER).get(applied)
    assert "须由他人进行" in page
    assert f"{applied}/steps/review" not in page
    assert desk(KEEPER).http.get(f"{applied}/steps/review").status_code == 403
    assert applied in desk(SECOND).get("/console")
    step(desk, SECOND, applied, "review")
    assert f"{applied}/steps/make" not in desk(SECOND).get(applied)
    step(desk, THIRD, applied, "make")
    assert "备案启用" in desk(KEEPER).get(applied)
    step(desk, KEEPER, applied, "file")
    picture = desk("auditor").http.get(f"{applied}/picture")
    assert picture.content.startswith(b"\x89PNG")
    step(desk, KEEPER, applied, "freeze", reason="核查用印")
    frozen = desk(SECOND).get(applied)
    assert "已冻结" in frozen
    assert "核查用印" in frozen
    step(desk, SECOND, applied, "unfreeze", reason="核查完毕")
    step(desk, KEEPER, applied, "cancel", cause="replaced", reason="换章")
    page = desk(KEEPER).get(applied)
    assert "已注销" in page
    assert "/steps/" not in page
    answer = desk(KEEPER).http.get(f"{applied}/steps/freeze")
    assert answer.status_code == 409
    assert "已注销" in answer.text
    again = desk(KEEPER).done(NEW, NEW, WISH | {"replaces": applied.rpartition("/")[2]})
    again = again.partition("?")[0]
    assert applied in desk(KEEPER).get(again)
    refused = desk(SECOND).send(f"{again}/steps/reject", f"{again}/steps/reject", {"reason": ""})
    assert refused.status_code == 422
    step(desk, SECOND, again, "reject", reason="暂不需要")
    assert "暂不需要" in desk(KEEPER).get(again)


def test_a_seal_that_cannot_be_is_told_on_the_form_with_what_was_entered(desk):
    answer = desk(KEEPER).send(NEW, NEW, {"type": "1", "owner_kind": "province", "label": "某科"})
    assert answer.status_code == 422
    assert 'id="e-label-1"' in answer.text
    assert 'value="某科"' in answer.text
    answer = desk(KEEPER).send(NEW, NEW, WISH | {"police_number": "12"})
    assert answer.status_code == 422
    assert 'id="e-police_number-1"' in answer.text


def test_who_keeps_no_seals_sees_none_and_an_auditor_only_sees(home, desk, seal):
    assert desk("market-clerk").http.get(LIST).status_code == 403
    assert LIST not in desk("market-clerk").get("/console")
    page = desk("auditor").get(seal)
    assert "/steps/" not in page
    assert NEW not in desk("auditor").get(LIST)
    for path in (NEW, IMPORT, f"{seal}/steps/freeze"):
        assert desk("auditor").http.get(path).status_code == 403
    assert desk(KEEPER).http.get(f"{LIST}/DZYZ-none").status_code == 404
    assert desk(KEEPER).http.get(f"{seal}/steps/burn").status_code == 404


def test_the_loss_of_a_key_names_all_that_ends_and_refuses_a_day_to_come(home, desk, seal):
    path = f"{seal}/steps/lost-key"
    assert "一并终止的印章" in desk(KEEPER).get(path)
    loss = {"reason": "遗失", "lost_since": "2126-11-01T08:00"}
    answer = desk(KEEPER).send(path, path, loss)
    assert answer.status_code == 422
    assert "2126-11-01T08:00" in answer.text
    assert desk(KEEPER).send(path, path, loss | {"lost_since": "once"}).status_code == 422
    assert home.client(KEEPER).get(f"/v1/seals/{seal.rpartition('/')[2]}").json["state"] == "active"


def test_a_lost_key_ends_its_seals_and_revokes_its_certificate(neighbour):
    """In the neighbour's civil affairs department, whose key no other journey uses."""
    context = neighbour.context
    department = context.region.departments["civil"].code
    desks = []
    for number in range(3):
        keeper = Account(f"civil-keeper-{number}", "王守印", department, frozenset({"seal_keeper"}))
        with context.database.writing() as session:
            add_account(session, keeper, SECRET)
        desks.append(Desk(neighbour.address))
        assert desks[-1].sign_in(keeper.id).status_code == 303
    here = desks[0]
    places = [here.done(NEW, NEW, {"type": code}).partition("?")[0] for code in ("6", "2")]
    for entry, name in zip(desks[1:], ("review", "make"), strict=True):
        entry.done(f"{places[0]}/steps/{name}", f"{places[0]}/steps/{name}")
    path = f"{places[0]}/steps/lost-key"
    assert "财务专用章" in here.get(path)
    told = here.done(path, path, {"reason": "介质遗失", "lost_since": "2026-11-01T08:00"})
    assert "已注销" in here.get(places[1])
    page = here.get(told)
    for entry in desks:
        entry.http.close()
    assert "密钥已挂失" in page
    assert "证书已撤销" in page
    assert "介质遗失" in page
    assert "/steps/" not in page


def test_every_use_is_listed_with_its_digest_page_by_page(home, desk, seal, company):
    home.mint(company)
    place = f"/v1/seals/{seal.rpartition('/')[2]}/uses?limit=1000"
    digests = [use["document_digest"] for use in home.client(KEEPER).get(place).json["uses"]]
    seen, path = [], f"{seal}/uses"
    while path:
        page = desk("auditor").get(path)
        seen += re.findall(r'class="digest">([0-9a-f]{64})<', page)
        more = re.search(rf'href="({seal}/uses\?after=[^"]+)"', page)
        path = more and more[1]
    assert seen == digests
    assert f" {len(digests)} " in desk(KEEPER).get(seal)
    assert "相符" in desk(KEEPER).get(f"{LIST}/all/reconciliation")
    assert desk("market-clerk").http.get(f"{LIST}/all/reconciliation").status_code == 403


def test_a_foreign_seal_is_imported_with_what_was_found_and_cannot_be_filed(neighbour, home, desk):
    keystore = neighbour.context.keystore
    signer = next(name for name in keystore.names() if name.startswith("seal_signer"))
    now = home.context.now().replace(microsecond=0)
    der = build_seal(
        SealInfo(
            seal_id="44000020261124",
            name="邻省另一局专用章",
            type=6,
            vendor_id="NEIGHBOUR",
            certificates=(keystore.certificate(signer).der,),
            created_at=now,
            valid_from=now,
            valid_until=now + timedelta(days=30),
            picture=SealPicture("PNG", PICTURE, 42, 42),
        ),
        keystore.signer("seal_maker"),
    )
    sent = {"file": ("局章.esl", base64.b64encode(der), "application/octet-stream")}
    place = desk(KEEPER).done(IMPORT, IMPORT, files=sent).partition("?")[0]
    page = desk(SECOND).get(place)
    assert "导入检查结果" in page
    assert "只供查看" in page
    assert f"{place}/steps/file" not in page
    assert desk(SECOND).send(f"{place}/steps/file", f"{place}/steps/file").status_code == 422
    assert desk(KEEPER).send(IMPORT, IMPORT, files=sent).status_code == 422


@pytest.mark.parametrize("content", [b"", b"\x30\x82\xff\xff", b"not a seal"])
def test_what_is_no_seal_is_said_on_the_form(desk, content):
    sent = {"file": ("a.esl", content, "application/octet-stream")}
    answer = desk(KEEPER).send(IMPORT, IMPORT, files=sent)
    assert answer.status_code == 422
    assert 'type="file"' in answer.text
    assert 'id="e-seal-1"' in answer.text


def test_nothing_chosen_is_said_too(desk):
    assert desk(KEEPER).send(IMPORT, IMPORT).status_code == 422


@pytest.fixture
def ruled(desk, seal):
    """Adopt rules for the business seal in the console; at the end one without limits."""

    def adopt(**terms):
        new = f"{seal}/policies/new"
        open_form = {"daily_limit": "", "approval": "case", "reason": "内控要求"}
        form = desk(KEEPER).forms(new)[new]
        # The form begins with the rule in force, whose hours would otherwise go on.
        bare = {name: value for name, value in form.items() if not name.startswith("windows.")}
        answer = desk(KEEPER).http.post(new, data=bare | open_form | terms)
        assert answer.status_code == 303, answer.text[:2000]
        page = desk(SECOND).get(f"{seal}/policies")
        path = re.search(rf'href="({seal}/policies/\d+/adopt)"', page)[1]
        assert "/adopt" not in desk(KEEPER).get(f"{seal}/policies")
        assert desk(KEEPER).http.get(path).status_code == 403
        desk(SECOND).done(path, path)
        return path.split("/")[-2]

    yield adopt
    adopt()


def test_a_use_is_approved_by_a_keeper_who_sees_what_for(home, desk, seal, ruled, company):
    version = ruled(approval="person")
    page = desk(KEEPER).get(seal)
    assert "每份由保管人批准" in page
    assert f"规则版本 {version} " in page
    place = home.apply(company)
    home.client("market-reviewer").post(f"{place}/review", {"decision": "approve"})
    refused = home.ask("market-clerk", "POST", f"{place}/mint")
    home.refused(409, "issuance.seal.approval_needed", refused)
    mint = place.replace("/v1", "/console") + "/mint"
    told = desk("market-clerk").send(mint, mint)
    assert told.status_code == 409
    assert "等待印章管理人批准" in told.text
    held = desk("auditor").get(f"{LIST}/all/plans")
    assert f'href="{seal}/requests"' in held
    assert "用印申请等待印章管理人批准" in held
    assert desk("market-clerk").http.get(f"{LIST}/all/plans").status_code == 403
    waiting = f"{seal}/requests"
    assert waiting in desk(KEEPER).get("/console")
    ticked = desk(KEEPER).forms(waiting)[f"{waiting}/approve"]["ticked"]
    decline, approve = (f"{waiting}/{act}?ticked={ticked}" for act in ("decline", "approve"))
    assert desk("auditor").http.get(approve).status_code == 403
    assert desk(KEEPER).send(decline, f"{waiting}/decline").status_code == 422
    desk(KEEPER).done(decline, f"{waiting}/decline", {"reasons": "材料待核实"})
    assert "材料待核实" in desk(SECOND).get(f"{waiting}?state=declined")
    assert "market-clerk" in desk(SECOND).get(approve)
    desk(SECOND).done(approve, f"{waiting}/approve")
    assert "没有待办" in desk(KEEPER).get(waiting)
    assert "将自动继续" in desk(KEEPER).get(f"{LIST}/all/plans")
    assert home.client("market-clerk").post(f"{place}/mint").json["state"] == "active"
    assert "将自动继续" not in desk(KEEPER).get(f"{LIST}/all/plans")
    again = desk(KEEPER).http.get(approve)
    assert again.status_code == 200
    assert desk(KEEPER).send(approve, f"{waiting}/approve").status_code == 409
    assert desk(KEEPER).http.get(f"{waiting}/approve").status_code == 422
    assert desk(KEEPER).http.get(f"{waiting}/approve?ticked=R0").status_code == 422


def test_a_rule_in_hours_is_shown_begun_from_and_declined(desk, seal, ruled):
    day = {
        "windows.0.weekdays": ["1", "5"],
        "windows.0.opens": "08:30",
        "windows.0.closes": "24:00",
    }
    ruled(**day, daily_limit="500", kinds=["business_licence"])
    page = desk("auditor").get(f"{seal}/policies")
    assert "周一、周五 08:30–24:00" in page
    assert "/policies/new" not in page
    new = f"{seal}/policies/new"
    form = desk(KEEPER).forms(new)[new]
    assert (form["windows.0.opens"], form["daily_limit"]) == ("08:30", "500")
    desk(KEEPER).done(new, new, {"reason": "试行", "daily_limit": "9"})
    path = re.search(rf'href="({seal}/policies/\d+/decline)"', desk(SECOND).get(new[:-4]))[1]
    desk(SECOND).done(path, path)
    assert desk(SECOND).http.get(path).status_code == 409
    assert desk(SECOND).http.get(f"{seal}/policies/4000/adopt").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"windows.0.opens": "25:00"}, "windows.0.opens"),
        ({"windows.1.opens": "18:00", "windows.1.closes": "08:00"}, "windows"),
        ({"kinds": "nothing"}, "kinds"),
        ({"daily_limit": "-1"}, "daily_limit"),
        ({"reason": ""}, "reason"),
    ],
)
def test_a_rule_that_makes_no_sense_is_said_where_it_was_entered(desk, seal, wrong, field):
    new = f"{seal}/policies/new"
    answer = desk(KEEPER).send(new, new, {"reason": "试行"} | wrong)
    assert answer.status_code == 422
    assert f'id="e-{field}-1"' in answer.text
