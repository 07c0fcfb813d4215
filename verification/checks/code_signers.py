"""Whose key signed a code. Key ids can collide, so every listed key of that id is tried."""

from collections.abc import Mapping
from dataclasses import dataclass

from sealkit.errors import InvalidSignatureError
from sealkit.formats.code.credential import CodeCredential
from verification.report import Finding, Severity
from verification.trust import RegionTrust, TrustStore


@dataclass(frozen=True, slots=True)
class CodeSigner:
    """A listed code signer and the region that lists it."""

    region: RegionTrust
    certificate: bytes


def signer_of(credential: CodeCredential, trust: TrustStore) -> CodeSigner | Finding:
    """Return who signed the credential, or why nobody can be named."""
    candidates = _listed(trust).get(credential.kid, ())
    evidence = {"kid": credential.kid.hex()}
    if not candidates:
        return Finding("code.signer_unknown", Severity.UNKNOWN, evidence)
    for candidate in candidates:
        try:
            credential.verify(trust.certificate(candidate.certificate).sm2_key)
        except InvalidSignatureError:
            continue
        return candidate
    return Finding("code.signature_invalid", Severity.ERROR, evidence)


def _listed(trust: TrustStore) -> Mapping[bytes, tuple[CodeSigner, ...]]:
    found: dict[bytes, tuple[CodeSigner, ...]] | None = trust.proven.get("code signers")
    if found is None:
        found = {}
        for region in trust.regions:
            for der in region.code_signers:
                kid = trust.certificate(der).sm2_key.kid
                found[kid] = (*found.get(kid, ()), CodeSigner(region, der))
        trust.keep("code signers", found)
    return found
