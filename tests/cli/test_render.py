"""What commands show people of a sync and a task."""

import io

import pytest
from rich.console import Console

from app.cli.render import session
from app.cli.sync import run_table
from app.core.answers.formats import Formats


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("2026-11-25T09:07:33+01:00", "2026-11-25T10:30:00+01:00", "25 Nov 2026, 09:07 to 10:30 UTC+01:00"),
        (
            "2026-11-25T23:10:00+00:00",
            "2026-11-26T00:30:00+00:00",
            "25 Nov 2026, 23:10 UTC to 26 Nov 2026, 00:30 UTC",
        ),
        (
            "2026-10-25T01:10:00+02:00",
            "2026-10-25T04:30:00+01:00",
            "25 Oct 2026, 01:10 UTC+02:00 to 25 Oct 2026, 04:30 UTC+01:00",
        ),
        ("2026-11-25T09:07:33+01:00", None, "25 Nov 2026, 09:07 UTC+01:00 to now (running)"),
        (None, "2026-11-25T10:30:00+01:00", "unknown to 25 Nov 2026, 10:30 UTC+01:00"),
        (None, None, "unknown to now (running)"),
    ],
)
def test_a_session_is_told_as_people_read_it(start: str | None, end: str | None, shown: str) -> None:
    """Day and time of the mirror's zone, with the offset; the day once, where both are on it."""
    assert session(start, end, Formats()) == shown


def test_a_session_has_the_date_format_of_the_setting() -> None:
    """DATE_FORMAT, as on the page."""
    shown = session("2026-11-25T09:07:33+01:00", "2026-11-25T10:30:00+01:00", Formats("30.11.2026"))
    assert shown == "25.11.2026, 09:07 to 10:30 UTC+01:00"


def test_what_a_sync_did_is_a_table() -> None:
    """A line for each kind of row, by name, with the numbers below each other."""
    console = Console(file=io.StringIO(), width=80)
    console.print(run_table({"tasks written": 1234, "members": 6, "tasks read": 600}, Formats()))
    lines = [line.split() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]
    assert lines[-3:] == [
        ["members", "│", "6"], ["tasks", "read", "│", "600"], ["tasks", "written", "│", "1,234"],
    ]  # fmt: skip
