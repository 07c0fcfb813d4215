"""What the last approval plans: one certificate, or the two of a pair (双证书).

The pair's encryption key is made here, sealed and enveloped in the same transaction as the
plan, so that a process that dies before signing neither loses it nor makes another.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from ca import register
from ca.enrolment import repository
from ca.enrolment.model import Enrolment
from ca.enrolment.orders import order_of
from ca.enrolment.ports import EnrolmentServices
from ca.enrolment.proofs import require_predecessor_holds
from ca.enrolment.states import Step, after
from ca.errors import InvalidSubmissionError
from ca.escrow import keeping
from sealkit.sm.sm2 import SM2PrivateKey, SM2PublicKey

PAIR: Final = "dual_signing"
"""Profile whose holders get a second certificate, with an encryption key made for them."""
_ENCRYPTION: Final = "dual_encryption"


def plan(session: Session, services: EnrolmentServices, found: Enrolment, *, at: datetime) -> None:
    """Plan the certificates of an enrolment that all have approved.

    Raises:
        PredecessorError: if the earlier certificate has ended since.
        InvalidSubmissionError: if a pair is asked for where no keys are kept.
        LintError: if a certificate would break a rule now.
    """
    name = found.key.authority
    # Days may have passed since the request came: its predecessor may be revoked by now.
    require_predecessor_holds(session, found, at=at)
    issuer = services.certificate(name)
    orders = [order_of(found, issuer, at=at)]
    pair = SM2PrivateKey.generate() if found.purpose == PAIR else None
    if pair is not None:
        # Same holder, same validity; only key and usage are others.
        orders.append(replace(orders[0], purpose=_ENCRYPTION, spki=pair.public_key.spki))
    serials = register.plan_all(
        session,
        orders,
        authority_name=name,
        issuer=issuer,
        at=at,
        crl_address=lambda drawn: services.crl_address(name, drawn),
        ocsp_address=services.ocsp_address(name),
    )
    if pair is not None:
        require_escrow(services, found.purpose)
        assert services.escrow is not None  # just required
        keeping.keep(
            session,
            services.escrow,
            pair,
            authority=name,
            serial=serials[1],
            signing_serial=serials[0],
            holder=SM2PublicKey.from_spki(found.spki),
            at=at,
        )
    state = after(Step.APPROVE, found.state, str(found.key))
    repository.set_planned(session, found.key, state, serials[0])


def require_escrow(services: EnrolmentServices, purpose: str) -> None:
    """Refuse a pair where the authority keeps no keys.

    Raises:
        InvalidSubmissionError: if it keeps none.
    """
    if purpose == PAIR and services.escrow is None:
        raise InvalidSubmissionError("this authority keeps no encryption keys")
