"""Timestamps of ours, asked for, given, refused and read."""

import hashlib
from datetime import datetime, timedelta

import pytest
from asn1crypto import tsp as asn1_tsp

from sealkit import oids
from sealkit.asn1 import cms, der, encode, tsp
from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError
from sealkit.sm import sm3
from tests.sealkit.asn1.identities import AT
from tests.sealkit.asn1.surgery import children, rebuilt

MESSAGE = b"signature value"
POLICY = "1.2.156.3005.9"


@pytest.fixture(params=["sm2", "ecdsa"])
def service(request, timestamper, ecdsa_timestamper):
    return timestamper if request.param == "sm2" else ecdsa_timestamper


def request_for(message=MESSAGE, **options):
    return tsp.parse_request(tsp.build_request(sm3.digest(message), **{"nonce": 1 << 63} | options))


def respond(service, request=None, **options):
    parts = {"serial": 1 << 100, "at": AT, "policy": POLICY, "signer": service}
    return tsp.build_response(request or request_for(), **parts | options)


def token_from(service, request=None, **options):
    return tsp.parse_response(respond(service, request, **options)).token


def test_request_reads_as_it_was_made():
    request = request_for(policy=POLICY)
    assert request == tsp.TimestampRequest(
        imprint=sm3.digest(MESSAGE),
        algorithm="sm3",
        policy=POLICY,
        nonce=1 << 63,
        wants_certificate=True,
        has_extensions=False,
    )


def test_shortest_request():
    der_request = tsp.build_request(
        bytes(32), algorithm="sha256", nonce=None, wants_certificate=False
    )
    request = tsp.parse_request(der_request)
    assert (request.algorithm, request.nonce, request.policy) == ("sha256", None, None)
    assert not request.wants_certificate
    theirs = asn1_tsp.TimeStampReq.load(der_request, strict=True)
    assert theirs["cert_req"].native is False
    assert theirs["message_imprint"]["hash_algorithm"]["algorithm"].native == "sha256"


def test_token_holds_what_was_asked_and_given(service):
    at = AT + timedelta(milliseconds=250)
    token = token_from(service, at=at, accuracy=timedelta(seconds=1, microseconds=2003))
    token.verify(MESSAGE)
    token.verify(imprint=sm3.digest(MESSAGE))
    assert token.at == at
    assert token.accuracy == timedelta(seconds=1, microseconds=2003)
    assert (token.imprint, token.imprint_algorithm) == (sm3.digest(MESSAGE), "sm3")
    assert (token.policy, token.serial, token.nonce) == (POLICY, 1 << 100, 1 << 63)
    assert token.signer_certificate_der == service.certificate_der
    assert token.certificates == (service.certificate_der,)
    assert token.deviations == ()
    assert tsp.parse_token(token.der) == token


def test_asn1crypto_reads_the_same(service):
    response = asn1_tsp.TimeStampResp.load(
        respond(service, accuracy=timedelta(seconds=2)), strict=True
    )
    assert response["status"]["status"].native == "granted"
    signed = response["time_stamp_token"]["content"]
    assert signed["version"].native == "v3"
    info = signed["encap_content_info"]["content"].parsed
    assert info["gen_time"].native == AT
    assert info["accuracy"]["seconds"].native == 2
    assert info["nonce"].native == 1 << 63
    kinds = {entry["type"].native for entry in signed["signer_infos"][0]["signed_attrs"]}
    assert "signing_certificate_v2" in kinds


def test_sha256_imprint_is_stamped(service):
    digest = hashlib.sha256(MESSAGE).digest()
    request = tsp.parse_request(tsp.build_request(digest, algorithm="sha256", nonce=7))
    token = token_from(service, request)
    token.verify(MESSAGE)
    assert token.imprint_algorithm == "sha256"
    assert token.accuracy is None


@pytest.mark.parametrize("nonce", [None, 0, -1, -(1 << 63), (1 << 128) - 1])
def test_nonce_is_echoed_whatever_it_is(timestamper, nonce):
    assert token_from(timestamper, request_for(nonce=nonce)).nonce == nonce


def test_certificate_comes_only_when_wanted(timestamper, sm2_root):
    token = token_from(timestamper, request_for(wants_certificate=False))
    assert token.certificates == ()
    token.verify(MESSAGE, certificate_der=timestamper.certificate_der)
    with pytest.raises(InvalidSignatureError, match="not at hand"):
        token.verify(MESSAGE)
    with_chain = token_from(timestamper, chain=[sm2_root.certificate_der])
    assert set(with_chain.certificates) == {
        timestamper.certificate_der,
        sm2_root.certificate_der,
    }


def test_token_over_something_else_does_not_verify(service):
    token = token_from(service)
    with pytest.raises(InvalidSignatureError, match="something else"):
        token.verify(b"another value")
    with pytest.raises(InvalidSignatureError, match="something else"):
        token.verify(imprint=bytes(32))
    with pytest.raises(ValueError, match="message or its imprint"):
        token.verify()
    with pytest.raises(ValueError, match="message or its imprint"):
        token.verify(MESSAGE, imprint=token.imprint)


def test_token_with_another_time_does_not_verify(service):
    changed = respond(service).replace(b"\x18\x0f20261123083015Z", b"\x18\x0f20251123083015Z")
    token = tsp.parse_response(changed).token
    assert token.at.year == 2025
    with pytest.raises(InvalidSignatureError):
        token.verify(MESSAGE)


def test_token_in_the_outer_form_of_gbt_35275_reads(timestamper):
    token = token_from(timestamper)
    content = der.parse(token.der).children()
    content.object_identifier()
    gm = encode.sequence(encode.object_identifier(oids.GM_SIGNED_DATA), content.take().der)
    read = tsp.parse_token(gm)
    read.verify(MESSAGE)
    assert read.signed.is_gm


@pytest.mark.parametrize(
    "options",
    [{"policy": "1.2.3"}, {"accuracy": timedelta(seconds=-1)}, {"at": datetime(2026, 1, 1)}],
)
def test_what_cannot_be_granted_is_refused_before_signing(timestamper, options):
    with pytest.raises(ValueError):
        respond(timestamper, request_for(policy=POLICY), **options)


def test_request_with_extensions_is_not_granted(timestamper):
    body = der.parse(tsp.build_request(bytes(32), nonce=1)).content
    request = tsp.parse_request(encode.sequence(body, encode.context(0, encode.sequence())))
    assert request.has_extensions
    with pytest.raises(ValueError, match="extensions"):
        respond(timestamper, request)


def test_imprint_that_does_not_fit_is_not_requested():
    for digest, algorithm in ((bytes(31), "sm3"), (bytes(20), "sha1"), (bytes(64), "sha512")):
        with pytest.raises(ValueError, match="not a digest"):
            tsp.build_request(digest, algorithm=algorithm, nonce=1)


def imprint(identifier, digest):
    return encode.sequence(encode.algorithm(identifier), encode.octet_string(digest))


def test_request_under_an_algorithm_that_we_do_not_stamp_reads_and_is_not_granted(timestamper):
    for identifier, digest, name in (
        ("1.3.14.3.2.26", bytes(20), "1.3.14.3.2.26"),
        ("2.16.840.1.101.3.4.2.3", bytes(64), "sha512"),
    ):
        body = encode.sequence(encode.integer(1), imprint(identifier, digest))
        request = tsp.parse_request(body)
        assert request.algorithm == name
        with pytest.raises(ValueError, match="not a digest"):
            respond(timestamper, request)


@pytest.mark.parametrize(
    "parts",
    [
        (encode.integer(2), imprint(oids.SM3, bytes(32))),
        (encode.integer(1), imprint(oids.SM3, bytes(31))),
        (encode.integer(1), imprint("1.2.3", bytes(65))),
        (encode.integer(1), imprint(oids.SM3, bytes(32)), encode.utf8_string("x")),
        (encode.integer(1), imprint(oids.SM3, bytes(32)), encode.integer(1 << 600)),
        (encode.integer(1),),
    ],
)
def test_request_of_another_structure_is_malformed(parts):
    with pytest.raises(MalformedError):
        tsp.parse_request(encode.sequence(*parts))


@pytest.mark.parametrize("failure", tsp.Failure)
def test_refusal_says_why(failure):
    refusal = tsp.build_refusal(tsp.Status.REJECTION, failure, "时间不可用")
    response = tsp.parse_response(refusal)
    assert response == tsp.TimestampResponse(
        tsp.Status.REJECTION, ("时间不可用",), (failure,), None
    )
    theirs = asn1_tsp.PKIStatusInfo.load(der.parse(refusal).content, strict=True)
    assert theirs["status"].native == "rejection"
    assert len(theirs["fail_info"].native) == 1


def test_shortest_refusal():
    response = tsp.parse_response(tsp.build_refusal(tsp.Status.WAITING))
    assert (response.texts, response.failures, response.token) == ((), (), None)
    with pytest.raises(ValueError, match="token"):
        tsp.build_refusal(tsp.Status.GRANTED)


def response_of(*status, token=()):
    return encode.sequence(encode.sequence(*status), *token)


@pytest.mark.parametrize(
    "response",
    [
        response_of(encode.integer(0)),
        response_of(encode.integer(9)),
        response_of(encode.integer(2), token=(encode.sequence(),)),
        response_of(encode.integer(0), token=(encode.sequence(),)),
        response_of(encode.integer(2), encode.sequence(encode.integer(1))),
        response_of(encode.integer(2), encode.sequence(*[encode.utf8_string("x")] * 17)),
        response_of(encode.integer(2), encode.value(der.BIT_STRING, b"\x08\x00")),
        response_of(encode.integer(2), encode.value(der.BIT_STRING, b"")),
        response_of(encode.integer(2), encode.bit_string(bytes(5))),
    ],
)
def test_response_of_another_structure_is_malformed(response):
    with pytest.raises(MalformedError):
        tsp.parse_response(response)


def signed_info(service, *, content_type=oids.TST_INFO, detached=False, **changes):
    """A signed message over a TSTInfo that differs in one part."""
    parts = {
        "version": encode.integer(1),
        "policy": encode.object_identifier(POLICY),
        "imprint": imprint(oids.SM3, sm3.digest(MESSAGE)),
        "serial": encode.integer(1),
        "at": encode.generalized_time(AT),
        "rest": b"",
    }
    info = encode.sequence(*(parts | changes).values())
    return cms.sign(info, service, at=AT, content_type=content_type, detached=detached)


def test_optional_parts_of_others_are_read_over(timestamper):
    name = encode.context(0, encode.context(4, encode.sequence()))
    rest = encode.sequence(encode.integer(1)) + encode.boolean(True) + encode.integer(5) + name
    token = tsp.parse_token(
        signed_info(timestamper, rest=rest + encode.context(1, encode.sequence()))
    )
    token.verify(MESSAGE)
    assert (token.accuracy, token.nonce) == (timedelta(seconds=1), 5)


def test_token_under_an_unknown_imprint_algorithm_is_unsupported(timestamper):
    token = tsp.parse_token(signed_info(timestamper, imprint=imprint("1.2.3", bytes(20))))
    with pytest.raises(UnsupportedError):
        token.verify(MESSAGE)


def accuracy(*parts):
    return encode.sequence(*parts)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": encode.integer(2)},
        {"at": encode.time(AT)},
        {"at": encode.value(der.GENERALIZED_TIME, b"20261123083015+0800")},
        {"rest": accuracy(encode.integer(-1))},
        {"rest": accuracy(encode.value(0x80, b"\x03\xe8"))},
        {"rest": accuracy(encode.value(0x81, b"\x03\xe8"))},
        {"rest": encode.boolean(True) + encode.boolean(True)},
        {"content_type": oids.CMS_DATA},
        {"detached": True},
    ],
)
def test_token_of_another_structure_is_malformed(timestamper, changes):
    with pytest.raises(MalformedError):
        tsp.parse_token(signed_info(timestamper, **changes))


def test_token_that_does_not_name_its_certificate_is_recorded(timestamper):
    """RFC 3161, 2.4.2 wants the signing certificate named; some services leave it out."""
    attributes = (1, 0, 4, 0, 3)
    signing_certificate = encode.object_identifier("1.2.840.113549.1.9.16.2.47")

    def without(element):
        return encode.context(0, *(c for c in children(element) if signing_certificate not in c))

    read = tsp.parse_token(rebuilt(token_from(timestamper).der, {attributes: without}))
    assert read.deviations == ("signing_certificate.absent",)
    with pytest.raises(InvalidSignatureError):
        read.verify(MESSAGE)
