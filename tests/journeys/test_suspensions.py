"""Many licences are suspended by one proposal that a second person confirms."""

from datetime import date, timedelta
from itertools import count

import pytest

from tests.journeys.conftest import uscc

NUMBERS = count(7001, 3)
"""Of companies that no other journey has."""


@pytest.fixture
def three(home, company):
    """Three licences, and what each was applied for with."""
    made = []
    for place in range(3):
        code = uscc(next(NUMBERS) + place)
        application = company | {
            "holders": [{"name": company["fields"]["org_name"], "code": code, "code_type": "001"}],
            "fields": company["fields"] | {"uscc": code},
        }
        made.append(home.mint(application) | {"number": code})
    return made


def state_of(home, licence):
    report = home.verify(home.file(licence))
    return {finding["code"] for finding in report["findings"]} & {"status.suspended"}


def test_a_list_is_suspended_line_by_line_by_a_second_person(home, three, legal_basis):
    first, second, third = three
    home.client("market-reviewer").post(f"/v1/licences/{second['id']}/suspend", legal_basis)
    asked = legal_basis | {"licences": [entry["id"] for entry in three] + ["1.2.156.3005.2.X"]}
    proposed = home.ask("market-clerk", "POST", "/v1/suspensions", asked)
    assert proposed.status == 201, proposed.content
    assert not state_of(home, first)
    path = f"/v1/suspensions/{proposed.json['suspension_id']}"
    home.refused(403, "issuance.not_entitled", home.ask("market-clerk", "POST", f"{path}/confirm"))
    done = home.ask("market-reviewer", "POST", f"{path}/confirm")
    assert done.status == 200, done.content
    told = [(line["outcome"], line["problem"]) for line in done.json["lines"]]
    assert told == [
        ("suspended", None),
        ("refused", "issuance.transition"),
        ("suspended", None),
        ("refused", "issuance.licence.unknown"),
    ]
    assert home.ask("market-reviewer", "POST", f"{path}/confirm").json == done.json
    assert state_of(home, first) and state_of(home, third)
    assert home.ask("market-clerk", "GET", path).json["lines"] == done.json["lines"]


def test_licences_are_chosen_by_their_numbers(home, three, legal_basis):
    asked = {"kind": "business_licence", "numbers": [three[0]["number"], "91650100MA7DEM0000"]}
    proposed = home.ask("market-reviewer", "POST", "/v1/suspensions", legal_basis | asked).json
    path = f"/v1/suspensions/{proposed['suspension_id']}"
    own = home.ask("market-reviewer", "POST", f"{path}/confirm")
    home.refused(403, "issuance.separation_of_duties", own)
    lines = home.client("market-decider").post(f"{path}/confirm").json["lines"]
    assert [line["outcome"] for line in lines] == ["suspended", "refused"]
    assert state_of(home, three[0]) and not state_of(home, three[1])


def test_a_query_fixes_its_lines_and_may_be_declined(home, three, legal_basis):
    days = {
        "kind": "business_licence",
        "issued_from": str(date.today() - timedelta(days=2)),
        "issued_until": str(date.today() + timedelta(days=2)),
    }
    proposed = home.ask("market-clerk", "POST", "/v1/suspensions", legal_basis | days).json
    assert {entry["id"] for entry in three} <= {line["licence_id"] for line in proposed["lines"]}
    path = f"/v1/suspensions/{proposed['suspension_id']}"
    declined = home.client("market-reviewer").post(f"{path}/decline", {"reasons": "依据不足"}).json
    assert declined["state"] == "declined"
    home.refused(409, "issuance.transition", home.ask("market-reviewer", "POST", f"{path}/confirm"))
    assert not state_of(home, three[0])


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"licences": ["a"], "kind": "business_licence", "numbers": ["b"]},
        {"kind": "business_licence"},
        {"kind": "business_licence", "issued_from": "2001-01-01", "issued_until": "2001-01-02"},
    ],
)
def test_a_choice_that_is_none_is_refused(home, legal_basis, chosen):
    answer = home.ask("market-clerk", "POST", "/v1/suspensions", legal_basis | chosen)
    home.refused(422, "issuance.data.invalid", answer)


def test_another_department_sees_no_proposal(home, three, legal_basis):
    asked = legal_basis | {"licences": [three[0]["id"]]}
    made = home.ask("market-clerk", "POST", "/v1/suspensions", asked).json
    other = home.ask("land-reviewer", "POST", f"/v1/suspensions/{made['suspension_id']}/confirm")
    home.refused(404, "issuance.suspension.unknown", other)
