"""The seal itself: made by its maker, unchanged, usable by this signer, at that time.

standards/ofd-and-seal, 2.9: the seal's own checks (a)-(d), and steps 5 and 6 of a signature.
"""

from collections.abc import Iterator

from sealkit.asn1.ses import V4, Seal, SealSignature
from sealkit.errors import InvalidSignatureError, SealkitError
from sealkit.formats.ofd.signatures import AppliedSeal
from verification.checks.chain import Footing, SigningTime, check_certificate
from verification.checks.sources import Outcomes, Sources
from verification.checks.validity import check_seal_period
from verification.report import Finding, Severity
from verification.trust import TrustStore


def check_seal(seal: Seal, trust: TrustStore) -> tuple[Finding, ...]:
    """The maker's signature holds over the seal as it stands.

    A seal is applied to many documents; the answer depends on nothing but its bytes and is
    remembered with the trust material.
    """
    key = ("seal", seal.der)
    found: tuple[Finding, ...] | None = trust.proven.get(key)
    return found if found is not None else trust.keep(key, tuple(_check_made(seal)))


def check_seal_file(applied: AppliedSeal, embedded: Seal) -> Outcomes:
    """The loose seal file, where one is named, is the seal inside the signature.

    Many deployed files name none (standards/ofd-and-seal, 5.2).
    """
    if applied.seal_path is None or applied.seal_file == embedded.der:
        return
    evidence = {"file": applied.seal_path}
    if applied.seal_file is None:
        yield Finding("seal.file_missing", Severity.ERROR, evidence)
    elif applied.seal_file.startswith(embedded.der):
        yield Finding("seal.trailing_bytes", Severity.ERROR, evidence)
    else:
        yield Finding("seal.file_swapped", Severity.ERROR, evidence)


def check_listed(signature: SealSignature) -> Outcomes:
    """The signer's certificate is in the seal's list.

    In V4 the certificate stands outside the signed bytes; only this ties it to the seal.
    """
    if not signature.seal.lists(signature.certificate_der):
        evidence = {"seal": signature.seal.info.seal_id}
        yield Finding("seal.signer_not_listed", Severity.ERROR, evidence)


def check_maker(seal: Seal, footing: Footing, signing: SigningTime, sources: Sources) -> Outcomes:
    """The maker's certificate is trusted, and its region says that it makes seals."""
    maker = seal.maker_certificate_der
    yield from check_certificate("maker", maker, signing, footing, sources)
    if footing.region is not None and footing.region.seal_makers:
        if maker not in footing.region.seal_makers:
            evidence = {"seal": seal.info.seal_id, "region": footing.region.region}
            yield Finding("seal.maker_not_listed", Severity.ERROR, evidence)


def check_used_in_time(seal: Seal, signing: SigningTime) -> Outcomes:
    """The seal was valid when it was used."""
    yield from check_seal_period(seal.info.valid_from, seal.info.valid_until, signing=signing)


def _check_made(seal: Seal) -> Iterator[Finding]:
    evidence = {"seal": seal.info.seal_id, "name": seal.info.name}
    try:
        seal.verify_maker()
    except InvalidSignatureError:
        yield Finding("seal.maker_signature_invalid", Severity.ERROR, evidence)
    except SealkitError as error:
        evidence["reason"] = str(error)
        yield Finding("seal.maker_signature_unreadable", Severity.ERROR, evidence)
    if seal.version < V4:
        yield Finding("seal.version_old", Severity.INFO, evidence)
    for deviation in seal.deviations:
        yield Finding("seal.deviation", Severity.WARNING, evidence | {"deviation": deviation})
