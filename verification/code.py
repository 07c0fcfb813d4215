"""The rules for a licence code (``CL1:``), as text or in a photo.

The code carries what a paper licence needs offline; its status slot says whether the
edition is still in force. Key ids can collide, so every key of that id is tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError
from sealkit.formats.code.container import unwrap
from sealkit.formats.code.credential import CodeClaims, CodeCredential, decode
from sealkit.sm import sm3
from verification.checks.authority import Claim, check_authority
from verification.checks.chain import SigningTime, check_certificate, footing_of, lists_of
from verification.checks.content import Named, check_code_register, check_identifier
from verification.checks.log import check_log
from verification.checks.notes import RULES, Notes
from verification.checks.sources import Sources
from verification.checks.status import status_of
from verification.checks.validity import check_dates, check_issued
from verification.photos import codes_in
from verification.report import Finding, LicenceSummary, Severity
from verification.trust import RegionTrust, TrustStore


@dataclass(frozen=True, slots=True)
class _CodeSigner:
    region: RegionTrust
    certificate: bytes


def examine_image(picture: bytes, sources: Sources, notes: Notes) -> None:
    """Find the one licence code in a photo and run the rules for it."""
    try:
        codes = codes_in(picture)
    except UnsupportedError:
        notes.add([Finding("image.too_large", Severity.ERROR)])
    except MalformedError:
        notes.add([Finding("image.unreadable", Severity.ERROR)])
    else:
        if len(codes) == 1:
            examine_code(codes[0].encode(), sources, notes)
            return
        code = "image.several_codes" if codes else "image.code_absent"
        notes.add([Finding(code, Severity.UNKNOWN, {"codes": str(len(codes))})])
    notes.skip_after("structure")


def examine_code(document: bytes, sources: Sources, notes: Notes) -> None:
    """Run every rule for a code and note what they find."""
    credential = _decoded(document, notes)
    if credential is None:
        notes.skip_after("structure")
        return
    signer = _signer_of(credential, sources.trust, notes)
    if signer is None:
        notes.skip(*RULES[RULES.index("chain") :], reason="earlier_failure")
        return
    claims = credential.claims
    notes.licence = _summary(claims)
    _examine_signer(claims, signer, sources, notes)
    notes.skip("timestamp", reason="no_timestamp")
    notes.add(check_issued(claims.issued_at, at=sources.at))
    notes.add(check_dates(claims.valid_from, claims.valid_until, at=sources.at))
    notes.add_status(status_of(claims.status, signer.region, sources))
    # The log commits to the credential's own bytes, however the code packs them.
    digest = sm3.digest(unwrap(_text(document))) if sources.log else None
    notes.add(check_log(claims.identifier, digest, signer.region, sources))
    notes.add(check_identifier(_named(claims)))
    notes.add(check_code_register(claims, sources.register))


def _text(document: bytes) -> str:
    # Only the line break that an editor or scanner adds goes; a space may be data.
    return document.decode().rstrip("\r\n")


def _decoded(document: bytes, notes: Notes) -> CodeCredential | None:
    try:
        return decode(_text(document))
    except UnsupportedError as error:
        evidence = {"reason": str(error)}
        notes.add([Finding("code.version_unknown", Severity.UNKNOWN, evidence)])
    except (MalformedError, UnicodeDecodeError) as error:
        notes.add([Finding("code.malformed", Severity.ERROR, {"reason": str(error)})])
    return None


def _signer_of(credential: CodeCredential, trust: TrustStore, notes: Notes) -> _CodeSigner | None:
    candidates = _code_signers(trust).get(credential.kid, ())
    evidence = {"kid": credential.kid.hex()}
    if not candidates:
        notes.add([Finding("code.signer_unknown", Severity.UNKNOWN, evidence)])
        return None
    for candidate in candidates:
        try:
            credential.verify(trust.certificate(candidate.certificate).sm2_key)
        except InvalidSignatureError:
            continue
        return candidate
    notes.add([Finding("code.signature_invalid", Severity.ERROR, evidence)])
    return None


def _examine_signer(
    claims: CodeClaims, signer: _CodeSigner, sources: Sources, notes: Notes
) -> None:
    signing = SigningTime(min(claims.issued_at, sources.at), proven=False)
    certificate = signer.certificate
    footing = footing_of(sources.trust, certificate, at=signing.at, purpose="sign")
    notes.signed_at = signing.at
    if signer.region.as_of is not None:
        notes.freshness["trust"] = signer.region.as_of
    made = [entry.this_update for entry in lists_of(sources.trust, footing)]
    if made:
        notes.freshness["crl"] = min(made)
    notes.add(check_certificate("code", certificate, signing, footing, sources))
    notes.add(
        check_authority(
            Claim(claims.region, claims.issuer_code, claims.kind_code),
            signer.region,
            signer=certificate,
            for_all_issuers=signer.region.code_signers,
            at=signing.at,
        )
    )


def _code_signers(trust: TrustStore) -> dict[bytes, Sequence[_CodeSigner]]:
    found: dict[bytes, Sequence[_CodeSigner]] | None = trust.proven.get("code signers")
    if found is None:
        found = {}
        for region in trust.regions:
            for der in region.code_signers:
                kid = trust.certificate(der).sm2_key.kid
                found[kid] = (*found.get(kid, ()), _CodeSigner(region, der))
        trust.keep("code signers", found)
    return found


def _named(claims: CodeClaims) -> Named:
    return Named(claims.identifier, claims.kind_code, claims.issuer_code, claims.edition)


def _summary(claims: CodeClaims) -> LicenceSummary:
    return LicenceSummary(
        identifier=claims.identifier,
        kind="",
        kind_name=claims.kind_name,
        number=claims.number,
        edition=claims.edition,
        region=claims.region,
        issuer_code=claims.issuer_code,
        issuer_name=claims.issuer_name,
        issued_on=claims.issued_on,
        valid_from=claims.valid_from,
        valid_until=claims.valid_until,
        holders=claims.holder_names,
    )
