"""Whatever is asked of any documented operation: no crash, and an answer as documented.

Schemathesis makes the requests from the API description; half of what they name exists, so
that they get past "not found". Everybody asks: nobody, and each kind of account.

``SCHEMATHESIS_EXAMPLES=100`` (``make fuzz-api``) asks more than the suite has time for.
"""

import copy
import json
import os
from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.python.asgi import get_client
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from tests.journeys.conftest import example, uscc
from yinxin.accounts import Account, add_account
from yinxin.app import create_app
from yinxin.context import open_context
from yinxin.demonstration.setting_up import SECRET, set_up
from yinxin.serving import free_port
from yinxin.settings import Settings

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "5"))
EVERYBODY = "everybody"
ROLES = frozenset(
    {
        *("clerk", "reviewer", "seal_keeper", "case_officer", "case_system"),
        *("holder", "auditor", "ca_operator"),
    }
)
ACCOUNTS = (
    EVERYBODY,
    *("", "market-clerk", "market-reviewer", "case-officer"),
    *("company-holder", "auditor", "ca-operator"),
)
KNOWN = {
    "authority": ("sub_ca", "root"),
    "decision": ("approve", "reject"),
    "form": ("ofd", "pdf", "code.txt", "proof"),
    "name": ("sub_ca", "root"),
    "partition": ("0", "1"),
    "path": ("0/000.p/2", "entries/000.p/1", "metadata/1.root.json", "metadata/timestamp.json"),
}
"""Values of path parameters that exist from the start."""
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
asking = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

schemathesis.openapi.media_type("application/ocsp-request", st.binary(max_size=200))
schemathesis.openapi.media_type("application/timestamp-query", st.binary(max_size=200))
schemathesis.openapi.media_type("application/x-ndjson", st.binary(max_size=200))
schemathesis.openapi.media_type("application/jsonl", st.binary(max_size=200))
schemathesis.openapi.media_type("text/csv", st.binary(max_size=200))


class Town:
    """A service in this process, with something of several kinds in its register."""

    def __init__(self, context):
        self.app = create_app(context)
        self.client = TestClient(self.app, raise_server_exceptions=False)
        department = context.region.departments["market"].code
        with context.database.writing() as session:
            add_account(session, Account(EVERYBODY, "", department, ROLES), SECRET)
        self.tokens = {name: self._token(name) for name in ACCOUNTS if name}
        self.known = {name: set(values) for name, values in KNOWN.items()}
        self.collections = dict(self._collections())
        self._fill()

    def headers(self, account):
        return {"Authorization": f"Bearer {self.tokens[account]}"} if account else {}

    def learn(self, path, content, place=""):
        """Remember the identifiers that an answer names, for what comes after."""
        for collection, name in self.collections.items():
            if place.startswith(f"{collection}/"):
                self.known.setdefault(name, set()).add(place.removeprefix(f"{collection}/"))
            elif path == collection:
                self.known.setdefault(name, set()).update(_identifiers(content))

    def _collections(self):
        for path in self.app.openapi()["paths"]:
            collection, _, name = path.rpartition("/")
            if path.startswith("/v1/") and name.startswith("{"):
                yield collection, name.strip("{}")

    def _token(self, account):
        form = {"grant_type": "client_credentials", "client_id": account, "client_secret": SECRET}
        return self.client.post("/oauth/token", data=form).json()["access_token"]

    def _ask(self, account, path, members, **headers):
        headers |= self.headers(account)
        answer = self.client.post(path, json=members, headers=headers)
        assert answer.status_code < 300, answer.text
        self.learn(path, answer.content)
        return answer.json()["id"]

    def _fill(self):
        for number in range(4):
            application = copy.deepcopy(example("business_licence"))
            if number:
                code = uscc(9000 + number)
                application["holders"][0]["code"] = application["fields"]["uscc"] = code
            key = {"Idempotency-Key": f"schemathesis-{number}"}
            made = self._ask("market-clerk", "/v1/applications", application, **key)
            if number != 1:
                approval = {"decision": "approve"}
                self._ask("market-reviewer", f"/v1/applications/{made}/review", approval)
            if number % 2 == 0:
                licence = self._ask("market-clerk", f"/v1/applications/{made}/mint", {})
                objection = {
                    "statement": "错",
                    "items": [{"field": "premises", "claimed_value": "甲"}],
                }
                self._ask("market-clerk", f"/v1/licences/{licence}/objections", objection)
        for collection in ("/v1/seals", "/v1/endings", "/v1/batches"):
            listed = self.client.get(collection, headers=self.headers(EVERYBODY))
            self.learn(collection, listed.content)


def _identifiers(content):
    """Return every text in a JSON answer whose member is called like an identifier."""
    waiting, found = [json.loads(content)] if content.startswith((b"{", b"[")) else [], set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            waiting.extend(one.values())
            found |= {
                value
                for name, value in one.items()
                if isinstance(value, str) and (name == "id" or name.endswith("_id"))
            }
    return found


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("schemathesis")
    context = open_context(Settings(data_directory=folder, port=free_port(), demonstration=True))
    set_up(context)
    yield Town(context)
    context.close()


@pytest.fixture(scope="module")
def description(town):
    return schemathesis.openapi.from_asgi("/openapi.json", town.app)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_operation_answers_as_documented(town, description, mode):
    failures = {}
    with get_client(town.app) as client:
        for operation in (found.ok() for found in description.get_all_operations()):
            # Else there is nothing that could be wrong.
            if mode is GenerationMode.POSITIVE or operation.body or operation.query:
                failures |= _failures(operation, mode, town, client)
    assert not failures, "\n\n".join(f"{name}\n{told}" for name, told in failures.items())


def _failures(operation, mode, town, client):
    failures = {}

    @given(
        case=operation.as_strategy(generation_mode=mode),
        account=st.sampled_from(ACCOUNTS + 3 * (EVERYBODY,)),
        choice=st.integers(0, 1 << 16),
    )
    @asking
    def ask(case, account, choice):
        for name in case.path_parameters or {}:
            if choice % 4 and town.known.get(name):
                candidates = sorted(town.known[name])
                case.path_parameters[name] = candidates[choice % len(candidates)]
        answer = case.call(session=client, headers=town.headers(account))
        place = answer.headers.get("location", [""])[0]
        town.learn(case.formatted_path, answer.content, place)
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            told = (
                f"{account}: {case.as_curl_command()}\n{answer.status_code} {answer.content[:300]}"
            )
            for failure in group.exceptions:
                failures.setdefault(f"{operation.label}: {failure}", told)

    with suppress(Unsatisfiable):  # some bodies cannot be wrong: any octets will do
        ask()
    return failures
