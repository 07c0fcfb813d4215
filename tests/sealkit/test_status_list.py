"""Token status lists: the draft's vectors, our token, and every way to get a wrong state."""

import base64
import hashlib
import random
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import InvalidSignatureError, MalformedError, SealkitError
from sealkit.sm.sm2 import SM2PrivateKey
from sealkit.status_list import SlotError, StatusList, build_token, parse_token
from tests.sealkit.signers import SHEET_KEY, signer_of

AT = datetime(2026, 3, 18, tzinfo=UTC)
SIGNER = signer_of("status_signer")
SHEET_TOKEN = bytes.fromhex(
    "d284582ea3013a000100000448d94a2fcb88a63e8210781a6170706c69636174696f6e2f7374617475736c6973"
    "742b637774a0586fa502781868747470733a2f2f762e6578616d706c652e636e2f732f37061a69b9eb00041a69"
    "bb3c8019fffe190e1019fffda3646269747302636c73744b78da3be9f2130003df02076f616767726567617469"
    "6f6e5f7572697668747470733a2f2f762e6578616d706c652e636e2f735840f8fcbce06208602bcff04e25ad2f"
    "86100dfba765116d39c7741feee2c993f7c505760d7ea0a8ea10af616a2997e9c7185a7981a2b45f7cabe55bd8"
    "960ab05677"
)


def token(statuses=None, **changes):
    arguments = {
        "uri": "https://v.example.cn/s/7",
        "signer": SIGNER,
        "at": AT,
        "expires_at": AT + timedelta(days=1),
        "ttl": 3600,
    } | changes
    return build_token(statuses or StatusList.empty(16), **arguments)


@pytest.mark.parametrize(
    ("bits", "values", "packed"),
    [
        (1, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1], "b9a3"),
        (2, [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3], "c944f9"),
    ],
)
def test_draft_vectors(bits, values, packed):
    statuses = StatusList.of(len(values), dict(enumerate(values)), bits)
    assert statuses.packed.hex() == packed
    assert [statuses.get(index) for index in range(len(values))] == values


def test_the_drafts_long_list():
    ones = (0, 1993, 25460, 159495, 495669, 554353, 645645, 723232, 854545, 934534, 1000345)
    statuses = StatusList.of(1 << 20, dict.fromkeys(ones, 1), 1)
    assert hashlib.sha256(statuses.packed).hexdigest() == (
        "f2529d5d7b48665f8be86037b271b92a9cc7690a42688193d3c97baf2a1e4794"
    )


def test_the_sheets_token_reads_and_verifies():
    parsed = parse_token(SHEET_TOKEN)
    parsed.verify(SHEET_KEY.public_key)
    assert parsed.uri == "https://v.example.cn/s/7"
    assert parsed.ttl == 3600
    assert [parsed.statuses.get(index) for index in range(4)] == [1, 2, 0, 3]


def test_our_token_reads_back_and_verifies():
    parsed = parse_token(token(StatusList.of(16, {3: 0x0C, 4: 3})))
    parsed.verify(signer_of("status_signer").public_key)
    assert (parsed.issued_at, parsed.expires_at) == (AT, AT + timedelta(days=1))
    assert [parsed.statuses.get(index) for index in (2, 3, 4)] == [0, 0x0C, 3]


def test_another_key_or_a_changed_token_is_refused():
    with pytest.raises(InvalidSignatureError):
        parse_token(token()).verify(SM2PrivateKey.generate().public_key)
    changed = token().replace(b"example", b"exampla")
    with pytest.raises(InvalidSignatureError):
        parse_token(changed).verify(SIGNER.public_key)


@pytest.mark.parametrize("index", [-1, 16, 1 << 40])
def test_an_index_beyond_the_list_is_never_a_state(index):
    with pytest.raises(SlotError):
        StatusList.empty(16).get(index)


def test_a_state_beyond_the_width_is_refused():
    with pytest.raises(SlotError):
        StatusList.of(16, {0: 16})


def test_a_list_that_inflates_without_end_is_refused():
    bomb = zlib.compress(bytes(64 * 1024 * 1024), 9)

    class Bomb(StatusList):
        def compressed(self):
            return bomb

    with pytest.raises(MalformedError):
        parse_token(token(Bomb(b"")))


def test_a_million_slots_with_one_percent_set_stay_small():
    chosen = random.Random(1).sample(range(1 << 20), 10_486)
    large = token(StatusList.of(1 << 20, dict.fromkeys(chosen, 1)))
    assert len(large) <= 24 * 1024


@given(st.binary(max_size=300))
def test_any_bytes_are_a_token_or_an_error_of_ours(content):
    with pytest.raises(SealkitError):
        parse_token(content)


@given(st.integers(0, len(SHEET_TOKEN) - 1), st.integers(1, 255))
def test_any_changed_byte_is_refused(position, change):
    content = bytearray(SHEET_TOKEN)
    content[position] ^= change
    with pytest.raises(SealkitError):
        parse_token(bytes(content)).verify(SHEET_KEY.public_key)


def test_base64_of_the_sheet():
    statuses = StatusList.of(12, dict(enumerate([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3])), 2)
    stream = base64.urlsafe_b64decode("eNo76fITAAPfAgc=")
    assert zlib.decompress(stream) == statuses.packed
