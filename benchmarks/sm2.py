"""SM2 through our public functions, beside the raw backend, gmssl, gmssl-pyx and OpenSSL."""

import re
import shutil
import subprocess

import gmssl_pyx
from gmssl import sm2 as gmssl_sm2

from benchmarks.timing import Rate, console, measure, show
from sealkit.sm import backend, signature
from sealkit.sm.sm2 import SM2PrivateKey

MESSAGE = b"message digest"


def raw_rates() -> tuple[Rate, Rate]:
    """Return the rates of libcrypto alone, on a digest."""
    key = SM2PrivateKey.generate()
    handle = backend.load_private(key.scalar, key.public_key.point)
    e = key.public_key.digest(MESSAGE)
    der = handle.sign(e)
    return (
        measure("raw backend sign", lambda: handle.sign(e)),
        measure("raw backend verify", lambda: handle.verify(e, der)),
    )


def openssl_rates() -> tuple[Rate, Rate] | None:
    """Return what `openssl speed` says of SM2 on this machine."""
    if not shutil.which("openssl"):
        return None
    printed = subprocess.run(
        ["openssl", "speed", "-seconds", "2", "sm2"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"CurveSM2\).*?([\d.]+)\s+([\d.]+)\s*$", printed, re.MULTILINE)
    if not found:
        return None
    return (
        Rate("openssl speed sign", float(found[1])),
        Rate("openssl speed verify", float(found[2])),
    )


def run() -> None:
    """Print both tables."""
    key = SM2PrivateKey.generate()
    public = key.public_key
    raw = key.sign(MESSAGE)
    der, e, point = signature.to_der(raw), public.digest(MESSAGE), public.point[1:]
    pure = gmssl_sm2.CryptSM2(key.scalar.hex(), point.hex())
    pure_signature = pure.sign_with_sm3(MESSAGE)
    raw_sign, raw_verify = raw_rates()
    signs = [
        raw_sign,
        measure("sealkit sign", lambda: key.sign(MESSAGE)),
        measure("gmssl-pyx sign", lambda: gmssl_pyx.sm2_sign_sm3_digest(key.scalar, e)),
        measure("gmssl (pure Python) sign", lambda: pure.sign_with_sm3(MESSAGE)),
    ]
    verifies = [
        raw_verify,
        measure("sealkit verify", lambda: public.verify(raw, MESSAGE)),
        measure("gmssl-pyx verify", lambda: gmssl_pyx.sm2_verify_sm3_digest(point, e, der)),
        measure(
            "gmssl (pure Python) verify", lambda: pure.verify_with_sm3(pure_signature, MESSAGE)
        ),
    ]
    command = openssl_rates()
    if command:
        signs.append(command[0])
        verifies.append(command[1])
    show("SM2 sign", signs, against=raw_sign)
    show("SM2 verify", verifies, against=raw_verify)
    for ours, theirs in ((signs[1], raw_sign), (verifies[1], raw_verify)):
        slower = theirs.per_second / ours.per_second
        console.print(f"{ours.name}: {slower:.2f} times the time of the raw call (limit 1.3)")
