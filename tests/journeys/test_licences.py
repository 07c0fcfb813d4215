"""From the application to the verdict, over HTTP, for companies, owners and couples."""

import pytest


def test_a_company_gets_a_licence_and_every_file_of_it_is_valid(home, company):
    licence = home.mint(company)
    assert licence["state"] == "active"
    for form in ("ofd", "pdf", "code.txt", "code.png"):
        assert home.verify(home.file(licence, form))["verdict"] == "valid", form
    assert home.verify(licence["id"].encode())["verdict"] == "valid"


@pytest.mark.parametrize(
    ("kind", "department"),
    [("real_estate_certificate", "land"), ("marriage_certificate", "civil")],
)
def test_two_people_hold_one_licence(home, examples, kind, department):
    licence = home.mint(examples(kind), department)
    shown = home.client(f"{department}-clerk").get(f"/v1/licences/{licence['id']}").json
    assert len(shown["holders"]) == 2
    for form in ("ofd", "pdf", "code.txt", "code.png"):
        report = home.verify(home.file(licence, form, department))
        assert report["verdict"] == "valid", (form, report["findings"])


def test_minting_twice_gives_the_same_licence(home, company):
    place = home.apply(company)
    home.client("market-reviewer").post(f"{place}/review", {"decision": "approve"})
    clerk = home.client("market-clerk")
    first, second = (clerk.post(f"{place}/mint").json for _ in range(2))
    assert first["id"] == second["id"]
    assert home.file(first) == home.file(second)


def test_the_key_of_one_application_does_not_serve_another(home, company):
    key = {"Idempotency-Key": "journey-of-one-key"}
    first = home.ask("market-clerk", "POST", "/v1/applications", company, **key)
    again = home.ask("market-clerk", "POST", "/v1/applications", company, **key)
    assert (first.status, first.json["id"]) == (201, again.json["id"])
    company["fields"]["premises"] = "别处"
    other = home.ask("market-clerk", "POST", "/v1/applications", company, **key)
    home.refused(409, "issuance.idempotency", other)


def test_nobody_reviews_what_they_submitted(home, company):
    place = home.apply(company)
    answer = home.ask("market-clerk", "POST", f"{place}/review", {"decision": "approve"})
    assert answer.status == 403
    assert answer.json["code"].startswith("issuance.")


def test_another_department_does_not_see_an_application(home, company):
    answer = home.ask("land-clerk", "GET", home.apply(company))
    home.refused(404, "issuance.application.unknown", answer)


def test_a_licence_is_suspended_resumed_and_cancelled(home, company, legal_basis):
    licence = home.mint(company)
    document = home.file(licence)
    place = f"/v1/licences/{licence['id']}"
    reviewer = home.client("market-reviewer")

    def found():
        report = home.verify(document)
        return report["verdict"], {finding["code"] for finding in report["findings"]}

    reviewer.post(f"{place}/suspend", legal_basis)
    verdict, codes = found()
    assert verdict == "invalid"
    assert "status.suspended" in codes
    reviewer.post(f"{place}/resume", legal_basis)
    assert found()[0] == "valid"
    ending = legal_basis | {"way": "cancel", "cause": "surrender"}
    proposed = home.client("market-clerk").post(f"{place}/endings", ending).json
    assert found()[0] == "valid"
    own = home.ask("market-clerk", "POST", f"/v1/endings/{proposed['ending_id']}/confirm")
    home.refused(403, "issuance.not_entitled", own)
    done = reviewer.post(f"/v1/endings/{proposed['ending_id']}/confirm").json
    assert done["state"] == "confirmed"
    assert found()[0] == "invalid"
    refused = home.ask("market-reviewer", "POST", f"{place}/resume", legal_basis)
    assert "cancelled" in str(home.refused(409, "issuance.transition", refused))
