"""Erasing the files that departments sent for batches, when their time is over.

A file holds every line as it was sent, the refused ones too: names and numbers of people for whom
no licence was made. Once its batch is decided it serves to mend refused lines, and then nothing.
What became of each line, with fields and reasons and without values, and the counts stay.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from issuance.batches import repository
from issuance.batches.receiving import part_key
from issuance.ports import IssuanceServices

SYSTEM: Final = "system:batch-files"
_AT_ONCE: Final = 20
"""Batches in one transaction; the rest waits for the next turn."""


def erase_files(
    session: Session, services: IssuanceServices, *, kept: timedelta, at: datetime
) -> int:
    """Erase the files of batches that nothing has happened to for `kept`; return how many.

    A batch that is being read or minted keeps its file. The parts are removed first: where the
    transaction fails, the next turn removes what is left and records it.
    """
    due = repository.batches_to_erase(session, before=at - kept, limit=_AT_ONCE)
    for batch in due:
        for part in range(batch.parts):
            services.files.remove(part_key(batch.id, part + 1))
        repository.change_batch(session, batch, file_erased_at=at)
        services.audit.record(
            session,
            actor=SYSTEM,
            act="batch.file_erased",
            subject=batch.id,
            at=at,
            detail={"issuer": batch.issuer_code, "kept_days": str(kept.days)},
        )
    return len(due)
