"""The timestamp service: what it stamps, what it refuses, and how it counts."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from asn1crypto import tsp as other_reader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ca.errors import UnsoundClockError
from ca.timestamp import ACCURACY, DEVELOPMENT_POLICY, TimestampAuthority
from ca.timestamp_serials import RANDOM_BITS, TimestampSerials
from sealkit.asn1 import encode, tsp
from sealkit.asn1.tsp import Failure, Status
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import InvalidSignatureError
from sealkit.sm import sm3

MESSAGE = b"signature value of a seal"


@pytest.fixture
def service(writing, keystore):
    return TimestampAuthority(
        signer=keystore.signer("timestamp"),
        policy_oid=DEVELOPMENT_POLICY,
        clock_is_sound=lambda: True,
        next_serial=TimestampSerials(writing, "tsa").next,
    )


@pytest.fixture
def service_in_doubt(service):
    return TimestampAuthority(
        service.signer, service.policy_oid, lambda: False, service.next_serial
    )


def asked(imprint=None, **options):
    return tsp.build_request(imprint or sm3.digest(MESSAGE), nonce=0x1122334455667788, **options)


@pytest.mark.parametrize("algorithm", ["sm3", "sha256"])
def test_granted_token_says_what_was_asked(service, keystore, at, algorithm):
    imprint = bytes(range(32))
    request = asked(imprint, algorithm=algorithm)
    response = tsp.parse_response(service.answer(request, at=at))
    assert response.status == Status.GRANTED
    token = response.token
    token.verify(imprint=imprint)
    assert token.at == at
    assert token.imprint_algorithm == algorithm
    assert token.policy == DEVELOPMENT_POLICY
    assert token.nonce == 0x1122334455667788
    assert token.accuracy == ACCURACY
    certificate = parse_certificate(token.signer_certificate_der)
    certificate.verify_signed_by(keystore.certificate("sub_ca"))
    assert certificate.extended_key_usage == {"1.3.6.1.5.5.7.3.8"}


def test_asn1crypto_reads_the_answer(service, at):
    theirs = other_reader.TimeStampResp.load(service.answer(asked(), at=at))
    assert theirs["status"]["status"].native == "granted"
    info = theirs["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    assert info["message_imprint"]["hashed_message"].native == sm3.digest(MESSAGE)
    assert info["nonce"].native == 0x1122334455667788


def test_token_for_a_seal_stamps_its_signature_value(service, at):
    token = tsp.parse_token(service.token_for(MESSAGE, at=at))
    token.verify(MESSAGE)
    assert token.at == at
    assert token.signer_certificate_der is not None
    with pytest.raises(InvalidSignatureError):
        token.verify(MESSAGE + b"!")


def test_ecdsa_service_stamps_sha256(writing, keystore, at):
    service = TimestampAuthority(
        keystore.signer("pdf_signer_ecdsa"),
        DEVELOPMENT_POLICY,
        lambda: True,
        TimestampSerials(writing, "ecdsa").next,
    )
    token = tsp.parse_token(service.token_for(MESSAGE, at=at))
    token.verify(MESSAGE)
    assert token.imprint_algorithm == "sha256"


def test_clock_in_doubt_stops_every_stamp(service_in_doubt, at):
    response = tsp.parse_response(service_in_doubt.answer(asked(), at=at))
    assert response.status == Status.REJECTION
    assert response.failures == (Failure.TIME_NOT_AVAILABLE,)
    with pytest.raises(UnsoundClockError):
        service_in_doubt.token_for(MESSAGE, at=at)


SHA1_REQUEST = encode.sequence(
    encode.integer(1),
    encode.sequence(encode.algorithm("1.3.14.3.2.26"), encode.octet_string(bytes(20))),
)
WITH_EXTENSION = encode.sequence(
    encode.integer(1),
    encode.sequence(encode.algorithm("1.2.156.10197.1.401"), encode.octet_string(bytes(32))),
    encode.context(
        0, encode.sequence(encode.object_identifier("1.2.3.4"), encode.octet_string(b""))
    ),
)

REFUSED = {
    "SHA-1": (SHA1_REQUEST, Failure.BAD_ALGORITHM),
    "another policy": (asked(policy="1.2.3.4"), Failure.UNACCEPTED_POLICY),
    "an extension": (WITH_EXTENSION, Failure.UNACCEPTED_EXTENSION),
    "nothing": (b"", Failure.BAD_DATA_FORMAT),
    "bytes after it": (asked() + b"\0", Failure.BAD_DATA_FORMAT),
    "too much": (asked() + bytes(tsp.MAX_REQUEST_BYTES), Failure.BAD_DATA_FORMAT),
}


@pytest.mark.parametrize("case", REFUSED)
def test_request_that_cannot_be_granted_is_answered_with_the_reason(service, at, case):
    request, failure = REFUSED[case]
    response = tsp.parse_response(service.answer(request, at=at))
    assert response.status == Status.REJECTION
    assert response.failures == (failure,)
    assert response.token is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_get_a_readable_answer(service, at, foreign):
    assert tsp.parse_response(service.answer(foreign, at=at)).status in set(Status)


def tick(token):
    return tsp.parse_token(token).serial >> RANDOM_BITS


def test_a_serial_number_is_the_time_in_microseconds_above_chance(service, at):
    first, second = (tsp.parse_token(service.token_for(MESSAGE, at=at)).serial for _ in range(2))
    assert first >> RANDOM_BITS == round(at.timestamp() * 1_000_000)
    assert second >> RANDOM_BITS == (first >> RANDOM_BITS) + 1
    assert (first ^ second) & (1 << RANDOM_BITS) - 1


def test_serial_numbers_grow_though_the_clock_goes_back(service, at):
    times = (at, at - timedelta(hours=1), at + timedelta(minutes=1), at)
    found = [tick(service.token_for(MESSAGE, at=time)) for time in times]
    assert found == sorted(set(found))


def test_a_service_started_again_with_an_earlier_clock_goes_on_above(writing, at):
    def last_of_a_process(time):
        source = TimestampSerials(writing, "tsa")
        return [source.next(time) for _ in range(3)][-1]

    first = last_of_a_process(at)
    second = last_of_a_process(at - timedelta(days=1))
    assert first < second < last_of_a_process(at)


def test_time_is_set_aside_every_few_seconds_and_not_for_every_stamp(writing, at):
    opened = []

    @contextmanager
    def counted():
        opened.append(1)
        with writing() as session:
            yield session

    source = TimestampSerials(counted, "tsa")
    for milliseconds in range(0, 20_000, 10):
        source.next(at + timedelta(milliseconds=milliseconds))
    assert len(opened) == 4


def test_threads_are_never_given_one_number(writing, at):
    source = TimestampSerials(writing, "tsa")
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: source.next(at) >> RANDOM_BITS, range(400)))
    assert len(set(found)) == 400


def test_a_refused_request_uses_no_serial_number(service, at):
    first = tick(service.token_for(MESSAGE, at=at))
    service.answer(SHA1_REQUEST, at=at)
    assert tick(service.token_for(MESSAGE, at=at)) == first + 1


@pytest.mark.peer
def test_openssl_asks_and_reads_the_answer(service, openssl, at):
    query = openssl.file("query.tsq", b"")
    digest = sm3.digest(MESSAGE).hex()
    assert openssl.run("ts", "-query", "-sm3", "-digest", digest, "-out", query).returncode == 0
    with open(query, "rb") as file:
        reply = service.answer(file.read(), at=at)
    text = openssl.run("ts", "-reply", "-in", openssl.file("reply.tsr", reply), "-text").stdout
    assert "Status: Granted." in text
    assert DEVELOPMENT_POLICY in text
    assert "Nov 23 08:30:15.25 2026 GMT" in text
    assert "Hash Algorithm: sm3" in text


@pytest.mark.peer
def test_openssl_verifies_the_raw_signature_of_a_token(service, openssl, at):
    """`openssl ts -verify` cannot do SM2; its digest command can, over the attributes as SET."""
    token = tsp.parse_token(service.token_for(MESSAGE, at=at))
    theirs = other_reader.ContentInfo.load(token.der)["content"]["signer_infos"][0]
    attributes = theirs["signed_attrs"].dump()
    assert attributes[0] == 0xA0
    spki = parse_certificate(token.signer_certificate_der).spki
    assert openssl.verifies_raw(b"\x31" + attributes[1:], theirs["signature"].native, spki)


def test_accuracy_is_that_of_the_service(service, at):
    coarse = TimestampAuthority(
        service.signer,
        service.policy_oid,
        service.clock_is_sound,
        service.next_serial,
        accuracy=timedelta(milliseconds=1500),
    )
    token = tsp.parse_token(coarse.token_for(MESSAGE, at=at))
    assert token.accuracy == timedelta(milliseconds=1500)
