"""The rules for a licence code (``CL1:``), as text or in a photo.

The code carries what a paper licence needs offline; its status slot says whether the
edition is still in force.
"""

from sealkit.errors import MalformedError, UnsupportedError
from sealkit.formats.code.credential import CodeClaims, CodeCredential, decode
from verification.checks.authority import Claim, check_authority
from verification.checks.chain import SigningTime, check_certificate, footing_of
from verification.checks.code_signers import CodeSigner, signer_of
from verification.checks.companions import credential_digest
from verification.checks.content import Named, check_code_register, check_identifier
from verification.checks.log import check_log
from verification.checks.notes import RULES, Notes
from verification.checks.sources import Sources
from verification.checks.status_on_day import state_of
from verification.checks.validity import check_dates, check_issued
from verification.photos import codes_in
from verification.report import Finding, LicenceSummary, Severity


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
    signer = signer_of(credential, sources.trust)
    if isinstance(signer, Finding):
        notes.add([signer])
        notes.skip(*RULES[RULES.index("chain") :], reason="earlier_failure")
        return
    claims = credential.claims
    notes.licence = _summary(claims)
    _examine_signer(claims, signer, sources, notes)
    notes.skip("timestamp", reason="no_timestamp")
    notes.add(check_issued(claims.issued_at, at=sources.asked_at))
    notes.add(check_dates(claims.valid_from, claims.valid_until, at=sources.asked_at))
    notes.add_status(state_of(claims.status, signer.region, sources))
    digest = credential_digest(_text(document)) if sources.log else None
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


def _examine_signer(claims: CodeClaims, signer: CodeSigner, sources: Sources, notes: Notes) -> None:
    signing = SigningTime(min(claims.issued_at, sources.at), proven=False)
    certificate = signer.certificate
    footing = footing_of(sources.trust, certificate, at=signing.at, purpose="sign")
    notes.signed_at = signing.at
    notes.chains.append(("code", footing.outcome.chain or (certificate,)))
    if signer.region.as_of is not None:
        notes.freshness["trust"] = signer.region.as_of
    if footing.lists_made_at is not None:
        notes.freshness["crl"] = footing.lists_made_at
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
