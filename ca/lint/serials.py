"""Serial numbers (RFC 5280, 4.1.2.2)."""

from typing import Final

from ca.lint.case import Case, rule

MIN_SERIAL_BITS: Final = 64
MAX_SERIAL_BYTES: Final = 20


@rule("serial.not_positive")
def not_positive(case: Case) -> bool:
    """RFC 5280, 4.1.2.2: a serial number is a positive integer."""
    return case.certificate.serial <= 0


@rule("serial.too_short")
def too_short(case: Case) -> bool:
    """CABF BR 7.1: at least 64 random bits; one bit less has cost a recall."""
    return case.certificate.serial.bit_length() < MIN_SERIAL_BITS


@rule("serial.too_long")
def too_long(case: Case) -> bool:
    """RFC 5280, 4.1.2.2: at most 20 octets, the sign's bit among them."""
    return case.certificate.serial.bit_length() // 8 + 1 > MAX_SERIAL_BYTES


RULES: Final = (not_positive, too_short, too_long)
