"""The log of uses of keys, and its head in the audit chain, so that its end cannot be cut off.

A signer process keeps the log itself; for keys in this process it lies in the data directory.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.keystore import Keystore
from ca.keystores.offline import WithOfflineAuthorities
from ca.keystores.recorded import RecordedKeystore, SharedUseLog
from ca.keystores.remote.client import RemoteKeystore
from ca.keystores.use_log import Head, LogFault, find_fault
from yinxin.audit import AuditChain, audit_records

SIGNER_HEAD: Final = "signer.log_head"
OWN_HEAD: Final = "keys.log_head"


def directory_of(data_directory: Path) -> Path:
    """Return where the log lies of keys that are in the service itself."""
    return data_directory / "key_uses"


def recorded(keystore: Keystore, directory: Path, clock: Callable[[], datetime]) -> Keystore:
    """Return `keystore` with every use recorded; a signer process does so itself.

    Raises:
        UseLogError: if the log cannot be opened.
    """
    if isinstance(keystore, WithOfflineAuthorities):
        return WithOfflineAuthorities(recorded(keystore.online, directory, clock), keystore.offline)
    if isinstance(keystore, RemoteKeystore):
        return keystore
    return RecordedKeystore(keystore, SharedUseLog(directory), clock)


def record_head(session: Session, keystore: Keystore, *, at: datetime) -> None:
    """Keep how the log ends now where those who write the log cannot."""
    if isinstance(keystore, RemoteKeystore | RecordedKeystore):
        head = keystore.use_log_head()
        AuditChain().record(
            session,
            actor="system",
            act=SIGNER_HEAD if isinstance(keystore, RemoteKeystore) else OWN_HEAD,
            subject=str(head.sequence),
            at=at,
            detail={"digest": head.digest},
        )


def find_key_use_fault(session: Session, directory: Path) -> LogFault | None:
    """Return the first line of the service's own log that does not hold, or None.

    Raises:
        UseLogError: if it cannot be read.
    """
    newest = session.execute(
        select(audit_records.c.subject, audit_records.c.detail)
        .where(audit_records.c.act == OWN_HEAD)
        .order_by(audit_records.c.sequence.desc())
        .limit(1)
    ).first()
    if newest is None:
        return find_fault(directory) if directory.is_dir() else None
    if not directory.is_dir():
        return LogFault(1, "cut_off")
    return find_fault(directory, Head(int(newest.subject), json.loads(newest.detail)["digest"]))
