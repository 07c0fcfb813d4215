"""What is published over HTTP: types, cache rules, and nothing that signs but timestamps."""

import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from ca.errors import UnknownLeafError, UnknownListError
from ca.log import TransparencyLog
from ca.ports import CAServices
from ca.revocation import build_crl
from ca.revocation_answers.ports import RevocationServices
from ca.revocation_answers.responder import Responder
from ca.routes import router, stamp_router
from ca.timestamp import DEVELOPMENT_POLICY, TimestampAuthority
from ca.timestamp_serials import TimestampSerials
from sealkit.asn1 import tsp
from sealkit.asn1.crl import parse_crl
from sealkit.asn1.tsp import Failure
from sealkit.asn1.x509 import to_pem
from sealkit.checkpoint import parse_checkpoint
from sealkit.sm import sm3
from yinxin.audit import AuditChain

LOG = TransparencyLog("2026", "v.example.cn/log/2026")
TYPE = {"Content-Type": "application/timestamp-query"}


@pytest.fixture
def client(engine, writing, keystore, at):
    """The routes under a roof as thin as it can be: one transaction per request."""

    def transaction(request: Request):
        with Session(engine) as session:
            request.state.session, request.state.at = session, at
            yield
            session.commit()

    numbers = TimestampSerials(writing, "tsa")

    def service(key):
        signer = keystore.signer(key)
        return TimestampAuthority(signer, DEVELOPMENT_POLICY, lambda: True, numbers.next)

    app = FastAPI()
    app.state.ca = CAServices(
        timestamps=service("timestamp"),
        ecdsa_timestamps=service("timestamp_ecdsa"),
        log=LOG,
        revocation=RevocationServices(
            responder=Responder(()),
            audit=AuditChain(),
            reading=lambda: Session(engine),
            clock=lambda: at,
            build_lists=lambda _session, _name, _at: (),
        ),
    )
    for routes in (router, stamp_router):
        app.include_router(routes, dependencies=[Depends(transaction, scope="function")])

    async def unknown(_request, error):
        return JSONResponse({"code": error.code}, 404)

    for kind in (UnknownListError, UnknownLeafError):
        app.add_exception_handler(kind, unknown)
    return TestClient(app)


@pytest.fixture
def published(engine, keystore, at):
    with Session(engine) as session:
        for number in range(300):
            LOG.append(session, b"leaf %d" % number, at=at)
        note = LOG.checkpoint(session, keystore.signer("log"), at=at)
        crl = build_crl(session, "sub_ca", keystore.signer("sub_ca"), at)
        session.commit()
    return note, crl


def test_timestamp_is_answered(client, at):
    query = tsp.build_request(sm3.digest(b"message"), nonce=7)
    answer = client.post("/tsa", content=query, headers=TYPE)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/timestamp-reply"
    token = tsp.parse_response(answer.content).token
    token.verify(b"message")
    assert (token.at, token.nonce) == (at, 7)


def test_each_answer_of_either_service_has_a_greater_number(client):
    query = tsp.build_request(sm3.digest(b"message"), nonce=7)
    tokens = [
        tsp.parse_response(client.post(path, content=query, headers=TYPE).content).token
        for path in ("/tsa", "/tsa/ecdsa", "/tsa")
    ]
    numbers = [token.serial >> 64 for token in tokens]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


@pytest.mark.parametrize("body", [b"", b"{}", bytes(100_000)], ids=["empty", "JSON", "large"])
def test_unreadable_query_gets_a_refusal_of_its_own_kind(client, body):
    answer = client.post("/tsa", content=body, headers=TYPE)
    assert answer.status_code == 200
    assert tsp.parse_response(answer.content).failures == (Failure.BAD_DATA_FORMAT,)


@pytest.mark.parametrize("media_type", ["application/json", "", "application/timestamp-reply"])
def test_query_of_another_type_is_refused(client, media_type):
    answer = client.post("/tsa", content=b"x", headers={"Content-Type": media_type})
    assert answer.status_code == 415


def test_revocation_list_is_served_as_it_was_signed(client, published):
    answer = client.get("/crl/sub_ca.crl")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pkix-crl"
    assert answer.headers["cache-control"] == "public, max-age=60, must-revalidate"
    assert answer.content == published[1]
    again = client.get("/crl/sub_ca.crl", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert parse_crl(answer.content).number == 1


@pytest.mark.parametrize("path", ["/crl/root.crl", "/crl/..%2fsub_ca.crl", "/log/checkpoint"])
def test_nothing_published_yet_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_checkpoint_is_served_as_it_was_signed(client, published):
    answer = client.get("/log/checkpoint")
    assert answer.content == published[0]
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert parse_checkpoint(answer.content).checkpoint.size == 300


def test_full_tile_may_be_kept_for_ever_and_partial_one_for_a_minute(client, published):
    full = client.get("/log/tile/0/000")
    assert len(full.content) == 256 * 32
    assert full.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert full.headers["access-control-allow-origin"] == "*"
    partial = client.get("/log/tile/0/001.p/44")
    assert len(partial.content) == 44 * 32
    assert partial.headers["cache-control"] == "public, max-age=60"
    entries = client.get("/log/tile/entries/001.p/44")
    assert entries.content.startswith(b"\x00\x08leaf 256")


@pytest.mark.parametrize("path", ["0/001", "0/002", "9/000", "x", "entries/001"])
def test_tile_that_is_not_there_is_not_found(client, published, path):
    answer = client.get(f"/log/tile/{path}")
    assert answer.status_code == 404
    assert answer.json() == {"code": "ca.log.unknown"}


def test_openssl_asks_and_verifies_a_stamp_with_ecdsa_in_full(client, keystore, tmp_path, openssl):
    """The whole way with nothing of ours: request, answer, chain, imprint."""
    content = tmp_path / "content"
    content.write_bytes("证照".encode())
    query, answer = tmp_path / "query.tsq", tmp_path / "answer.tsr"
    asked = openssl.run(
        "ts", "-query", "-data", str(content), "-sha256", "-cert", "-out", str(query)
    )
    assert asked.returncode == 0, asked.stderr
    answer.write_bytes(client.post("/tsa/ecdsa", content=query.read_bytes(), headers=TYPE).content)
    root = openssl.file("root.pem", to_pem(keystore.certificate("ecdsa_root").der, "CERTIFICATE"))
    verify = ("ts", "-verify", "-in", str(answer), "-CAfile", root)
    done = openssl.run(*verify, "-queryfile", str(query))
    assert "Verification: OK" in done.stdout + done.stderr, done.stderr
    content.write_bytes("别的".encode())
    assert "Verification: OK" not in openssl.run(*verify, "-data", str(content)).stdout
