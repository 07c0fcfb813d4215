"""Every reader of signed structures gives a value or `MalformedError`, whatever it is fed.

What reads is then verified, which may also say no or not ours, and nothing else.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealkit.asn1 import cms, encode, ses, tsp
from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError
from sealkit.sm import sm3
from tests.sealkit.asn1.identities import AT
from tests.sealkit.asn1.ses import products
from tests.sealkit.asn1.surgery import all_paths, rebuilt


def read_seal(foreign):
    seal = ses.parse_seal(foreign)
    seal.lists(b"certificate")
    seal.verify_maker()


def read_signature(foreign):
    ses.parse_signature(foreign).verify_value()


def read_message(foreign):
    cms.parse(foreign).verify(b"content")


def read_token(foreign):
    tsp.parse_token(foreign).verify(b"message")


READERS = {
    "seal_v4": read_seal,
    "seal_v1": read_seal,
    "signature_v4": read_signature,
    "signature_v1": read_signature,
    "message": read_message,
    "gm_message": read_message,
    "token": read_token,
    "request": tsp.parse_request,
    "response": tsp.parse_response,
    "refusal": tsp.parse_response,
}


@pytest.fixture(scope="session")
def samples(sm2_signer, seal_maker, timestamper):
    certificate = sm2_signer.certificate_der
    seal_v4 = products.seal_v4(seal_maker, products.info_v4(certificate))
    seal_v1 = products.seal_v1(seal_maker, products.info_v1(certificate))
    request = tsp.build_request(sm3.digest(b"message"), nonce=1 << 60, policy="1.2.3")
    response = tsp.build_response(
        tsp.parse_request(request), serial=9, at=AT, policy="1.2.3", signer=timestamper
    )
    token = tsp.parse_response(response).token.der
    stamped = products.signature_v4(
        sm2_signer, seal_v4, timestamp=encode.context(0, encode.bit_string(token))
    )
    return {
        "seal_v4": seal_v4,
        "seal_v1": seal_v1,
        "signature_v4": stamped,
        "signature_v1": products.signature_v1(sm2_signer, seal_v1, time=encode.bit_string(token)),
        "message": cms.sign(b"content", sm2_signer, at=AT),
        "gm_message": cms.sign(b"content", sm2_signer, at=AT, gm=True, with_attributes=False),
        "token": token,
        "request": request,
        "response": response,
        "refusal": tsp.build_refusal(tsp.Status.REJECTION, tsp.Failure.BAD_REQUEST, "no"),
    }


@pytest.fixture(params=sorted(READERS))
def kind(request):
    return request.param


def value_or_refusal(read, foreign):
    try:
        read(foreign)
    except (MalformedError, InvalidSignatureError, UnsupportedError):
        return


# The fixtures are session-wide samples that no example changes.
anything = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@anything
@given(foreign=st.binary(max_size=300))
def test_any_bytes(kind, foreign):
    value_or_refusal(READERS[kind], foreign)


@anything
@given(
    edits=st.lists(
        st.tuples(
            st.floats(0, 1, exclude_max=True),
            st.sampled_from(["flip", "set", "cut", "insert"]),
            st.binary(min_size=1, max_size=4),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_change_of_a_good_one(kind, samples, edits):
    changed = bytearray(samples[kind])
    for place, edit, octets in edits:
        position = int(place * len(changed))
        if edit == "flip":
            changed[position] ^= 1 << octets[0] % 8
        elif edit == "set":
            changed[position : position + len(octets)] = octets
        elif edit == "cut":
            del changed[position : position + octets[0]]
        else:
            changed[position:position] = octets
        if not changed:
            break
    value_or_refusal(READERS[kind], bytes(changed))


@anything
@given(data=st.data())
def test_any_part_of_one_in_the_place_of_another(kind, samples, data):
    """Well-formed values where others belong reach further than broken ones."""
    path, _ = data.draw(st.sampled_from(all_paths(samples[kind])))
    other = data.draw(st.sampled_from(sorted(samples)))
    _, new = data.draw(st.sampled_from(all_paths(samples[other])))
    value_or_refusal(READERS[kind], rebuilt(samples[kind], {path: lambda _: new}))


def test_good_ones_read(kind, samples):
    READERS[kind](samples[kind])


def test_bytes_after_a_good_one_are_malformed(kind, samples):
    with pytest.raises(MalformedError):
        READERS[kind](samples[kind] + b"\0")
