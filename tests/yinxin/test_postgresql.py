"""The whole service on PostgreSQL: migrations, a licence from application to check."""

import copy
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.exc import InternalError, ProgrammingError

from benchmarks.postgresql import NoPostgreSQLError, running_cluster
from issuance.batches.running import BatchRunner
from issuance.register_faults import find_row_faults
from tests.journeys.conftest import Desk, uscc
from yinxin.audit import AuditChain
from yinxin.audit_heads import find_audit_fault
from yinxin.context import open_context
from yinxin.db import Database
from yinxin.demonstration.client import Client
from yinxin.demonstration.setting_up import SECRET, set_up
from yinxin.demonstration.story import EXAMPLES
from yinxin.serving import free_port, running
from yinxin.settings import Settings
from yinxin.tables import METADATA

APPLICATION = json.loads((EXAMPLES / "business_licence.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def url():
    try:
        with running_cluster() as address:
            yield address
    except NoPostgreSQLError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def service(url, tmp_path_factory):
    settings = Settings(
        database_url=url,
        data_directory=tmp_path_factory.mktemp("data"),
        port=free_port(),
        demonstration=True,
    )
    context = open_context(settings)
    set_up(context)
    with running(context) as address:
        yield context, address
    context.close()


def test_migrations_make_exactly_the_tables_we_use_on_postgresql(service):
    engine = create_engine(service[0].database.url)
    with engine.connect() as connection:
        found = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(found, list(METADATA)) == []
    engine.dispose()


def test_licence_is_minted_verified_and_checked_on_postgresql(service):
    context, address = service
    clerk, reviewer, officer = (
        Client.sign_in(address, name, SECRET)
        for name in ("market-clerk", "market-reviewer", "case-officer")
    )
    applied = clerk.post(
        "/v1/applications", copy.deepcopy(APPLICATION), **{"Idempotency-Key": "postgresql-0001"}
    ).json
    place = f"/v1/applications/{applied['id']}"
    reviewer.post(f"{place}/review", {"decision": "approve"})
    licence = clerk.post(f"{place}/mint").json
    for form in ("ofd", "pdf"):
        document = clerk.get(f"/v1/licences/{licence['id']}/files/{form}").content
        report = Client(address).upload("/v1/verify", document).json
        assert report["verdict"] == "valid", report["findings"]
    question = {
        "item": "company_address_change",
        "holder": APPLICATION["holders"][0],
        "case_number": "CASE-PG",
        "operator": "陈静",
        "signed_form": "窗口授权单",
    }
    answer = officer.post("/v1/checks", question).json
    assert answer["outcome"] == "met"
    assert officer.post("/v1/checks", question).json == answer
    with context.database.reading() as session:
        assert find_audit_fault(session, context.keystore.certificate("audit").sm2_key) is None


def test_writers_at_once_continue_one_audit_chain(service):
    """What SQLite's write lock gives, the advisory lock gives here: nobody is refused."""
    context, _ = service
    chain = AuditChain()

    def write(number):
        with context.database.writing() as session:
            chain.record(
                session,
                actor=f"writer-{number}",
                act="test.written",
                subject=str(number),
                at=context.now(),
                detail={},
            )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(80)))
    with context.database.reading() as session:
        assert find_audit_fault(session, context.keystore.certificate("audit").sm2_key) is None


def test_workers_share_a_batch_on_postgresql(service, monkeypatch):
    """Beside them the service's own worker may take its part; each line is minted once."""
    context, address = service
    monkeypatch.setattr("issuance.batches.running.MINTED_AT_ONCE", 1)
    clerk, reviewer = (
        Client.sign_in(address, name, SECRET) for name in ("market-clerk", "market-reviewer")
    )
    fields = APPLICATION["fields"]
    lines = [{"fields": fields | {"uscc": uscc(number)}} for number in range(9101, 9105)]
    sent = clerk.call(
        "POST",
        "/v1/batches?kind=business_licence&forms=ofd",
        "\n".join(json.dumps(line) for line in lines).encode(),
        {"Content-Type": "application/x-ndjson", "Idempotency-Key": "postgresql-batch-1"},
    ).json
    workers = [
        BatchRunner(context.issuance, context.database.writing, name) for name in ("one", "two")
    ]

    def finish(worker):
        while worker.advance(at=context.now()):
            pass

    def progress():
        return clerk.get(f"/v1/batches/{sent['batch_id']}").json

    # Whoever holds the file or a line at the moment is at work on it.
    while progress()["state"] == "received":
        finish(workers[0])
    reviewer.post(f"/v1/batches/{sent['batch_id']}/review", {"decision": "approve"})
    while progress()["state"] != "finished":
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(finish, workers))
    assert progress()["minted"] == 4
    minted = clerk.get(f"/v1/batches/{sent['batch_id']}/lines?state=minted").json
    assert len({line["licence_id"] for line in minted}) == 4
    with context.database.reading() as session:
        assert list(find_row_faults(session, context.issuance)) == []


def test_reading_transaction_cannot_write(url):
    database = Database(url)
    with pytest.raises((InternalError, ProgrammingError), match="read-only"):
        with database.reading() as session:
            session.connection().exec_driver_sql("CREATE TABLE forbidden (id integer)")
    database.close()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/crl/a%00b.crl"),
        ("GET", "/v1/licences/a%00b"),
        ("GET", "/v1/checks/a%00b"),
        ("POST", "/v1/applications/a%00b/mint"),
        ("GET", f"/v1/batches/none/lines?after={2**63}"),
    ],
)
def test_what_postgresql_cannot_hold_is_a_refusal_and_no_crash(service, method, path):
    """It takes no NUL and no number beyond a column, not even to look for them."""
    _, address = service
    clerk = Client.sign_in(address, "market-clerk", SECRET)
    answer = clerk.call(method, path, b"" if method == "POST" else None, expect_success=False)
    assert 400 <= answer.status < 500
    assert answer.json["code"]


def test_an_account_named_with_a_nul_is_refused(service):
    form = b"grant_type=client_credentials&client_id=a%00b&client_secret=x"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = Client(service[1]).call("POST", "/oauth/token", form, kind, expect_success=False)
    assert 400 <= answer.status < 500


def test_the_console_works_on_postgresql(service):
    _, address = service
    clerk, reviewer = Desk(address), Desk(address)
    assert clerk.sign_in("market-clerk").status_code == 303
    assert reviewer.sign_in("market-reviewer").status_code == 303
    new = "/console/applications/new/business_licence"
    fields = APPLICATION["fields"] | {"uscc": uscc(9107)}
    entered = {f"fields.{name}": value for name, value in fields.items()}
    path = clerk.done(new, new, entered).partition("?")[0]
    assert path in reviewer.get("/console")
    assert path in reviewer.get("/console/applications?state=submitted")
    # What PostgreSQL cannot hold is a page and no crash.
    back = f"{path}/review/return"
    for page, action, values in (
        (new, new, entered | {"fields.scope": "a\0b"}),
        (back, back, {"reason": "a\0b"}),
    ):
        who = clerk if page == new else reviewer
        answer = who.send(page, action, values)
        assert answer.status_code == 422
        assert answer.headers["content-type"].startswith("text/html")
    assert reviewer.http.get("/console/applications/A%00").status_code == 422
    later = "/console/applications?state=submitted&after=2000-01-01T00:00:00%2B00:00~A"
    assert path in reviewer.get(later)
    assert clerk.done("/console", "/console/sign-out").startswith("/console/sign-in")
