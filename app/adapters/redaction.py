"""The secrets of this process, and the standard streams without them."""

import io
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

from dotenv import dotenv_values

from app.core.redaction import Redactor, secrets_of_url


def redactor(*more: str) -> Redactor:
    """Of the secrets in the environment and in `.env`, whether or not they are right, and of `more`."""
    return Redactor({*_known_secrets(), *more})


def _known_secrets() -> Iterable[str]:
    """As they were given: a complaint about a wrong one must not show it either."""
    for values in (os.environ, dotenv_values(".env") if Path(".env").is_file() else {}):
        given = {name.upper(): value for name, value in values.items() if value}
        yield from secrets_of_url(given.get("DATABASE_URL", ""))
        yield given.get("CLICKUP_API_TOKEN", "").strip()
        yield given.get("CLICKUP_CLIENT_SECRET", "").strip()
        yield from (key.strip() for key in given.get("SECRET_KEY", "").split(","))
        yield from (key.split(":", 2)[-1].strip() for key in given.get("API_KEYS", "").split(","))


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
