"""Certificates and keys of a ceremony: shown, agreed, issued, sealed for their holders."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from ca.authority import PreparedCertificate, issue, new_serial, prepare
from ca.ceremonies import keys
from ca.ceremonies.ceremony import SUB_CA_CERTIFICATE, SUB_CA_KEYSTORE, Ceremony, grouped
from ca.ceremonies.plan import NAME_PARTS
from ca.errors import CeremonyMaterialError
from ca.keystores.sealed_file import parse_sealed
from ca.profiles import PROFILES, Profile
from sealkit.asn1.certification_request import parse_request
from sealkit.asn1.x509 import Certificate, to_pem
from sealkit.signer import Signer
from sealkit.sm import sm3
from sealkit.sm.sm2 import SM2PrivateKey

_YEAR: Final = timedelta(days=365, hours=6)


def make_sub_ca(
    ceremony: Ceremony,
    root: Certificate,
    signer: Signer,
    request: tuple[dict[str, str], bytes] | None,
) -> None:
    """Certify an issuing authority: the one of `request`, else a key that is made now."""
    profile = PROFILES["sub_ca"]
    if request is not None:
        subject, spki = request
        issued(
            ceremony,
            prepared_for(ceremony, profile, spki, subject, root),
            signer,
            SUB_CA_CERTIFICATE,
        )
        return
    key = SM2PrivateKey.generate()
    spki = key.public_key.spki
    ceremony.note("key_made", key="sub_ca", fingerprint=grouped(sm3.digest(spki)))
    prepared = prepared_for(ceremony, profile, spki, ceremony.plan.subject, root)
    certificate = issued(ceremony, prepared, signer, SUB_CA_CERTIFICATE)
    content = sealed(ceremony, "sub_ca", key, certificate)
    with keys.opened(ceremony.room, content, "sub_ca"):
        ceremony.note("key_opened", key="sub_ca")
    ceremony.add(SUB_CA_KEYSTORE, content)


def read_request(ceremony: Ceremony) -> tuple[dict[str, str], bytes]:
    """Return name and SubjectPublicKeyInfo of the request brought along.

    Raises:
        MalformedError, InvalidSignatureError: if it is none, or its maker has not the key.
        UnsupportedError: if it is not for an SM2 key.
        CeremonyMaterialError: if it names what no certificate of ours would.
    """
    request = parse_request(ceremony.materials.request or b"")
    request.verify_possession()
    subject = dict(request.subject)
    if len(subject) != len(request.subject) or not {"CN"} <= set(subject) <= set(NAME_PARTS):
        raise CeremonyMaterialError("the request's name has no CN, or parts that we do not write")
    ceremony.agree(
        "request_read",
        ceremony.plan.people,
        subject=", ".join(f"{part}={text}" for part, text in request.subject),
        fingerprint=grouped(sm3.digest(request.spki)),
    )
    return subject, request.spki


def prepared_for(
    ceremony: Ceremony,
    profile: Profile,
    spki: bytes,
    subject: Mapping[str, str],
    issuer: Certificate | None,
) -> PreparedCertificate:
    """Return a certificate to be agreed on, linted; `issuer` is None for the root itself.

    Raises:
        LintError: naming every rule it would break.
    """
    start = ceremony.room.now().replace(microsecond=0)
    end = start + ceremony.plan.years * _YEAR
    return prepare(
        profile,
        subject=ceremony.subject(subject),
        spki=spki,
        issuer=issuer,
        not_before=start,
        not_after=min(end, issuer.not_after) if issuer else end,
        serial=new_serial(),
        crl_address=ceremony.plan.list_address if issuer else None,
    )


def issued(
    ceremony: Ceremony, prepared: PreparedCertificate, signer: Signer, name: str
) -> Certificate:
    """Have every word of a certificate compared, then sign it and leave it as `name`."""
    unsigned = prepared.unsigned
    ceremony.agree(
        "certificate",
        ceremony.plan.people,
        subject=unsigned.subject,
        profile=prepared.profile.purpose,
        serial=f"{unsigned.serial:x}",
        valid_from=unsigned.not_before.isoformat(),
        valid_until=unsigned.not_after.isoformat(),
        key=grouped(sm3.digest(unsigned.spki)),
    )
    certificate = issue(prepared, signer)
    ceremony.add(name, to_pem(certificate.der, "CERTIFICATE"))
    ceremony.note("certificate_made", file=name, fingerprint=grouped(certificate.fingerprint))
    return certificate


def sealed(ceremony: Ceremony, name: str, key: SM2PrivateKey, certificate: Certificate) -> bytes:
    """Seal a fresh key for the holders of the plan; return its keystore."""
    plan = ceremony.plan
    threshold = plan.threshold or len(plan.holders)
    ceremony.agree(
        "sealing", plan.people, key=name, holders=", ".join(plan.holders), threshold=str(threshold)
    )
    keystore = keys.sealed_for(
        ceremony.room, name, key, certificate, holders=plan.holders, threshold=threshold
    )
    known = parse_sealed(keystore).header.shares
    prints = dict(zip(plan.holders, known.fingerprints if known else (), strict=True))
    ceremony.note(
        "sealed",
        key=name,
        **{f"share_{i}": f"{holder} {mark}" for i, (holder, mark) in enumerate(prints.items(), 1)},
    )
    return keystore
