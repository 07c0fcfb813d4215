"""The 108 shared SM2 cases, and the implementations that judge them."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from sealkit.sm import sm2, sm3

CASES_FILE = Path(__file__).parents[2] / "vectors" / "sm2_signatures" / "cases.json"


@dataclass(frozen=True)
class Case:
    id: int
    name: str
    public_key: bytes
    signer_id: bytes
    message: bytes
    digest: bytes | None
    signature_der: bytes
    valid: bool
    reason: str

    @property
    def e(self) -> bytes:
        """E = SM3(Z‖M), or the digest that the case gives."""
        if self.digest is not None:
            return self.digest
        return sm3.digest(sm2.identity_digest(self.public_key, self.signer_id) + self.message)


def load_cases() -> list[Case]:
    document = json.loads(CASES_FILE.read_text())
    return [
        Case(
            id=entry["id"],
            name=entry["name"],
            public_key=bytes.fromhex(entry["public_key_hex"]),
            signer_id=bytes.fromhex(entry.get("signer_id_hex") or ""),
            message=bytes.fromhex(entry.get("message_hex") or "") * entry.get("message_repeat", 1),
            digest=bytes.fromhex(entry["digest_e_hex"]) if entry.get("digest_e_hex") else None,
            signature_der=bytes.fromhex(entry["signature_der_hex"]),
            valid=entry["expected"] == "valid",
            reason=entry["reason"],
        )
        for entry in document["cases"]
    ]


def pytest_generate_tests(metafunc):
    if "case" in metafunc.fixturenames:
        faults = getattr(metafunc.module, "KNOWN_FAULTS", {}).get(metafunc.function.__name__, {})
        metafunc.parametrize(
            "case",
            [
                pytest.param(
                    case,
                    id=f"{case.id}-{case.name}",
                    marks=[pytest.mark.xfail(reason=faults[case.id], strict=True)]
                    if case.id in faults
                    else [],
                )
                for case in load_cases()
            ],
        )
