"""Formats are told by how they begin; whatever only looks like one is still named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.detect import Format, detect


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (b"PK\x03\x04rest", Format.OFD),
        (b"glued" + b"PK\x03\x04" + b"PK\x05\x06" + bytes(18), Format.OFD),
        (b"%PDF-1.7", Format.PDF),
        (b"\n\n%PDF-1.4", Format.PDF),
        (b"\x89PNG\r\n\x1a\n", Format.IMAGE),
        (b"\xff\xd8\xff\xe0", Format.IMAGE),
        (b"CL1:ABC", Format.CODE),
        (b"CL9:ABC", Format.CODE),
        (b"1.2.156.3005.2.A.B.C.001.X", Format.IDENTIFIER),
        (b" 1.2.156.3005.2.a.b.c.001.x\n", Format.IDENTIFIER),
        (b"1.2.156.9999.2.A", None),
        (b"1.2.156.3005.2." + b"A" * 20_000, None),
        (b"\xff\xfe\x00", None),
        (b"", None),
    ],
)
def test_format_is_found(document, found):
    assert detect(document) is found


@given(st.binary(max_size=4096))
def test_any_bytes_are_of_a_format_or_none(document):
    assert detect(document) in (*Format, None)
