"""What the service erases by itself: files whose time is over, and what two persons decided."""

from datetime import datetime, timedelta
from typing import Final

from issuance.batches.erasing import erase_files
from issuance.erasures.deciding import destroy_files
from issuance.ports import IssuanceServices
from yinxin.db import Database
from yinxin.settings import Settings

RETENTION_EVERY: Final = timedelta(hours=1)


def destroy_erased(database: Database, issuance: IssuanceServices, at: datetime) -> None:
    """Remove the files of erasures that were confirmed."""
    with database.writing() as session:
        destroy_files(session, issuance, at=at)


def erase_batch_files(
    database: Database, issuance: IssuanceServices, settings: Settings, at: datetime
) -> None:
    """Erase files of batches whose time is over."""
    kept = timedelta(days=settings.batch_files_kept_days)
    with database.writing() as session:
        erase_files(session, issuance, kept=kept, at=at)
