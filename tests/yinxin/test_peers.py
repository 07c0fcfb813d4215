"""Asking peers: what they may answer, and where nobody can make us call."""

import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from verification.errors import SourceUnavailableError
from verification.status_client import SHORTEST_TTL
from yinxin import peers
from yinxin.peers import PeerStatus, fetch, mirror_of

LISTS = "/v1/status-lists/"


class _Peer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path.endswith("moved"):
            self.send_response(302)
            self.send_header("Location", LISTS + "elsewhere")
            self.end_headers()
            return
        if self.path.endswith("absent"):
            self.send_error(404)
            return
        self.send_response(200)
        if self.path.endswith("short"):
            self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"x" * 50 if self.path.endswith("long") else b"token")

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Peer)
    server.asked = []
    server.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Clock:
    now = datetime(2026, 11, 23, tzinfo=UTC)

    def __call__(self):
        return self.now


def status_of(server, clock=None):
    return PeerStatus(lambda _uri: None, {"440000": server.address}, clock or Clock())


def test_a_redirection_is_no_answer_and_is_not_followed(server):
    with pytest.raises(OSError):
        fetch(server.address + LISTS + "moved")
    assert server.asked == [LISTS + "moved"]


def test_absence_is_none(server):
    assert fetch(server.address + "/absent") is None
    assert mirror_of(server.address)("metadata/1.root.json") == b"token"
    assert server.asked[-1] == "/trust/metadata/1.root.json"


@pytest.mark.parametrize("path", ["/long", "/short", "/with a space", "/line\nbreak"])
def test_what_is_no_usable_answer_is_an_os_error(server, monkeypatch, path):
    monkeypatch.setattr(peers, "MAX_ANSWER_BYTES", 49)
    with pytest.raises(OSError):
        fetch(server.address + path)


def test_a_dripping_peer_is_given_up(server, monkeypatch):
    monkeypatch.setattr(peers, "ANSWER_SECONDS", -1)
    with pytest.raises(OSError, match="takes more than"):
        fetch(server.address + "/list")


@pytest.mark.parametrize(
    "path",
    ["/trust/x", LISTS, LISTS + "a?b", LISTS + "../x", LISTS + "a/b", LISTS + "a#b", "@evil/x"],
)
def test_only_a_plain_status_list_of_a_peer_is_asked_for(server, path):
    with pytest.raises(SourceUnavailableError):
        status_of(server).token(server.address + path)
    assert server.asked == []


def test_an_answer_is_kept_for_a_minute(server):
    clock = Clock()
    status = status_of(server, clock)
    uri = f"{server.address}{LISTS}11650000PRJ000654L-1"
    assert status.token(uri) == status.token(uri) == b"token"
    assert len(server.asked) == 1
    clock.now += SHORTEST_TTL + timedelta(seconds=1)
    status.token(uri)
    status.forget()
    status.token(uri)
    assert len(server.asked) == 3


def test_absence_and_redirection_are_an_unavailable_source(server):
    for name in ("absent", "moved"):
        with pytest.raises(SourceUnavailableError):
            status_of(server).token(server.address + LISTS + name)


def test_our_own_lists_are_not_asked_over_http(server):
    status = PeerStatus(lambda _uri: b"ours", {}, Clock())
    assert status.token(server.address + LISTS + "a") == b"ours"
    assert server.asked == []
