"""Whole lives of licences over HTTP: returned, minted, renewed, suspended, corrected, ended."""

import copy
from dataclasses import asdict, replace

import pytest

from tests.issuance.kinds.samples import sample
from tests.journeys.town_life import CHILD, CHILD_BORN, FATHER, FATHER_BORN, MOTHER, MOTHER_BORN
from yinxin.context import open_context
from yinxin.demonstration.setting_up import set_up
from yinxin.serving import free_port, running
from yinxin.settings import Settings

from .conftest import Region


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A region whose market supervision issues every kind; all else as in the demonstration."""
    settings = Settings(
        data_directory=tmp_path_factory.mktemp("office"), port=free_port(), demonstration=True
    )
    context = open_context(settings)
    market = context.region.departments["market"]
    everything = replace(market, kinds=tuple(context.issuance.kinds))
    context.region.departments["market"] = everything
    context.issuance.departments[market.code] = everything
    set_up(context)
    context.refresh_trust()
    with running(context) as address:
        yield Region(context, address, {})
    context.close()


def applied_for(kind, **changes):
    """Return an application with the sample's fields, some of them changed."""
    application = {"kind": kind, "fields": sample(kind)["fields"] | changes}
    return application


class Life:
    """One licence on its way."""

    def __init__(self, home, application, department, basis):
        self.home, self.application, self.department = home, application, department
        self.basis = basis
        self.licence = None

    def ask(self, who, path, members=None, status=200, method="POST"):
        answer = self.home.ask(f"{self.department}-{who}", method, path, members)
        assert answer.status == status, (path, answer.status, answer.content[:500])
        return answer.json

    @property
    def place(self):
        return f"/v1/licences/{self.licence['id']}"

    def verdict(self, licence=None):
        found = licence or self.licence
        report = self.home.verify(self.home.file(found, "ofd", self.department))
        return report["verdict"], {finding["code"] for finding in report["findings"]}

    def mint(self, application, *, returned=False):
        place = self.home.apply(application, self.department)
        if returned:
            field = next(iter(application["fields"]))
            remarks = {"decision": "return", "remarks": {field: "请核对"}}
            assert self.ask("reviewer", f"{place}/review", remarks)["state"] == "returned"
            content = {
                name: application[name] for name in ("holders", "fields") if name in application
            }
            self.ask("clerk", place, content, method="PUT")
        self.ask("reviewer", f"{place}/review", {"decision": "approve"})
        self.licence = self.ask("clerk", f"{place}/mint", status=201)
        assert self.verdict()[0] == "valid", self.verdict()
        return self.licence

    def renew(self):
        before = self.licence
        asked = copy.deepcopy(self.application) | {"replaces": before["id"], "reason": "renewal"}
        self.mint(asked)
        verdict, codes = self.verdict(before)
        assert verdict == "invalid" and "status.superseded" in codes

    def suspend_and_resume(self):
        self.ask("reviewer", f"{self.place}/suspend", self.basis)
        assert "status.suspended" in self.verdict()[1]
        self.ask("reviewer", f"{self.place}/resume", self.basis)
        assert self.verdict()[0] == "valid"

    def correct(self, field, value, capacity):
        """The counter lodges, the issuer accepts; somebody without a part in it decides."""
        before = self.licence
        claim = {
            "type": "WRONG",
            "capacity": capacity,
            "statement": "登记有误",
            "items": [{"field": field, "claimed_value": value}],
        }
        lodged = self.ask("clerk", f"{self.place}/objections", claim, status=201)
        path = f"/v1/objections/{lodged['id']}"
        self.ask("clerk", f"{path}/accept")
        decision = {"outcome": "upheld", "reasons": "经核对原始登记，申请属实。"}
        self.ask("decider", f"{path}/decide", decision)
        self.licence = self.ask("clerk", f"{path}/correct", status=201)
        shown = self.ask("clerk", self.place, method="GET")
        assert shown["fields"][field] == value
        assert self.verdict()[0] == "valid"
        assert "status.superseded" in self.verdict(before)[1]

    def cancel(self):
        ending = self.basis | {"way": "cancel", "cause": "surrender"}
        proposed = self.ask("clerk", f"{self.place}/endings", ending, status=201)
        self.ask("reviewer", f"/v1/endings/{proposed['ending_id']}/confirm")
        verdict, codes = self.verdict()
        assert verdict == "invalid" and "status.ended" in codes


def lived(life, field, value, *, capacity="counter"):
    life.mint(life.application, returned=True)
    life.renew()
    life.suspend_and_resume()
    life.correct(field, value, capacity)
    life.cancel()


def test_a_companys_licence(office, company, legal_basis):
    life = Life(office, company, "market", legal_basis)
    lived(life, "premises", "新疆乌鲁木齐市天山区示例路99号2层201室")


def test_a_persons_card_with_a_name_in_uyghur(office, legal_basis):
    fields = {
        "name": MOTHER.name,
        "name_ug": "گۈلنار ئەخمەت",
        "id_number": MOTHER.code,
        "birth_date": str(MOTHER_BORN),
    }
    life = Life(office, applied_for("identity_card", **fields), "market", legal_basis)
    lived(life, "name_ug", "گۈلنار ئەھمەت")


def test_the_certificate_of_two_holders(office, legal_basis):
    fields = {
        "holder_name": f"{FATHER.name}、{MOTHER.name}",
        "male_name": FATHER.name,
        "male_id": FATHER.code,
        "male_birth": str(FATHER_BORN),
        "female_name": MOTHER.name,
        "female_id": MOTHER.code,
        "female_birth": str(MOTHER_BORN),
        "cert_no": "J650102-2026-009901",
    }
    life = Life(office, applied_for("marriage_certificate", **fields), "market", legal_basis)
    lived(life, "register_organ", "示例市新市区民政局")
    shown = life.ask("clerk", life.place, method="GET")
    assert len(shown["holders"]) == 2


def test_a_minors_certificate_with_a_guardian(office, legal_basis):
    fields = {
        "child_name": CHILD.name,
        "birth_date": str(CHILD_BORN),
        "guardian_name": FATHER.name,
        "cert_no": "650102202600099001",
    }
    application = applied_for("vaccination_certificate", **fields)
    application["holders"] = [asdict(CHILD)]
    life = Life(office, application, "market", legal_basis)
    lived(life, "guardian_name", MOTHER.name, capacity="guardian")
