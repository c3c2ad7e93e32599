"""Logs as events with keys: for people on a terminal, or one JSON object per line."""

import logging
import sys

import structlog
from stamina.instrumentation import set_on_retry_hooks


def configure_logging(level: str, log_format: str) -> None:
    """Sends every event of `level` and above to standard error."""
    # A retry that heals is no news: what stays broken is told when it is given up.
    set_on_retry_hooks([])
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
