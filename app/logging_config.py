"""Logs as events with keys, for people or one JSON object per line; and standard streams without secrets.

Messages of libraries have the same form, from `warning` up: at lower levels some of them log headers and
addresses, which may contain secrets.
"""

import io
import logging
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from textwrap import indent
from typing import Any, TextIO

import structlog
from dotenv import dotenv_values
from stamina.instrumentation import set_on_retry_hooks

from app.core.redaction import Redactor, secrets_of_url
from app.core.visible_text import visible, visible_lines


class _Forwarder(logging.Handler):
    """Hands records of the standard library on as events."""

    def emit(self, record: logging.LogRecord) -> None:
        """As an event `library`, with what the record says."""
        try:
            told = structlog.get_logger().bind(logger=record.name, said=record.getMessage().strip())
            told.log(min(record.levelno // 10 * 10, logging.CRITICAL), "library", exc_info=record.exc_info)
        except Exception:
            self.handleError(record)


class _Redacted:
    """A renderer whose lines hold no secret, whatever was logged: tracebacks and libraries' words too."""

    def __init__(self, renderer: structlog.typing.Processor, redact: Callable[[str], str]) -> None:
        self._renderer, self._redact = renderer, redact

    def __call__(self, logger: Any, name: str, event: structlog.typing.EventDict) -> str:
        """The line of this event."""
        return self._redact(str(self._renderer(logger, name, event)))


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
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True


def redactor(*more: str) -> Redactor:
    """Of the secrets in the environment and in `.env`, whether or not they are right, and of `more`."""
    return Redactor({*_known_secrets(), *more})


def _known_secrets() -> Iterable[str]:
    """As they were given: a complaint about a wrong one must not show it either."""
    for values in (os.environ, dotenv_values(".env") if Path(".env").is_file() else {}):
        given = {name.upper(): value for name, value in values.items() if value}
        yield from secrets_of_url(given.get("DATABASE_URL", ""))
        yield given.get("CLICKUP_API_TOKEN", "").strip()
        yield from (key.strip() for key in given.get("SECRET_KEY", "").split(","))
        yield from (key.rpartition(":")[2].strip() for key in given.get("API_KEYS", "").split(","))


class _RedactedStream(io.TextIOWrapper):
    """Text on its way to a file, without the secrets that stand in it."""

    def __init__(self, stream: TextIO, redact: Callable[[str], str]) -> None:
        super().__init__(
            stream.buffer, stream.encoding, stream.errors, line_buffering=True, write_through=True
        )
        self._redact = redact

    def write(self, text: str) -> int:
        """Counts what it was given, as the caller expects."""
        super().write(self._redact(text))
        return len(text)


def redact_standard_streams(*, output: bool = True) -> None:
    """From here on standard error, and `output`, show no secret, whoever writes: tracebacks too."""
    redact = redactor()
    sys.stderr = _redacted(sys.stderr, redact)
    if output:
        sys.stdout = _redacted(sys.stdout, redact)


def _redacted(stream: TextIO, redact: Callable[[str], str]) -> TextIO:
    # Where there is none (pythonw) or it is no file of bytes, it stays as it is.
    return _RedactedStream(stream, redact) if hasattr(stream, "buffer") else stream
