"""A request that carries too much is refused while it arrives."""

import threading

import pytest
import uvicorn
from fastapi import FastAPI, UploadFile
from starlette.testclient import TestClient

from yinxin import uploads
from yinxin.demonstration.client import Client
from yinxin.problems import install
from yinxin.serving import free_port
from yinxin.uploads import UploadLimit

LIMIT = 10_000


@pytest.fixture
def client():
    app = FastAPI()

    @app.post("/upload")
    def upload(file: UploadFile) -> int:
        return len(file.file.read())

    @app.post("/json")
    def members(body: dict) -> int:
        return len(body)

    install(app, ())
    app.add_middleware(UploadLimit, max_bytes=LIMIT)
    return TestClient(app, raise_server_exceptions=False)


def test_a_small_upload_passes(client):
    assert client.post("/upload", files={"file": b"x" * 100}).json() == 100


def test_a_declared_length_over_the_limit_is_413_at_once(client):
    answer = client.post("/upload", files={"file": b"x" * (LIMIT + 1)})
    assert answer.status_code == 413
    assert answer.json()["code"] == "request.too_large"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/upload", "/json"])
def test_a_body_without_length_is_413_when_it_passes_the_limit(client, path):
    kind = {"/upload": "multipart/form-data; boundary=x", "/json": "application/json"}[path]

    def body():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        for _ in range(50):
            yield b"x" * 1000

    answer = client.post(path, content=body(), headers={"Content-Type": kind})
    assert answer.status_code == 413
    assert answer.json()["code"] == "request.too_large"


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x+json", None])
def test_only_a_form_carries_as_much_as_a_file(client, monkeypatch, kind):
    """20 MB of "[]," became 450 MB of lists, for anybody and before they were asked who."""
    monkeypatch.setattr(uploads, "MAX_MEMBERS_BYTES", 1000)
    headers = {"Content-Type": kind} if kind else {}
    answer = client.post("/json", content=b"[" + b"[]," * 400 + b"[]]", headers=headers)
    assert answer.status_code == 413
    assert client.post("/upload", files={"file": b"x" * 2000}).json() == 2000


def test_deeply_nested_json_is_a_plain_refusal(client):
    answer = client.post("/json", content=b"[" * 4000, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_client_that_sends_everything_still_reads_the_413(client):
    """Over a real connection: closing it while the client sends would lose the answer."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(client.app, port=port, log_level="error"))
    started = threading.Event()
    startup = server.startup

    async def startup_and_tell(sockets=None):
        await startup(sockets)
        started.set()

    server.startup = startup_and_tell
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert started.wait(30)
    try:
        answer = Client(f"http://127.0.0.1:{port}").call(
            "POST",
            "/json",
            b"x" * (3 * LIMIT),
            {"Content-Type": "application/json"},
            expect_success=False,
        )
    finally:
        server.should_exit = True
        thread.join(30)
    assert answer.status == 413
    assert answer.json["code"] == "request.too_large"
