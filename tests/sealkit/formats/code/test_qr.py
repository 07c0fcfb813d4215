import io
import string

import pytest
import qrcode
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sealkit.errors import UnsupportedError
from sealkit.formats.code import base45
from sealkit.formats.code.credential import CodeClaims, decode, encode
from sealkit.formats.code.qr import qr_matrix, qr_png, qr_side, qr_version
from tests.sealkit.formats.code.licences import AT, MARRIAGE

# Its reader of line codes sees one in almost any pattern.
QR = zxingcpp.BarcodeFormat.QRCode

FULL_13 = "CL1:" + "K7Q" * 159 + "K7"


def scanned(png):
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)), formats=QR)
    return found


def test_another_reader_reads_what_we_print(signer, public_key):
    text = encode(CodeClaims.from_record(MARRIAGE, at=AT), signer)
    found = scanned(qr_png(text))
    assert found.text == text
    assert found.ec_level == "M"
    decode(found.text).verify(public_key)


def test_alphanumeric_mode_is_used():
    """483 characters fill version 13 at level M in alphanumeric mode; in bytes it holds 331."""
    assert len(FULL_13) == 483
    assert qr_version(qr_matrix(FULL_13)) == 13
    assert qr_version(qr_matrix(FULL_13.ljust(484, "0"))) == 14


def test_the_matrix_has_no_quiet_zone():
    matrix = qr_matrix("CL1:0")
    assert len(matrix) == 21 and all(len(row) == 21 for row in matrix)
    assert all(matrix[0][:7]) and not any(matrix[1][1:6])  # the finder pattern begins at once


def test_the_picture_has_one():
    image = Image.open(io.BytesIO(qr_png("CL1:0", module_pixels=3)))
    assert image.size == ((21 + 8) * 3,) * 2
    assert all(image.getpixel((x, 11)) for x in range(image.width))
    assert not image.getpixel((12, 12))


@pytest.mark.parametrize("text", ["0" * 971, "0" * 5000, "cl1:", "证照"])
def test_what_cannot_be_printed_is_refused(text):
    with pytest.raises(UnsupportedError):
        qr_matrix(text)


@pytest.mark.parametrize("pixels", [0, 33])
def test_the_picture_is_bounded(pixels):
    with pytest.raises(ValueError, match="module"):
        qr_png("0", module_pixels=pixels)


@settings(max_examples=20)
@given(st.text(base45.ALPHABET.decode(), min_size=5, max_size=120))
def test_any_text_comes_back_with_its_spaces(text):
    assert scanned(qr_png(text, module_pixels=4)).text == text


@pytest.mark.parametrize("length", [1, 20, 300, 484, 900])
def test_the_side_is_known_without_drawing(length):
    text = ("CL1:" + "A7$" * 300)[:length]
    assert qr_side(text) == len(qr_matrix(text))


@settings(max_examples=30, deadline=None)
@given(st.text(base45.ALPHABET.decode().lstrip(string.digits), min_size=1, max_size=300))
def test_another_library_draws_the_same_modules(text):
    """All but the choice of the mask is fixed, which the symbol names, as long as no run of
    digits is better off in a mode of its own.
    """
    matrix = qr_matrix(text)
    peer = qrcode.QRCode(
        version=qr_version(matrix),
        error_correction=qrcode.ERROR_CORRECT_M,
        border=0,
        mask_pattern=mask_of(matrix),
    )
    peer.add_data(qrcode.util.QRData(text.encode(), qrcode.util.MODE_ALPHA_NUM))
    peer.make(fit=False)
    assert [list(map(bool, row)) for row in peer.modules] == [list(row) for row in matrix]


def mask_of(matrix):
    """Return the mask that the format information beside the upper left corner names."""
    masked = [matrix[8][column] for column in (2, 3, 4)]
    return sum(
        (dark ^ bit) << place for dark, bit, place in zip(masked, (1, 0, 1), (2, 1, 0), strict=True)
    )


@pytest.mark.parametrize("text", ["0" * 970, "CL1:" + "0" * 479, "1A" * 200])
def test_runs_of_digits_do_not_change_the_side(text):
    assert qr_side(text) == len(qr_matrix(text))
    assert scanned(qr_png(text)).text == text
