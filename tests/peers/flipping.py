"""One changed byte."""


def flipped(octets, at=None):
    """`octets` with one bit changed, in the middle unless `at` says where."""
    changed = bytearray(octets)
    changed[len(octets) // 2 if at is None else at] ^= 1
    return bytes(changed)
