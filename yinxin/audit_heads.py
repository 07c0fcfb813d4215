"""Heads of the audit chain, signed every hour: what was recorded cannot be recorded otherwise.

The chain alone shows a row that was touched, but whoever can write the whole table can
compute it anew, or cut off its end. A signed head says how the chain ended at one hour; its
key lies in a keystore, and copies of heads may lie anywhere.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Column, Integer, LargeBinary, String, Table, insert, select
from sqlalchemy.orm import Session

from sealkit.errors import InvalidSignatureError
from sealkit.signer import Signer
from sealkit.sm.sm2 import SM2PublicKey
from yinxin.audit import AuditFault, audit_records, find_fault, metadata

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("signed_at", String(32), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
)
"""`sequence` and `digest` are those of the newest row at that moment."""

_DOMAIN: Final = b"yinxin audit head 1\n"


def sign_head(session: Session, signer: Signer, *, at: datetime) -> bool:
    """Sign how the chain ends now; False when nothing was recorded since the last head."""
    newest = session.execute(
        select(audit_records.c.sequence, audit_records.c.digest)
        .order_by(audit_records.c.sequence.desc())
        .limit(1)
    ).first()
    if newest is None or _newest_head(session) == newest.sequence:
        return False
    signature = signer.sign(_signed(newest.sequence, at.isoformat(), newest.digest))
    session.execute(
        insert(audit_heads).values(
            sequence=newest.sequence,
            signed_at=at.isoformat(),
            digest=newest.digest,
            signature=signature,
        )
    )
    return True


def find_audit_fault(session: Session, key: SM2PublicKey) -> AuditFault | None:
    """Return the first fault of the chain or of its heads, or None when both hold.

    ``"changed"``, ``"missing"``, ``"unlinked"`` as `find_fault`; and ``"rewritten"``: a row
    is not the one that was signed; ``"cut_off"``: rows that a head knows are gone from the
    end; ``"head_forged"``: a head that its key did not sign.
    """
    fault = find_fault(session)
    if fault is not None:
        return fault
    for head in session.execute(select(audit_heads).order_by(audit_heads.c.sequence)):
        defect = _defect(session, head.sequence, head.signed_at, head.digest, head.signature, key)
        if defect is not None:
            return AuditFault(head.sequence, defect)
    return None


def _defect(
    session: Session,
    sequence: int,
    signed_at: str,
    digest: bytes,
    signature: bytes,
    key: SM2PublicKey,
) -> str | None:
    try:
        key.verify(signature, _signed(sequence, signed_at, digest))
    except InvalidSignatureError:
        return "head_forged"
    row = session.execute(
        select(audit_records.c.digest).where(audit_records.c.sequence == sequence)
    ).first()
    if row is None:
        return "cut_off"
    return None if row.digest == digest else "rewritten"


def _newest_head(session: Session) -> int | None:
    query = select(audit_heads.c.sequence).order_by(audit_heads.c.sequence.desc()).limit(1)
    return session.execute(query).scalar()


def _signed(sequence: int, signed_at: str, digest: bytes) -> bytes:
    return _DOMAIN + f"{sequence}\n{signed_at}\n{digest.hex()}\n".encode()
