"""A department sends a file of applications, a colleague approves it, the licences exist."""

import json
import threading

import pytest

from tests.journeys.conftest import uscc

TYPE = "application/x-ndjson"
SEND = "/v1/batches?kind=business_licence"


@pytest.fixture
def entries(company):
    """Three good lines and one whose number fails its check digit."""
    found = []
    for number in range(9001, 9004):
        fields = company["fields"] | {"uscc": uscc(number)}
        found.append({"fields": fields})
    found.insert(1, {"fields": company["fields"] | {"uscc": "91650100MA7BT00030"}})
    return found


def ndjson(entries):
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries).encode()


def send(home, content, key, account="market-clerk", kind=TYPE, path=SEND):
    headers = {"Content-Type": kind, "Idempotency-Key": key}
    return home.ask(account, "POST", path, content, **headers)


def reaches(home, batch_id, state):
    """Return the batch once it is in `state`; the worker looks every second."""
    waiting = threading.Event()
    for _ in range(300):
        batch = home.ask("market-clerk", "GET", f"/v1/batches/{batch_id}").json
        if batch["state"] == state:
            return batch
        waiting.wait(0.1)
    raise AssertionError(batch)


def test_a_file_of_applications_becomes_licences(home, entries):
    content = ndjson(entries)
    sent = send(home, content, "journey-batch-1")
    assert sent.status == 202
    batch_id = sent.json["batch_id"]
    assert send(home, content, "journey-batch-1").json["batch_id"] == batch_id
    checked = reaches(home, batch_id, "checked")
    assert (checked["ready"], checked["refused"]) == (3, 1)
    path = f"/v1/batches/{batch_id}"
    refused = home.ask("market-clerk", "POST", f"{path}/review", {"decision": "approve"})
    assert refused.status == 403
    assert (
        home.ask("market-reviewer", "POST", f"{path}/review", {"decision": "approve"}).status == 200
    )
    assert reaches(home, batch_id, "finished")["minted"] == 3
    (bad,) = home.ask("market-clerk", "GET", f"{path}/lines?state=refused").json
    assert bad["line"] == 2 and bad["problems"][0]["field"] == "uscc"
    for line in home.ask("market-clerk", "GET", f"{path}/lines?state=minted").json:
        assert home.verify(home.file({"id": line["licence_id"]}))["verdict"] == "valid"


def test_a_file_that_nobody_may_send_is_refused_with_one_sentence(home, entries):
    content = ndjson(entries)
    home.refused(401, "issuance.identity.required", send(home, content, "journey-batch-2", ""))
    home.refused(
        403, "issuance.not_entitled", send(home, content, "journey-batch-2", "market-reviewer")
    )
    home.refused(
        422,
        "issuance.kind.unknown",
        send(home, content, "journey-batch-2", path="/v1/batches?kind=nothing"),
    )
    home.refused(
        415,
        "request.media_type",
        send(home, content, "journey-batch-2", kind="application/zip"),
    )
    home.refused(404, "issuance.batch.unknown", home.ask("market-clerk", "GET", "/v1/batches/B0"))
