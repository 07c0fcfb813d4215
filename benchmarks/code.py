"""The licence code, decoded and verified without a connection, beside SM2 alone."""

from benchmarks import material
from benchmarks.arithmetic import calls_of
from benchmarks.timing import console, measure, show
from sealkit.formats.code.credential import decode
from sealkit.sm import backend, signature
from verification.report import Verdict

TARGET = 0.6


def run() -> None:
    """Print the table and the ratio that has a target."""
    text = material.code()
    scanned = material.must_be(Verdict.VALID, text.encode())
    key = material.keys.certificate("code_signer").sm2_key
    credential = decode(text)
    handle = backend.load_public(key.point)
    digest, der = key.digest(credential.signed), signature.to_der(credential.signature)
    raw = measure("raw SM2 verify", lambda: handle.verify(digest, der))
    signed = measure("decode and verify signature", lambda: decode(text).verify(key))
    full = measure("verify(): every rule, status list", lambda: material.judged(scanned))
    decoding = measure("decode only", lambda: decode(text))
    show(f"Licence code of {len(text)} characters", [raw, signed, full, decoding], against=raw)
    for rate in (signed, full):
        calls = calls_of(lambda: material.judged(scanned))
        ratio = rate.per_second / raw.per_second
        console.print(f"{rate.name}: {ratio:.2f} of the raw rate (target at least {TARGET})")
    console.print(f"SM2 verifications in one verify() with warm trust material: {calls.verifies}")
