"""k shares open, k - 1 do not, and a wrong one is named."""

from itertools import combinations

import pytest
import shamir_mnemonic
from hypothesis import given
from hypothesis import strategies as st

from ca.errors import ShareError
from ca.keystores import shares

MADE = shares.split(3, 5)
OTHER = shares.split(3, 5)


def opened(secret):
    with secret.opened() as octets:
        return bytes(octets)


def test_every_three_of_five_give_the_secret():
    for chosen in combinations(MADE.shares, 3):
        assert opened(shares.combine(chosen, MADE.known)) == opened(MADE.passphrase)


def test_all_five_and_any_order_do_too():
    assert opened(shares.combine(MADE.shares[::-1], MADE.known)) == opened(MADE.passphrase)


def test_every_two_of_five_are_too_few():
    for chosen in combinations(MADE.shares, 2):
        with pytest.raises(ShareError, match="2 shares were given, 3 are needed"):
            shares.combine(chosen, MADE.known)


def test_the_library_alone_comes_to_the_same_secret():
    master = shamir_mnemonic.combine_mnemonics(MADE.shares[1:4])
    assert master.hex().encode() == opened(MADE.passphrase)


def test_a_share_with_a_wrong_word_is_named_by_its_place():
    words = MADE.shares[1].split()
    words[10] = "academic" if words[10] != "academic" else "acid"
    with pytest.raises(ShareError, match="share 2 given has a wrong or missing word"):
        shares.combine([MADE.shares[0], " ".join(words), MADE.shares[2]], MADE.known)


def test_a_share_of_another_set_is_named():
    with pytest.raises(ShareError, match="share 3 given is of another set"):
        shares.combine([*MADE.shares[:2], OTHER.shares[2]], MADE.known)


def test_a_well_formed_forgery_is_named_before_anything_is_computed():
    true = shamir_mnemonic.Share.from_mnemonic(MADE.shares[2])
    value = bytes((true.value[0] ^ 1,)) + true.value[1:]
    forged = shamir_mnemonic.Share(**{**vars(true), "value": value}).mnemonic()
    with pytest.raises(ShareError, match="share 1 given is not share 3 of this set"):
        shares.combine([forged, *MADE.shares[:2]], MADE.known)


def test_the_same_share_twice_counts_once():
    with pytest.raises(ShareError, match="shares 1 and 3 given are one and the same"):
        shares.combine([MADE.shares[0], MADE.shares[1], MADE.shares[0]], MADE.known)


def test_refusals_hold_no_word_of_a_share():
    # Short words stand in any English sentence.
    telling = {word for line in MADE.shares for word in line.split() if len(word) > 6}
    for given_shares in ([], MADE.shares[:2], [MADE.shares[0]] * 3, [MADE.shares[0], "x", "y"]):
        with pytest.raises(ShareError) as raised:
            shares.combine(given_shares, MADE.known)
        assert not telling & set(str(raised.value).split())
        assert raised.value.__cause__ is None


@pytest.mark.parametrize(("threshold", "count"), [(1, 1), (1, 3), (0, 2), (4, 3), (2, 17), (-1, 5)])
def test_impossible_numbers_are_refused(threshold, count):
    with pytest.raises(ShareError):
        shares.split(threshold, count)


@pytest.mark.parametrize(("threshold", "count"), [(2, 2), (2, 16), (16, 16)])
def test_the_limits_themselves_work(threshold, count):
    made = shares.split(threshold, count)
    assert opened(shares.combine(made.shares[-threshold:], made.known)) == opened(made.passphrase)


def test_what_is_made_shows_no_share():
    assert MADE.shares[0] not in repr(MADE)


@given(st.lists(st.text(max_size=300), max_size=4))
def test_any_lines_at_all_are_refused_in_our_words(lines):
    with pytest.raises(ShareError):
        shares.combine(lines, MADE.known)


def test_a_very_long_line_is_refused():
    with pytest.raises(ShareError, match="too long"):
        shares.combine(["academic " * 100_000], MADE.known)
