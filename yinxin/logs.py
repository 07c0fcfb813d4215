"""Logs: events in English to standard error, one a line, nothing personal in them."""

import logging
import sys

import structlog


def configure_logs(*, quiet: bool = False) -> None:
    """Send events to standard error; `quiet` leaves only warnings and worse."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.WARNING if quiet else logging.INFO
        ),
        # Asked for at each event: whoever runs a command within a process may replace it.
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
