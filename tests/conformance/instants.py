"""The instants that all cases share."""

from datetime import UTC, datetime

SIGNED = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
