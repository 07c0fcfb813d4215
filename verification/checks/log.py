"""Is the licence in its region's transparency log.

A `LogSource` answers with a C2SP tlog-proof that carries the opening of its leaf. The leaf
commits to the code of the edition by the digest of the credential in it; a file without
its code at hand can be shown to have a place in the log, but not that it is this place.
"""

from sealkit import log_leaf, tlog_proof
from sealkit.errors import InvalidSignatureError, SealkitError
from sealkit.log_leaf import LeafOpening
from sealkit.tlog_proof import TLogProof
from verification.checks.sources import Outcomes, Sources
from verification.errors import (
    LicenceElsewhereError,
    OpeningErasedError,
    SourceUnavailableError,
)
from verification.report import Finding, Severity, Unchecked
from verification.trust import LogIdentity, RegionTrust, TrustStore


def check_log(
    identifier: str, credential_digest: bytes | None, region: RegionTrust | None, sources: Sources
) -> Outcomes:
    """The log of the region that signed the licence holds this very edition.

    `credential_digest` is SM3 over the credential of the edition's code; None when the code
    is not at hand.
    """
    if sources.log is None:
        yield Unchecked("log", "no_source")
        return
    if region is None or region.log is None:
        yield Unchecked("log", "no_trust_material")
        return
    evidence = {"identifier": identifier, "log": region.log.origin}
    try:
        bundle = sources.log.proof(identifier)
    except OpeningErasedError:
        yield Finding("log.opening_erased", Severity.UNKNOWN, evidence)
        return
    except LicenceElsewhereError:
        yield Unchecked("log", "other_region")
        return
    except SourceUnavailableError:
        yield Finding("log.source_unavailable", Severity.UNKNOWN, evidence)
        return
    if bundle is None:
        yield Finding("log.proof_absent", Severity.UNKNOWN, evidence)
        return
    try:
        proof = tlog_proof.parse_tlog_proof(bundle)
        opening = log_leaf.parse_opening(proof.extra)
    except SealkitError as error:
        evidence["reason"] = str(error)
        yield Finding("log.proof_malformed", Severity.ERROR, evidence)
        return
    yield from _check_tree(proof, opening, region.log, sources.trust, evidence)
    yield from _check_opening(opening, credential_digest, evidence)


def _check_tree(
    proof: TLogProof,
    opening: LeafOpening,
    log: LogIdentity,
    trust: TrustStore,
    evidence: dict[str, str],
) -> Outcomes:
    try:
        if proof.checkpoint.checkpoint.origin != log.origin:
            raise InvalidSignatureError("checkpoint of another log")
        proof.checkpoint.verify(trust.certificate(log.certificate).sm2_key)
    except SealkitError:
        yield Finding("log.checkpoint_invalid", Severity.ERROR, evidence)
    try:
        proof.verify_inclusion(opening.entry)
    except SealkitError:
        yield Finding("log.inclusion_invalid", Severity.ERROR, evidence)


def _check_opening(
    opening: LeafOpening, credential_digest: bytes | None, evidence: dict[str, str]
) -> Outcomes:
    if credential_digest is None:
        yield Unchecked("log", "no_credential")
        return
    try:
        opening.verify(credential_digest)
    except SealkitError:
        yield Finding("log.other_licence", Severity.ERROR, evidence)
