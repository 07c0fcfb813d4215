"""The two encodings of an SM2 or ECDSA signature: r‖s and DER.

* r‖s: 64 bytes, big-endian, zero padded; COSE, JOSE and our `Signer` use it.
* DER: SEQUENCE { r INTEGER, s INTEGER }, minimal; certificates, CMS and seals use it.
"""

from sealkit.errors import InvalidSignatureError

RAW_BYTES = 64
_INTEGER = 0x02
_SEQUENCE = 0x30


def to_der(raw: bytes) -> bytes:
    """Return the minimal DER form of a 64-byte r‖s."""
    if len(raw) != RAW_BYTES:
        raise InvalidSignatureError("a raw signature has 64 bytes")
    body = _integer(raw[:32]) + _integer(raw[32:])
    return bytes((_SEQUENCE, len(body))) + body


def from_der(der: bytes) -> bytes:
    """Return r‖s of a strictly encoded DER signature.

    Raises:
        InvalidSignatureError: for anything a canonical encoder would not have written:
            a long length form, a padded, empty or negative INTEGER, a value over 32
            bytes, trailing bytes.
    """
    if len(der) < 8 or der[0] != _SEQUENCE or der[1] != len(der) - 2:
        raise InvalidSignatureError("signature is not one DER SEQUENCE")
    r, after_r = _read_integer(der, 2)
    s, end = _read_integer(der, after_r)
    if end != len(der):
        raise InvalidSignatureError("bytes after the signature")
    return r + s


def _integer(value: bytes) -> bytes:
    digits = value.lstrip(b"\0") or b"\0"
    if digits[0] & 0x80:
        digits = b"\0" + digits
    return bytes((_INTEGER, len(digits))) + digits


def _read_integer(der: bytes, start: int) -> tuple[bytes, int]:
    if start + 2 > len(der) or der[start] != _INTEGER:
        raise InvalidSignatureError("signature holds no INTEGER where one belongs")
    end = start + 2 + der[start + 1]
    digits = der[start + 2 : end]
    if end > len(der) or not digits or digits[0] & 0x80:
        raise InvalidSignatureError("signature INTEGER is cut, empty or negative")
    if digits[0] == 0 and (len(digits) == 1 or not digits[1] & 0x80):
        # 0 itself is out of range, so a leading zero octet is only right before a high bit.
        raise InvalidSignatureError("signature INTEGER is zero or not minimal")
    digits = digits.lstrip(b"\0")
    if len(digits) > 32:
        raise InvalidSignatureError("signature INTEGER is over 256 bits")
    return digits.rjust(32, b"\0"), end
