"""States over HTTP: list, delta, slip and the question about a day, as their readers meet them."""

import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from issuance import repository, status
from issuance.status_lists.days import freeze_due_days, frozen_day
from sealkit.status_day import BEIJING
from sealkit.status_delta import parse_delta
from sealkit.status_list import parse_token
from verification.report import Verdict
from verification.verify import verify
from yinxin import holder_links


def fetch(address):
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read()


def holder_token(home, licence):
    context = home.context
    with context.database.writing() as session:
        edition = repository.edition_by_identifier(session, licence["id"])
        link = holder_links.HolderLink(edition.issuer_code, edition.serial)
        return holder_links.create(session, link, at=context.now())


def test_a_holder_fetches_a_slip_that_is_believed_without_a_network(home, company):
    licence = home.mint(company)
    token = holder_token(home, licence)
    assert "状态凭条" in fetch(f"{home.address}/h/{token}").decode()
    slip = fetch(f"{home.address}/v1/holder-links/{token}/slip").decode()
    code = home.file(licence, "code.txt").decode().strip("\n")
    for shown, verdict in (
        (f"{code}\n{slip}", Verdict.VALID),
        (code, Verdict.CANNOT_SAY),
    ):
        report = verify(
            shown.encode(),
            trust=home.context.trust.store(),
            status=None,
            log=None,
            register=None,
            at=datetime.now(UTC),
        )
        assert report.verdict is verdict


def test_a_suspension_is_in_the_delta_and_in_the_verdict(home, company, legal_basis):
    licence = home.mint(company)
    address = licence["status"]["uri"]
    before = parse_token(fetch(address))
    home.ask("market-reviewer", "POST", f"/v1/licences/{licence['id']}/suspend", legal_basis)
    delta = parse_delta(fetch(f"{address}/deltas/{before.version}"))
    assert delta.changes[licence["status"]["index"]] == 2
    assert delta.apply(before.statuses) == parse_token(fetch(address)).statuses


@pytest.mark.parametrize(
    ("day", "status", "code"),
    [("2999-01-01", 200, "status.day_not_over"), ("yesterday", 422, "malformed")],
)
def test_a_day_that_cannot_be_asked_about(home, company, day, status, code):
    licence = home.mint(company)
    text = {"text": home.file(licence, "code.txt").decode().strip()}
    answer = home.ask("", "POST", f"/v1/verify?valid_on={day}", text)
    assert answer.status == status
    assert code in str(answer.json)


class Days:
    """The frozen lists of a transaction that is not committed: no day of this town is over."""

    def __init__(self, session):
        self._session = session

    def day(self, uri, day):
        issuer, number = status.list_named(self._session, uri.rpartition("/")[2])
        return frozen_day(self._session, issuer, number, day)


def test_a_day_that_is_over_is_answered_from_its_frozen_list_with_its_proof(home, company):
    document = home.file(home.mint(company), "ofd")
    context = home.context
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    trust = context.trust.gathered(at=tomorrow)
    with context.database.writing() as session:
        assert freeze_due_days(session, context.issuance, at=tomorrow) > 0
        report = verify(
            document,
            trust=trust,
            status=None,
            log=None,
            register=None,
            at=tomorrow,
            days=Days(session),
            valid_on=datetime.now(UTC).astimezone(BEIJING).date(),
        )
        session.rollback()
    assert report.state == 0
    assert not {finding.code for finding in report.findings if "status" in finding.code}
