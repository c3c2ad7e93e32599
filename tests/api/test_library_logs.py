"""What libraries log comes out as events of ours, and what may tell secrets does not come out."""

import json
import logging
from typing import Any

import pytest
import structlog

from app.logging_config import configure_logging
from tests.hostile import NAME, commands_in


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_warnings_of_libraries_are_events(capsys: pytest.CaptureFixture[str]) -> None:
    """With the library's name, the level and the traceback; once, however often logging is set up."""
    for _ in range(3):
        configure_logging("debug", "json")
    # A simulator in this process has silenced it.
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)
    logging.getLogger("psycopg.pool").warning("lost %s of %d", "one", 4)
    try:
        raise RuntimeError("of the library")
    except RuntimeError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    first, second = told(capsys)
    assert (first["event"], first["logger"], first["level"]) == ("log", "psycopg.pool", "warning")
    assert first["message"] == "lost one of 4"
    assert (second["logger"], second["level"]) == ("uvicorn.error", "error")
    assert "RuntimeError: of the library" in second["exception"]


def test_what_is_told_below_a_warning_stays_within(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Clients tell headers there, and the server each address with its query; whatever level is set."""
    configure_logging("debug", "json")
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpcore2.http11").debug("send_request_headers Authorization: pk_1_HUNTER2")
    logging.getLogger("httpx2").info("HTTP Request: GET https://api.clickup.com/?secret=HUNTER2")
    logging.getLogger("uvicorn.access").warning("GET /tasks?key=HUNTER2")
    assert told(capsys) == []


def test_a_level_without_a_name_is_the_one_below(capsys: pytest.CaptureFixture[str]) -> None:
    """Libraries may make levels up."""
    configure_logging("info", "json")
    logging.getLogger("odd").log(35, "between")
    assert [(event["message"], event["level"]) for event in told(capsys)] == [("between", "warning")]


def test_what_others_wrote_commands_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """For people and for machines: one line an event, tracebacks indented, nothing that a terminal obeys."""
    for log_format in ("people", "json"):
        configure_logging("info", log_format)
        log = structlog.get_logger()
        log.warning("request.failed", error=NAME, place=[NAME])
        logging.getLogger("odd").warning("lost %s", NAME)
        try:
            raise RuntimeError(f"x\n2026-01-01T00:00:00Z [info] forged {NAME}")
        except RuntimeError:
            log.exception("request.crashed")
        lines = capsys.readouterr().err.splitlines()
        assert commands_in("\n".join(lines)) == []
        events = [line for line in lines if not line.startswith("    ")]
        assert len(events) == 3, log_format
        assert not any(line.startswith(("✓", "2026-01-01")) for line in lines)


def test_the_level_counts_for_libraries_too(capsys: pytest.CaptureFixture[str]) -> None:
    """LOG_LEVEL=error: no warnings."""
    configure_logging("error", "json")
    logging.getLogger("psycopg.pool").warning("lost one")
    logging.getLogger("psycopg.pool").error("lost all")
    assert [event["message"] for event in told(capsys)] == ["lost all"]
