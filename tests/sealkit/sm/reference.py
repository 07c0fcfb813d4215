"""SM2 verification in plain integers, written from GB/T 32918.2 alone: slow and plain.

It shares no code with `sealkit.sm` but the hash function.
"""

import hashlib

P = int("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF", 16)
A = P - 3
B = int("28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93", 16)
N = int("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123", 16)
G = (
    int("32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7", 16),
    int("BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0", 16),
)

Point = tuple[int, int] | None


def add(first: Point, second: Point) -> Point:
    if first is None or second is None:
        return first or second
    (x1, y1), (x2, y2) = first, second
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    if first == second:
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) % P
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P) % P
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def multiply(scalar: int, point: Point) -> Point:
    total: Point = None
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def z(public_key: bytes, signer_id: bytes) -> bytes:
    numbers = b"".join(number.to_bytes(32, "big") for number in (A, B, *G))
    length = (8 * len(signer_id)).to_bytes(2, "big")
    return hashlib.new("sm3", length + signer_id + numbers + public_key[1:]).digest()


def read_der(signature: bytes) -> tuple[int, int] | None:
    """Read {r, s} and accept only what encoding it again gives back to the byte."""
    if len(signature) < 4 or signature[0] != 0x30:
        return None
    numbers, rest = [], signature[2:]
    while len(rest) >= 2 and rest[0] == 2 and len(numbers) < 2:
        length = rest[1]
        numbers.append(int.from_bytes(rest[2 : 2 + length], "big", signed=True))
        rest = rest[2 + length :]
    if len(numbers) != 2 or min(numbers) < 0 or max(numbers) >> 256:
        return None
    body = b""
    for number in numbers:
        octets = number.to_bytes(number.bit_length() // 8 + 1, "big")
        body += bytes((2, len(octets))) + octets
    return (numbers[0], numbers[1]) if signature == bytes((0x30, len(body))) + body else None


def verifies(public_key: bytes, e: bytes, signature: bytes) -> bool:
    numbers = read_der(signature)
    if numbers is None or len(public_key) != 65 or public_key[0] != 4:
        return False
    point = (int.from_bytes(public_key[1:33], "big"), int.from_bytes(public_key[33:], "big"))
    x, y = point
    if x >= P or y >= P or (y * y - x**3 - A * x - B) % P:
        return False
    r, s = numbers
    t = (r + s) % N
    if not (0 < r < N and 0 < s < N) or t == 0:
        return False
    found = add(multiply(s, G), multiply(t, point))
    return found is not None and (int.from_bytes(e, "big") + found[0]) % N == r
