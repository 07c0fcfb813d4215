"""Taking certificates into the register that were issued elsewhere: path and profile first."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from ca import lint
from ca import register as certificate_register
from ca.errors import KeyMismatchError, LintError, UnknownProfileError
from ca.profiles import PROFILES
from sealkit.asn1.x509 import Certificate
from verification.paths import PathVerdict, validate_path
from yinxin.audit import AuditChain
from yinxin.context import open_database
from yinxin.keystores import open_keystore
from yinxin.settings import Settings
from yinxin.trust import AUTHORITIES

OPERATOR = "operator"


def register(
    settings: Settings, certificates: Sequence[Certificate], profile: str
) -> Iterator[tuple[Certificate, str]]:
    """Register each certificate, all or none; yield it with the authority that issued it.

    Raises:
        UnknownProfileError: if there is no such profile.
        KeyMismatchError: if no authority of this region issued it, or its path does not hold.
        LintError: naming every rule of the profile that it breaks.
        SerialInUseError: if the register has another certificate of that number.
    """
    if profile not in PROFILES:
        raise UnknownProfileError(profile)
    at = datetime.now(UTC)
    keystore = open_keystore(settings)
    database = open_database(settings)
    try:
        issuers = {name: keystore.certificate(name) for name in AUTHORITIES}
        named = [(one, _checked(one, profile, issuers, at)) for one in certificates]
        with database.writing() as session:
            for certificate, name in named:
                certificate_register.enrol(
                    session,
                    authority_name=name,
                    purpose=profile,
                    certificate=certificate,
                    at=at,
                )
                AuditChain().record(
                    session,
                    actor=OPERATOR,
                    act="certificate.register",
                    subject=f"{name}/{certificate.serial:x}",
                    at=at,
                    detail={"profile": profile, "sm3": certificate.fingerprint.hex()},
                )
        yield from named
    finally:
        keystore.close()
        database.close()


def _checked(
    certificate: Certificate, profile: str, issuers: dict[str, Certificate], at: datetime
) -> str:
    anchors = [issuer.der for issuer in issuers.values() if issuer.is_self_issued]
    outcome = validate_path(
        certificate.der,
        intermediates=[issuer.der for issuer in issuers.values()],
        anchors=anchors,
        crls=[],
        at=at,
        purpose="any",
        require_revocation=False,
    )
    issuer = next(
        (
            name
            for name, issuer in issuers.items()
            if issuer.subject_der == certificate.issuer_der and issuer.der != certificate.der
        ),
        None,
    )
    if outcome.verdict is not PathVerdict.OK or issuer is None:
        raise KeyMismatchError(f"{certificate.subject} was not issued by this region")
    codes = lint.lint(certificate.tbs, PROFILES[profile], issuers[issuer])
    if codes:
        raise LintError(codes)
    return issuer
