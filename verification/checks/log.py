"""Is the licence in its region's transparency log.

A `LogSource` answers with a C2SP tlog-proof whose `extra` is a CBOR array of three byte
strings: the leaf, the salt of its commitment, and the code (``CL1:…``) that it commits to.
The code names the record by its digest; so leaf, code and record hang together.
"""

from dataclasses import dataclass

from sealkit import checkpoint, log_leaf, merkle
from sealkit.checkpoint import LogProof
from sealkit.errors import InvalidSignatureError, MalformedError, SealkitError
from sealkit.formats import cose
from sealkit.formats.code.credential import decode
from sealkit.log_leaf import LogLeaf
from verification.checks.sources import Outcomes, Sources
from verification.errors import SourceUnavailableError
from verification.report import Finding, Severity, Unchecked
from verification.trust import LogIdentity, RegionTrust


@dataclass(frozen=True, slots=True)
class _Opened:
    """A proof with what its leaf commits to."""

    proof: LogProof
    encoded_leaf: bytes
    leaf: LogLeaf
    salt: bytes
    code: bytes


def check_log(
    identifier: str, record_digest: bytes, region: RegionTrust | None, sources: Sources
) -> Outcomes:
    """The log of the region that signed the licence holds this very edition.

    `record_digest` is what a code names a record by, `sealkit.formats.code`.
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
    except SourceUnavailableError:
        yield Unchecked("log", "source_unavailable")
        return
    if bundle is None:
        yield Finding("log.proof_absent", Severity.UNKNOWN, evidence)
        return
    try:
        opened = _open(bundle)
    except SealkitError as error:
        evidence["reason"] = str(error)
        yield Finding("log.proof_malformed", Severity.ERROR, evidence)
        return
    yield from _check_tree(opened, region.log, sources, evidence)
    if not _is_about(opened, record_digest):
        yield Finding("log.other_licence", Severity.ERROR, evidence)


def _open(bundle: bytes) -> _Opened:
    proof = checkpoint.parse_proof(bundle)
    members = cose.load(proof.extra)
    if not isinstance(members, list) or len(members) != 3:
        raise MalformedError("log proof does not open its leaf")
    if not all(isinstance(member, bytes) for member in members):
        raise MalformedError("log proof does not open its leaf")
    encoded, salt, code = members
    return _Opened(proof, encoded, log_leaf.parse_leaf(encoded), salt, code)


def _check_tree(
    opened: _Opened, log: LogIdentity, sources: Sources, evidence: dict[str, str]
) -> Outcomes:
    proof = opened.proof
    try:
        key = sources.trust.certificate(log.certificate).sm2_key
        if proof.checkpoint.origin != log.origin:
            raise InvalidSignatureError("checkpoint of another log")
        proof.checkpoint.verify(log.origin, key)
    except SealkitError:
        yield Finding("log.checkpoint_invalid", Severity.ERROR, evidence)
    try:
        merkle.verify_inclusion(
            merkle.leaf_hash(opened.encoded_leaf),
            proof.index,
            proof.checkpoint.size,
            proof.path,
            proof.checkpoint.root,
        )
    except SealkitError:
        yield Finding("log.inclusion_invalid", Severity.ERROR, evidence)


def _is_about(opened: _Opened, record_digest: bytes) -> bool:
    if log_leaf.commitment(opened.salt, opened.code) != opened.leaf.commitment:
        return False
    try:
        return decode(opened.code.decode("ascii")).claims.record_digest == record_digest
    except (SealkitError, UnicodeDecodeError):
        return False
