"""Logs as events with keys: for people on a terminal, or one JSON object per line.

Messages of libraries have the same form, from `warning` up: at lower levels some of them log headers and
addresses, which may contain secrets.
"""

import logging
import sys
from collections.abc import Iterable
from textwrap import indent
from typing import Any

import structlog
from stamina.instrumentation import set_on_retry_hooks

from app.adapters.redaction import redactor
from app.core.redaction import Redactor, has_token_form
from app.core.visible_text import visible, visible_lines


class _Forwarder(logging.Handler):
    """Hands records of the standard library on as events."""

    def emit(self, record: logging.LogRecord) -> None:
        """As an event `log`, with the message of the record."""
        try:
            told = structlog.get_logger().bind(logger=record.name, message=record.getMessage().strip())
            told.log(min(record.levelno // 10 * 10, logging.CRITICAL), "log", exc_info=record.exc_info)
        except Exception:
            self.handleError(record)


class _Redacted:
    """A renderer whose lines hold no secret, whatever was logged: tracebacks and libraries' words too."""

    def __init__(self, renderer: structlog.typing.Processor, redact: Redactor) -> None:
        self._renderer, self.redact = renderer, redact

    def __call__(self, logger: Any, name: str, event: structlog.typing.EventDict) -> str:
        """The line of this event."""
        return self.redact(str(self._renderer(logger, name, event)))


def configure_logging(level: str, log_format: str, secrets: Iterable[str] = ()) -> None:
    """Sends every event of `level` and above to standard error, without these secrets.

    The secrets that the environment and `.env` hold are taken out too.
    """
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
            *([] if log_format == "json" else [_show_all]),
            _Redacted(renderer, redactor(*secrets)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    _adopt_libraries()


def redact_from_now_on(secrets: Iterable[str]) -> None:
    """Has no line of the log show these secrets either, which were read from the database.

    What has the form of a token is hidden without, so that a long list does not make each line slow.
    """
    last = structlog.get_config()["processors"][-1]
    if isinstance(last, _Redacted):
        last.redact.add(secret for secret in secrets if not has_token_form(secret))


def _show_all(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Texts on one line each, with nothing in them that a terminal obeys; JSON escapes that by itself.

    A traceback has several lines, all of them indented: none can be taken for another event.
    """
    shown = {name: visible(value) if isinstance(value, str) else value for name, value in event.items()}
    for name in ("exception", "stack"):
        if name in event:
            shown[name] = indent(visible_lines(str(event[name])), "    ")
    return shown


def _adopt_libraries() -> None:
    """Whatever the server was told: each request has a line of ours, and uvicorn's would tell its query."""
    root = logging.getLogger()
    if not any(isinstance(handler, _Forwarder) for handler in root.handlers):
        root.addHandler(_Forwarder(logging.WARNING))
    logging.getLogger("uvicorn.access").disabled = True
    # A tick that is left out because the last one is still at work is nothing to warn of.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    # Of a job that fails there is a line of ours.
    logging.getLogger("procrastinate.worker").disabled = True
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
