"""The twelve items as they are handled in life, over HTTP, with licences that were minted so.

One department of this region issues every kind here; that is all that differs from the
demonstration. The licences are applied for, reviewed and minted through the API.
"""

import base64
import json
import re
from dataclasses import asdict, replace
from datetime import date
from threading import Thread

import pytest
from sqlalchemy import select

from sealkit.receipt import parse_receipt
from tests.issuance.kinds.samples import sample
from verification.certificate_free.items import shipped_items
from verification.errors import SourceUnavailableError
from yinxin.audit import audit_records
from yinxin.context import open_context
from yinxin.demonstration.setting_up import set_up
from yinxin.serving import free_port, running
from yinxin.settings import Settings

from .conftest import Region
from .town_life import COMPANY, MOTHER, NEWBORN, STORIES, WORKER, Story, citizen, licences


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    settings = Settings(
        data_directory=tmp_path_factory.mktemp("town"), port=free_port(), demonstration=True
    )
    context = open_context(settings)
    market = context.region.departments["market"]
    everything = replace(market, kinds=tuple(context.issuance.kinds))
    context.region.departments["market"] = everything
    context.issuance.departments[market.code] = everything
    set_up(context)
    context.refresh_trust()
    with running(context) as address:
        region = Region(context, address, {})
        for kind, holders, fields in licences():
            application = sample(kind) | {"kind": kind}
            application["fields"] |= fields
            known = {field.name for field in context.issuance.kinds[kind].fields}
            application["fields"] = {
                name: value
                for name, value in application["fields"].items()
                if name in known and value is not None
            }
            if holders:
                application["holders"] = holders
            region.mint(application)
        yield region
    context.close()


def asked(story, case, **changes):
    parties = [
        {"role": role, "holder": asdict(person), "signed_form": f"授权书 {case}-{role}"}
        for role, person in story.parties
    ]
    members = {
        "item": story.item,
        "holder": asdict(story.holder),
        "parties": parties,
        "case_number": case,
        "operator": "陈静",
        "signed_form": f"授权书 {case}",
        "fields": list(story.fields),
    }
    return members | changes


def receipt_of(town, answer):
    trust = town.context.trust.store()
    keys = [trust.certificate(der).sm2_key for der in trust.region("650000").receipt_signers]
    return parse_receipt(answer["receipt"], keys, at=town.context.now())


def test_there_is_a_story_for_each_item():
    assert sorted(story.item for story in STORIES) == sorted(shipped_items())


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.item)
def test_an_item_is_met_without_a_single_paper(town, story):
    answer = town.client("case-officer").post("/v1/checks", asked(story, f"T-{story.item}")).json
    told = [(entry["id"], entry["reasons"]) for entry in answer["answer"]["requirements"]]
    assert answer["outcome"] == "met", told
    assert set(answer["fields"]) == set(story.fields)
    receipt = receipt_of(town, answer)
    assert receipt.answer == "met"
    for evidence in receipt.evidence:
        assert (evidence.verdict, evidence.status) == ("valid", 0)
        assert evidence.log_size >= 1
        assert re.search(r"\.001\.[0-9A-Z]$", evidence.identifier)  # the edition
    payload = answer["receipt"].split(".")[1]
    plain = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    people = [story.holder, *(person for _, person in story.parties)]
    values = [entry["value"] for entry in answer["fields"].values() if len(entry["value"]) > 3]
    for personal in [*(p.name for p in people), *(p.code for p in people), *values]:
        assert personal not in plain
        assert personal not in json.dumps(answer["answer"], ensure_ascii=False)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.item)
def test_a_stranger_does_not_meet_it(town, story):
    stranger = citizen("无照旅程", date(1990, 1, 1), 777)
    question = asked(story, f"X-{story.item}", holder=asdict(stranger), fields=[])
    answer = town.client("case-officer").post("/v1/checks", question).json
    assert answer["outcome"] == "not_met"


def test_consent_at_the_counter(town):
    story = next(story for story in STORIES if story.item == "food_licence_renewal")
    town.add_holder("freight-company", COMPANY)
    phone, officer = town.client("freight-company"), town.client("case-officer")
    code = phone.post("/v1/shown-codes").json["code"]
    question = {
        "code": code,
        "item": story.item,
        "fields": list(story.fields),
        "case_number": "COUNTER-1",
        "operator": "陈静",
    }
    begun = officer.post("/v1/consent-requests", question).json
    transaction = {"transaction": begun["transaction"]}
    check = asked(story, "COUNTER-1", signed_form=None, consent=begun["transaction"])
    early = town.ask("case-officer", "POST", "/v1/checks", check)
    town.refused(403, "verification.consent_unknown", early)
    again = town.ask("case-officer", "POST", "/v1/consent-requests", question)
    town.refused(409, "verification.shown_code_used", again)

    (seen,) = phone.get("/v1/consent-requests").json
    assert (seen["item_zh"], seen["operator"]) == ("食品经营许可延续", "陈静")
    assert seen["organisation_name"] == "示例市市场监督管理局"
    assert officer.post("/v1/consent-requests:state", transaction).json["state"] == "waiting"
    phone.post(f"/v1/consent-requests/{seen['id']}/agree")
    assert officer.post("/v1/consent-requests:state", transaction).json["state"] == "agreed"

    answer = officer.post("/v1/checks", check).json
    assert (answer["outcome"], set(answer["fields"])) == ("met", set(story.fields))
    assert receipt_of(town, answer).basis == f"holder_consent: {seen['id']}"
    (use, *_) = phone.get("/v1/uses").json
    assert (use["check_id"], use["fields"]) == (answer["id"], "food_licence.licence_no")
    other = check | {"case_number": "COUNTER-2"}
    town.refused(
        403, "verification.consent_other_use", town.ask("case-officer", "POST", "/v1/checks", other)
    )


def test_a_refusal_on_the_phone_is_final(town):
    town.add_holder("refusing-worker", WORKER)
    phone, officer = town.client("refusing-worker"), town.client("case-officer")
    question = {
        "code": phone.post("/v1/shown-codes").json["code"],
        "item": "retirement",
        "case_number": "COUNTER-9",
        "operator": "陈静",
    }
    begun = officer.post("/v1/consent-requests", question).json
    (seen,) = phone.get("/v1/consent-requests").json
    place = f"/v1/consent-requests/{seen['id']}"
    assert phone.post(f"{place}/refuse").json["state"] == "refused"
    late = town.ask("refusing-worker", "POST", f"{place}/agree")
    town.refused(409, "verification.request_decided", late)
    state = officer.post("/v1/consent-requests:state", {"transaction": begun["transaction"]}).json
    assert state["state"] == "refused"


def given(town, account, **changes):
    officer = town.context.region.departments["market"].code
    terms = {"items": ["retirement"], "organisations": [officer]} | changes
    return town.client(account).post("/v1/consents", terms).json


def test_consent_beforehand_is_used_seen_and_withdrawn(town):
    town.add_holder("retiring-worker", WORKER)
    consent = given(town, "retiring-worker", uses=3)
    story = Story("retirement", WORKER)
    question = asked(story, "AHEAD-1", signed_form=None, consent=consent["code"])
    answer = town.client("case-officer").post("/v1/checks", question).json
    assert answer["outcome"] == "met"
    phone = town.client("retiring-worker")
    listed = {entry["id"]: entry for entry in phone.get("/v1/consents").json}
    assert listed[consent["id"]]["uses_left"] == 2
    assert listed[consent["id"]]["used_for"][0]["check_id"] == answer["id"]
    assert "code" not in listed[consent["id"]]
    phone.post(f"/v1/consents/{consent['id']}/withdraw")
    later = question | {"case_number": "AHEAD-2"}
    refused = town.ask("case-officer", "POST", "/v1/checks", later)
    town.refused(403, "verification.consent_withdrawn", refused)
    uses = [use for use in phone.get("/v1/uses").json if use["check_id"] == answer["id"]]
    assert uses[0]["item_zh"] == "企业职工退休申领"
    assert "13" not in uses[0]["fields"]


def test_of_eight_checks_at_once_one_spends_the_last_use(town):
    town.add_holder("raced-worker", WORKER)
    code = given(town, "raced-worker")["code"]
    town.client("case-officer")
    came = []

    def check(number):
        story = Story("retirement", WORKER)
        question = asked(story, f"RACE-{number}", signed_form=None, consent=code)
        came.append(town.ask("case-officer", "POST", "/v1/checks", question))

    threads = [Thread(target=check, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in came) == [201] + [403] * 7
    refused = {answer.json["code"] for answer in came if answer.status == 403}
    assert refused == {"verification.consent_spent"}


def acts(town):
    with town.context.database.reading() as session:
        rows = session.execute(select(audit_records).order_by(audit_records.c.sequence)).mappings()
        return [(row["act"], row["subject"], row["detail"]) for row in rows]


def test_over_asking_is_refused_and_recorded(town):
    story = Story("retirement", WORKER, (), ("identity.address", "age.birth_date"))
    answer = town.ask("case-officer", "POST", "/v1/checks", asked(story, "OVER-1"))
    town.refused(403, "verification.over_asking", answer)
    act, subject, detail = acts(town)[-1]
    assert (act, subject) == ("check.over_asking", "retirement")
    assert json.loads(detail) == {"fields": "identity.address"}


def test_a_check_that_leaves_a_party_out_is_refused(town):
    story = Story("birth_registration", NEWBORN)
    answer = town.ask("case-officer", "POST", "/v1/checks", asked(story, "PARTY-1"))
    problem = town.refused(422, "verification.parties", answer)
    assert problem["detail"] == {"parties": ["mother"]}


class SilentStatus:
    """A status service that gives no answer."""

    def token(self, uri):
        raise SourceUnavailableError(uri)


def test_with_the_status_service_down_nothing_is_said_and_it_is_asked_again(town):
    context = town.context
    silent = replace(
        context,
        settings=context.settings.model_copy(update={"port": free_port()}),
        verification=replace(context.verification, status=SilentStatus()),
    )
    question = asked(Story("retirement", WORKER), "DOWN-1")
    with running(silent) as address:
        cut_off = Region(silent, address, {})
        answer = cut_off.client("case-officer").post("/v1/checks", question).json
    assert answer["outcome"] == "cannot_say"
    reasons = [r for entry in answer["answer"]["requirements"] for r in entry["reasons"]]
    assert {reason["code"] for reason in reasons} == {"status.source_unavailable"}
    assert all(reason["zh"] and reason["en"] for reason in reasons)
    receipt = receipt_of(town, answer)
    assert receipt.answer == "cannot_say"
    assert {evidence.status for evidence in receipt.evidence} == {None}
    again = town.client("case-officer").post("/v1/checks", question).json
    assert (again["outcome"], again["id"] != answer["id"]) == ("met", True)


def test_a_batch_answers_each_question_by_itself(town):
    questions = [asked(story, f"BATCH-{story.item}", fields=[]) for story in STORIES]
    questions.append(asked(Story("retirement", WORKER, (), ("identity.address",)), "BATCH-OVER"))
    questions.append(asked(Story("nothing", WORKER), "BATCH-NOTHING"))
    answer = town.client("case-officer").post("/v1/checks:batch", {"checks": questions}).json
    results = answer["results"]
    assert [entry["check"]["outcome"] for entry in results[:12]] == ["met"] * 12
    assert [entry["refusal"]["code"] for entry in results[12:]] == [
        "verification.over_asking",
        "verification.unknown_item",
    ]
    assert all(entry["refusal"]["title"] for entry in results[12:])
    again = town.client("case-officer").post("/v1/checks:batch", {"checks": questions}).json
    assert again["results"][:12] == results[:12]
    assert ("check.over_asking", "retirement") in [act[:2] for act in acts(town)[-2:]]


def test_a_batch_over_its_bound_and_one_by_a_clerk_are_refused(town):
    question = asked(Story("retirement", WORKER), "BATCH-BOUND")
    many = town.ask("case-officer", "POST", "/v1/checks:batch", {"checks": [question] * 51})
    town.refused(422, "request.invalid", many)
    clerk = town.ask("market-clerk", "POST", "/v1/checks:batch", {"checks": [question]})
    town.refused(403, "verification.not_entitled", clerk)
    assert town.ask("", "POST", "/v1/checks:batch", {"checks": [question]}).status == 401


def test_neither_officer_nor_stranger_reads_a_holders_log(town):
    for path in ("/v1/uses", "/v1/consents", "/v1/consent-requests"):
        town.refused(403, "verification.holder_only", town.ask("case-officer", "GET", path))
        assert town.ask("", "GET", path).status == 401


def test_nothing_handed_out_is_kept(town):
    kept = json.dumps(acts(town), ensure_ascii=False)
    for file in town.context.settings.data_directory.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            for text in (WORKER.code, WORKER.name, MOTHER.name, NEWBORN.name):
                assert text.encode() not in content, file.name
    assert WORKER.code not in kept
