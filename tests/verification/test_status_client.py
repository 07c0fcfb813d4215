from datetime import timedelta

import pytest

from sealkit.status_chain import StatusChain, parse_status
from sealkit.status_delta import build_delta
from sealkit.status_list import StatusList, build_token
from tests.conformance.instants import AT
from tests.conformance.world import SLOT, SLOTS, STATUS_URI
from verification.errors import OlderStatusError, SourceUnavailableError
from verification.report import Verdict
from verification.status_client import StatusClient

TTL = timedelta(seconds=600)


class Publisher:
    """A list that changes, behind a network that can be cut, and who writes down what was asked."""

    def __init__(self, world, *, signer="status_signer", counts=True):
        self.now = AT - timedelta(hours=1)
        self.asked = []
        self.cut = False
        self.deltas = True
        self.lists = [StatusList(SLOTS)]
        self._world, self._signer, self._counts = world, signer, counts

    def change(self, slot, value):
        self.lists.append(self.lists[-1].set(slot, value))

    def fetch(self, uri):
        self.asked.append(uri.removeprefix(STATUS_URI))
        if self.cut:
            raise OSError
        if not uri.startswith(f"{STATUS_URI}/deltas/"):
            return self.whole(len(self.lists) - 1)
        return self.delta(int(uri.rpartition("/")[2])) if self.deltas else None

    def whole(self, version):
        counted = {"version": version} if self._counts else {}
        return build_token(self.lists[version], uri=STATUS_URI, **self.times(), **counted)

    def delta(self, start):
        end = len(self.lists) - 1
        changes = {n: self.lists[end].get(n) for n in range(SLOTS)}
        before = self.lists[start]
        changed = {n: value for n, value in changes.items() if value != before.get(n)}
        return build_delta(before, changed, versions=(start, end), uri=STATUS_URI, **self.times())

    def times(self):
        signer = self._world.signer(self._signer)
        ends = self.now + timedelta(days=1)
        return {"signer": signer, "at": self.now, "expires_at": ends, "ttl": 600}


def client_of(world, publisher):
    return StatusClient(publisher.fetch, lambda: world.trust, lambda: publisher.now)


def test_a_list_is_asked_for_again_when_its_ttl_is_over(world):
    publisher = Publisher(world)
    client = client_of(world, publisher)
    first = client.token(STATUS_URI)
    publisher.now += TTL - timedelta(seconds=1)
    assert client.token(STATUS_URI) == first
    publisher.now += timedelta(seconds=1)
    assert client.token(STATUS_URI) != first
    assert publisher.asked == ["", "/deltas/0"]


def test_deltas_are_followed_and_the_verifier_believes_what_they_amount_to(world):
    publisher = Publisher(world)
    client = client_of(world, publisher)
    client.token(STATUS_URI)
    for state, verdict in ((2, Verdict.INVALID), (0, Verdict.VALID), (1, Verdict.INVALID)):
        publisher.change(SLOT, state)
        publisher.change(5, state + 1)
        publisher.now += TTL
        report = world.report(world.sound_code.encode(), status=client, at=publisher.now)
        assert report.verdict is verdict
        assert report.state == state
        assert report.freshness["status"] == publisher.now
    read = parse_status(client.token(STATUS_URI))
    assert isinstance(read, StatusChain)
    assert read.statuses == publisher.lists[-1]
    assert publisher.asked == ["", "/deltas/0", "/deltas/2", "/deltas/4"]


def test_without_a_delta_the_whole_list_is_fetched(world):
    publisher = Publisher(world)
    client = client_of(world, publisher)
    client.token(STATUS_URI)
    publisher.deltas = False
    publisher.change(SLOT, 1)
    publisher.now += TTL
    assert parse_status(client.token(STATUS_URI)).statuses.get(SLOT) == 1
    assert publisher.asked == ["", "/deltas/0", ""]


def test_a_delta_of_somebody_else_changes_nothing(world):
    publisher, stranger = Publisher(world), Publisher(world, signer="code_signer")
    client = client_of(world, publisher)
    client.token(STATUS_URI)
    stranger.now = publisher.now = publisher.now + TTL
    stranger.change(SLOT, 1)
    publisher.delta = stranger.delta
    assert parse_status(client.token(STATUS_URI)).statuses.get(SLOT) == 0
    assert publisher.asked == ["", "/deltas/0", ""]


@pytest.mark.parametrize("counts", [True, False], ids=["by version", "by time"])
def test_a_list_older_than_one_seen_is_refused(world, counts):
    publisher = Publisher(world, counts=counts)
    publisher.deltas = False
    client = client_of(world, publisher)
    old = publisher.whole(0)
    publisher.change(SLOT, 1)
    publisher.now += timedelta(minutes=1)
    client.token(STATUS_URI)
    publisher.now += TTL
    publisher.whole = lambda _version: old
    with pytest.raises(OlderStatusError):
        client.token(STATUS_URI)
    report = world.report(world.sound_code.encode(), status=client, at=publisher.now)
    assert [finding.code for finding in report.findings] == ["status.older_than_seen"]
    assert report.verdict is Verdict.CANNOT_SAY


def test_one_version_signed_at_two_times_is_no_step_back(world):
    publisher = Publisher(world)
    publisher.deltas = False
    client = client_of(world, publisher)
    earlier = publisher.whole(0)
    publisher.now += timedelta(minutes=1)
    client.token(STATUS_URI)
    publisher.now += TTL
    publisher.whole = lambda _version: earlier
    assert client.token(STATUS_URI) == earlier


def test_what_nobody_we_trust_has_signed_is_handed_on_and_does_not_blot_out_what_was_seen(world):
    publisher, stranger = Publisher(world), Publisher(world, signer="code_signer")
    publisher.deltas = False
    publisher.change(SLOT, 1)
    client = client_of(world, publisher)
    client.token(STATUS_URI)
    honest, old = publisher.whole, Publisher(world).whole(0)
    publisher.now += TTL
    publisher.whole = lambda _version: stranger.whole(0)
    report = world.report(world.sound_code.encode(), status=client, at=publisher.now)
    assert [finding.code for finding in report.findings] == ["status.signer_unknown"]
    publisher.now += timedelta(seconds=60)
    publisher.whole = lambda _version: old
    with pytest.raises(OlderStatusError):
        client.token(STATUS_URI)
    publisher.whole = honest
    assert parse_status(client.token(STATUS_URI)).statuses.get(SLOT) == 1


def test_when_nobody_answers_nothing_is_said_though_something_is_kept(world):
    publisher = Publisher(world)
    client = client_of(world, publisher)
    client.token(STATUS_URI)
    publisher.cut = True
    client.token(STATUS_URI)
    publisher.now += TTL
    with pytest.raises(SourceUnavailableError):
        client.token(STATUS_URI)


def test_after_many_deltas_the_whole_list_is_fetched(world, monkeypatch):
    monkeypatch.setattr("verification.status_client.MAX_DELTAS", 2)
    publisher = Publisher(world)
    client = client_of(world, publisher)
    for _ in range(4):
        client.token(STATUS_URI)
        publisher.change(SLOT, 1)
        publisher.now += TTL
    assert publisher.asked == ["", "/deltas/0", "/deltas/1", ""]


def test_what_is_kept_is_bounded_and_forgetting_asks_anew(world):
    publisher = Publisher(world)
    client = StatusClient(publisher.fetch, lambda: world.trust, lambda: publisher.now, max_kept=2)
    for name in "abcab":
        client.token(f"https://status.example/{name}")
    assert len(client) <= 2
    asked = len(publisher.asked)
    client.forget()
    client.token("https://status.example/b")
    assert len(publisher.asked) > asked
