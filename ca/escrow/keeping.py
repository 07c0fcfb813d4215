"""Keeping encryption keys (密钥托管): sealed when they are made, enveloped for their holder.

A private key is in memory while its pair is planned and while a recovery delivers it, and
nowhere else in the clear.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from ca.enrolment.ports import KeyVault
from ca.errors import KeyMismatchError
from ca.escrow import repository
from ca.escrow.model import EscrowedKey
from sealkit.asn1.enveloped_key import envelop
from sealkit.sm.sm2 import SM2PrivateKey, SM2PublicKey


def keep(
    session: Session,
    vault: KeyVault,
    pair: SM2PrivateKey,
    *,
    authority: str,
    serial: int,
    signing_serial: int,
    holder: SM2PublicKey,
    at: datetime,
) -> None:
    """Store `pair` sealed, with an envelope for the `holder` of the signing key."""
    envelope = envelop(pair, holder).der
    named = EscrowedKey(authority, serial, signing_serial, b"", envelope)
    box = vault.seal(pair.scalar, named.context)
    kept = EscrowedKey(authority, serial, signing_serial, box, envelope)
    repository.add_key(session, kept, at)


def enveloped_for(
    vault: KeyVault, kept: EscrowedKey, certified: SM2PublicKey, recipient: SM2PublicKey
) -> bytes:
    """Open a kept key and return it in an envelope for `recipient`, DER.

    Raises:
        MalformedError: if the box was changed or moved.
        KeyMismatchError: if it does not hold the private key of `certified`.
    """
    pair = SM2PrivateKey(vault.unseal(kept.box, kept.context))
    if pair.public_key.point != certified.point:
        raise KeyMismatchError("the kept key is not the certified one")
    return envelop(pair, recipient).der
