"""Reports as people read them in a terminal. Names from ClickUp are text, never markup."""

from typing import Any

from rich.table import Table
from rich.text import Text

from app.cli.output import console
from app.core.timesheet import hours_and_minutes


def hours(minutes: int) -> str:
    """Minutes as hours and minutes: `12:05 h`."""
    return f"{hours_and_minutes(minutes)} h"


def counts_table(counts: dict[str, Any]) -> Table:
    """What the mirror holds."""
    table = plain_table("What is here", "")
    for name, count in counts.items():
        shown = hours(count) if name == "tracked_minutes" else f"{count:,}"
        table.add_row("tracked time" if name == "tracked_minutes" else name.replace("_", " "), shown)
    return table


def print_task(task: dict[str, Any]) -> None:
    """One task with its sessions, latest first."""
    table = Table(title=Text(task["title"], style="bold"), title_justify="left", show_header=False, box=None)
    place = " / ".join(filter(None, (task["space_name"], task["list_name"])))
    for name, value in (
        ("task", task["clickup_task_id"]),
        ("place", place),
        ("status", task["status"]),
        ("assignees", task["assignee_name"]),
        ("tags", ", ".join(task["tags"])),
        ("due", str(task["due_date"] or "")),
        ("waiting", task["assigned_comment"]),
        ("tracked", hours(task["tracked_minutes"] or 0)),
    ):
        table.add_row(name, Text(value or "-"))
    for start, end in zip(task["start_times"], task["end_times"], strict=True):
        table.add_row("session", Text(f"{start or 'unknown'}  to  {end or 'now (running)'}"))
    console.print(table)


def plain_table(*columns: str) -> Table:
    """Without borders; of two columns the second is numbers."""
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 or len(columns) > 2 else "right")
    return table
