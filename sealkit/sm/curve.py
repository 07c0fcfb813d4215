"""The SM2 curve in numbers (GB/T 32918.5), and the two checks a key must pass.

Only public values pass through Python integers here; they are not constant in time.
"""

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0

COORDINATE_BYTES = 32
POINT_BYTES = 65  # 04‖x‖y, uncompressed


def is_point(point: bytes) -> bool:
    """Tell whether `point` is 04‖x‖y of a finite point on the curve."""
    if len(point) != POINT_BYTES or point[0] != 4:
        return False
    x = int.from_bytes(point[1:33])
    y = int.from_bytes(point[33:])
    return x < P and y < P and (y * y - (x * x * x + A * x + B)) % P == 0


def is_private_scalar(d: int) -> bool:
    """Tell whether `d` may be a private key: 1 ≤ d ≤ n−2, since 1+d must have an inverse."""
    return 1 <= d <= N - 2


CURVE_DIGEST_INPUT = b"".join(value.to_bytes(COORDINATE_BYTES) for value in (A, B, GX, GY))
"""a‖b‖Gx‖Gy, the part of the Z input that every key shares."""
