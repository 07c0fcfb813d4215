"""From an enrolment to what the register plans: dates, and a rehearsal without a key."""

from datetime import datetime
from typing import Final

from ca import authority
from ca.enrolment.model import Enrolment
from ca.enrolment.ports import EnrolmentServices
from ca.profiles import PROFILES
from ca.register import CertificateOrder
from sealkit.asn1.x509 import Certificate

_ROOT: Final = "root"
_SUB_CA: Final = "sub_ca"


def authority_for(purpose: str) -> str:
    """Return which authority issues: only the root makes further ones."""
    return _ROOT if PROFILES[purpose].is_ca else _SUB_CA


def order_of(enrolment: Enrolment, issuer: Certificate, *, at: datetime) -> CertificateOrder:
    """Return what is to be issued now: from `at`, as long as was asked or is allowed."""
    not_before = at.replace(microsecond=0)
    longest = min(not_before + PROFILES[enrolment.purpose].longest, issuer.not_after)
    return CertificateOrder(
        purpose=enrolment.purpose,
        subject=enrolment.subject,
        spki=enrolment.spki,
        not_before=not_before,
        not_after=enrolment.not_after or longest,
        particulars=enrolment.particulars,
    )


def rehearse(services: EnrolmentServices, enrolment: Enrolment, *, at: datetime) -> None:
    """Lint what would be issued now, so that who asks hears at once.

    Raises:
        LintError: naming every rule it would break.
    """
    name = enrolment.key.authority
    issuer = services.certificate(name)
    order = order_of(enrolment, issuer, at=at)
    serial = authority.new_serial()
    authority.prepare(
        PROFILES[order.purpose],
        subject=dict(order.subject),
        spki=order.spki,
        issuer=issuer,
        not_before=order.not_before,
        not_after=order.not_after,
        serial=serial,
        crl_address=services.crl_address(name, serial),
        ocsp_address=services.ocsp_address(name),
        particulars=order.particulars,
    )
