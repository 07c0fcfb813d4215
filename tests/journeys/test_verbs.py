"""Every verb of a licence's life over HTTP, and its refusal that names the state."""

import pytest

from sealkit.record import Holder

REASONS = ("renewal", "change", "reissue", "exchange")
ENDINGS = [
    ("cancel", "surrender", "cancelled"),
    ("cancel", "death", "cancelled"),
    ("cancel", "dissolution", "cancelled"),
    ("revoke", "unlawful_grant", "revoked"),
    ("forfeit", "penalty", "forfeited"),
]
COPY = {"purpose": "办理贷款审批", "recipient": "示例银行天山支行", "hours": 48}
CLAIM = {
    "type": "WRONG",
    "capacity": "counter",
    "statement": "登记有误",
    "items": [{"field": "premises", "claimed_value": "新疆乌鲁木齐市天山区示例路1号"}],
}


class Steps:
    """What may be asked of one licence."""

    def __init__(self, home, licence, basis):
        self.home, self.licence, self.basis = home, licence, basis
        self.place = f"/v1/licences/{licence['id']}"

    def ask(self, who, path, members=None):
        return self.home.ask(f"market-{who}", "POST", path, members)

    def done(self, who, path, members=None):
        answer = self.ask(who, path, members)
        assert answer.status in (200, 201), (path, answer.status, answer.content[:400])
        return answer.json

    def refused(self, state, answer):
        assert self.home.refused(409, "issuance.transition", answer)["detail"]["state"] == state

    def verdict(self):
        report = self.home.verify(self.home.file(self.licence))
        return report["verdict"], {finding["code"] for finding in report["findings"]}

    def end(self, way, cause):
        proposed = self.done(
            "clerk", f"{self.place}/endings", self.basis | {"way": way, "cause": cause}
        )
        return self.done("decider", f"/v1/endings/{proposed['ending_id']}/confirm")


@pytest.fixture
def steps(home, company, legal_basis):
    return Steps(home, home.mint(company), legal_basis)


@pytest.fixture
def renewal(home, company):
    """Ask for a next edition of a licence, for a reason."""

    def asked(steps, reason):
        application = company | {"replaces": steps.licence["id"], "reason": reason}
        key = {"Idempotency-Key": f"verb-{reason}-{steps.licence['id'][-12:]}"}
        return home.ask("market-clerk", "POST", "/v1/applications", application, **key)

    return asked


@pytest.mark.parametrize("reason", REASONS)
def test_a_next_edition_replaces_the_present_one(steps, renewal, reason):
    asked = renewal(steps, reason)
    assert asked.status == 201, asked.content
    place = f"/v1/applications/{asked.json['id']}"
    steps.done("reviewer", f"{place}/review", {"decision": "approve"})
    newer = steps.done("clerk", f"{place}/mint")
    assert "status.superseded" in steps.verdict()[1]
    assert Steps(steps.home, newer, steps.basis).verdict()[0] == "valid"
    steps.refused("superseded", steps.ask("reviewer", f"{steps.place}/suspend", steps.basis))


@pytest.mark.parametrize(("way", "cause", "state"), ENDINGS)
def test_an_ending_is_for_good_and_every_further_verb_names_it(steps, renewal, way, cause, state):
    steps.end(way, cause)
    verdict, codes = steps.verdict()
    assert verdict == "invalid"
    assert "status.ended" in codes
    for reason in REASONS:
        steps.refused(state, renewal(steps, reason))
    for who, path, members in (
        ("reviewer", "suspend", steps.basis),
        ("reviewer", "resume", steps.basis),
        ("clerk", "endings", steps.basis | {"way": way, "cause": cause}),
    ):
        steps.refused(state, steps.ask(who, f"{steps.place}/{path}", members))
    steps.refused(state, _copied(steps))
    many = steps.done("clerk", "/v1/suspensions", steps.basis | {"licences": [steps.licence["id"]]})
    lines = steps.done("reviewer", f"/v1/suspensions/{many['suspension_id']}/confirm")["lines"]
    assert [(line["problem"], line["state"]) for line in lines] == [("issuance.transition", state)]


def test_what_is_suspended_or_active_already_is_refused_by_its_name(steps):
    steps.refused("active", steps.ask("reviewer", f"{steps.place}/resume", steps.basis))
    steps.done("reviewer", f"{steps.place}/suspend", steps.basis)
    steps.refused("suspended", steps.ask("reviewer", f"{steps.place}/suspend", steps.basis))
    steps.refused("suspended", _copied(steps))
    steps.end("forfeit", "penalty")
    assert "status.ended" in steps.verdict()[1]


def test_a_decided_bulk_suspension_is_refused_by_its_name(steps):
    many = steps.done("clerk", "/v1/suspensions", steps.basis | {"licences": [steps.licence["id"]]})
    place = f"/v1/suspensions/{many['suspension_id']}"
    steps.done("reviewer", f"{place}/decline", {"reasons": "情况不实"})
    steps.refused("declined", steps.ask("reviewer", f"{place}/confirm"))
    assert steps.verdict()[0] == "valid"


def test_nothing_is_corrected_before_it_is_decided(steps):
    lodged = steps.done("clerk", f"{steps.place}/objections", CLAIM)
    place = f"/v1/objections/{lodged['id']}"
    steps.refused("submitted", steps.ask("clerk", f"{place}/correct"))
    steps.done("clerk", f"{place}/accept")
    steps.refused("accepted", steps.ask("clerk", f"{place}/correct"))


def _copied(steps):
    holder = steps.home.client("market-clerk").get(steps.place).json["holders"][0]
    account = f"verbs-{holder['code']}"
    steps.home.add_holder(account, Holder(**holder))
    return steps.home.ask(account, "POST", f"{steps.place}/copies", COPY)
