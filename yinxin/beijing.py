"""Instants as people here read them: Beijing time."""

from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "UTC+8")


def clock_text(at: datetime) -> str:
    """Return `at` as ``2026年11月23日 14:05:00（北京时间）``."""
    return at.astimezone(BEIJING).strftime("%Y年%m月%d日 %H:%M:%S（北京时间）")


def today(at: datetime) -> str:
    """Return the Beijing date of `at` as ``2026-11-23``."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d")
