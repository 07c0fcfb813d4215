"""Nothing that pyHanko refuses is `valid` here: pyHanko judges the same files beside us."""

from functools import cache

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from benchmarks import material
from benchmarks.pdf import judged_by_pyhanko
from sealkit.formats.pdf import plain
from sealkit.formats.pdf.document import FOREIGN_ERRORS
from verification.report import Verdict


@cache
def edition():
    return material.mint_pdf()


def is_valid(document):
    return material.judged(document).verdict is Verdict.VALID


def pyhanko_refuses(document):
    try:
        judged_by_pyhanko(document)
    except (*FOREIGN_ERRORS, AssertionError):
        return True
    return False


def test_edition_is_valid_for_both_and_read_by_our_own_reader():
    assert is_valid(edition()) and judged_by_pyhanko(edition()) == 1
    (signature,) = plain.read_signatures(plain.PlainPDF(edition()))
    assert signature.digest_holds and signature.signature_holds


def issuer_in(document):
    """Return where the issuing authority's certificate stands, in hexadecimal digits."""
    (region,) = material.trust().regions
    (issuer,) = region.intermediates
    copy = issuer.hex().upper().encode()
    start = document.index(copy)
    return range(start, start + len(copy))


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_edition_with_a_changed_byte_is_not_valid_where_pyhanko_refuses(data):
    document = edition()
    place = data.draw(st.integers(0, len(document) - 1))
    octet = data.draw(st.integers(1, 255))
    changed = document[:place] + bytes((document[place] ^ octet,)) + document[place + 1 :]
    assert not (is_valid(changed) and pyhanko_refuses(changed))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_edition_with_a_changed_byte_around_the_signature_is_not_valid_where_pyhanko_refuses(data):
    """Where bytes are not covered, or say what is: the value, its padding, its place.

    Not within the issuing authority's certificate: nobody signed that copy, pyHanko takes a broken
    one for the way to the root, and we take the one that we know.
    """
    document = edition()
    start = document.rindex(b"/Contents <")
    end = document.index(b"/SubFilter", start)
    place = data.draw(st.integers(start, end))
    copy = issuer_in(document)
    assume(not copy.start <= place < copy.stop)
    octet = data.draw(st.sampled_from(b"0aAfF<> \n/()"))
    changed = document[:place] + bytes((octet,)) + document[place + 1 :]
    assert not (is_valid(changed) and pyhanko_refuses(changed))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_edition_cut_short_is_not_valid_where_pyhanko_refuses(data):
    document = edition()
    cut = document[: data.draw(st.integers(0, len(document) - 1))]
    assert not (is_valid(cut) and pyhanko_refuses(cut))


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=40))
@example(b"\n")
@example(b"\n% more\n")
def test_edition_with_bytes_appended_is_not_valid_where_pyhanko_refuses(more):
    assert not (is_valid(edition() + more) and pyhanko_refuses(edition() + more))


@pytest.mark.parametrize("stray", [b"\n", b" ", b"\0"])
def test_edition_after_a_stray_byte_is_not_valid_where_pyhanko_refuses(stray):
    assert not (is_valid(stray + edition()) and pyhanko_refuses(stray + edition()))
