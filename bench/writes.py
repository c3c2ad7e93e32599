"""`python -m bench --writes`: what it costs the sync that history is recorded.

The sync's own statements write all tasks of a workspace with what belongs to them, first new and then each
of them changed, a page a transaction, in turn with and without history.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import orjson
import psycopg
from rich.console import Console
from rich.table import Table

from app.core.clickup.models import TaskRow
from app.core.clickup.task_row import Names, read_task
from app.engine.task_rows import CHILD_QUERIES
from app.simulator.task_wire import TaskWriter
from app.simulator.world import World
from app.sql.connection import as_json
from app.sql.embedded import fresh_database
from app.sql.loader import load_queries
from app.sql.migrate import migrate

_PAGE, _ROUNDS, _WORKSPACE = 100, 11, "1"
_PHASES = ("new tasks", "each task changed")
# What a run's transaction begins with.
_BEGIN = b"""SELECT set_config('clickup_sync.history', %(history)s, true),
    set_config('clickup_sync.clickup_now', now()::text, true),
    set_config('clickup_sync.clock_ahead', '0', true),
    set_config('clickup_sync.read_since', now()::text, true)"""
# Once for each round and way; a first one of each is not counted.
Seconds = dict[tuple[str, bool], list[float]]


def measure_writes(console: Console, tasks: int, data_dir: Path) -> None:
    """Prints the best of all rounds, which least disturbed, and how much slower history makes a sync."""
    pages, seconds = list(_pages(tasks)), Seconds()
    url = fresh_database(data_dir, "bench").url
    migrate(url)
    for number in range(_ROUNDS + 1):
        for history in (True, False) if number % 2 else (False, True):
            for phase, took in _round(url, pages, history=history):
                if number:
                    seconds.setdefault((phase, history), []).append(took)
    console.print(_table(tasks, seconds))


def _pages(tasks: int) -> Iterator[list[TaskRow]]:
    world, names = World.generate(1, tasks=tasks, comments=0, entries=0), Names(ZoneInfo("UTC"))
    writer = TaskWriter(world)
    rows = [read_task(orjson.loads(writer.row(task)), names).row for task in world.tasks.values()]
    return (rows[at : at + _PAGE] for at in range(0, len(rows), _PAGE))


def _round(url: str, pages: list[list[TaskRow]], *, history: bool) -> Iterator[tuple[str, float]]:
    """Both phases on empty tables."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("SET clickup_sync.writer = 'on'")
        connection.execute(
            "TRUNCATE tasks, task_people, task_tags, task_dependencies, task_custom_fields, task_reads"
        )
        connection.execute("TRUNCATE task_versions, changes")
        connection.execute("CHECKPOINT")
        for phase in _PHASES:
            changed = [[_changed(row, phase) for row in page] for page in pages]
            began = perf_counter()
            for page in changed:
                _write(connection, page, history=history)
            yield phase, perf_counter() - began


def _changed(row: TaskRow, phase: str) -> TaskRow:
    return replace(row, title=f"{row.title} ({phase})", fingerprint=phase)


def _write(
    connection: "psycopg.Connection[tuple[object, ...]]", page: list[TaskRow], *, history: bool
) -> None:
    """As the sync does, in its order."""
    queries, rows, ids = load_queries(), as_json(page), [row.clickup_task_id for row in page]
    params = {"workspace_id": _WORKSPACE, "rows": rows, "ids": ids}
    with connection.transaction():
        connection.execute(_BEGIN, {"history": "on" if history else "off"})
        asked = {"asked_at": datetime.now(UTC), "is_own_answer": False}
        connection.execute(queries["upsert_tasks"].encode(), params | asked)
        for query in CHILD_QUERIES:
            connection.execute(queries[query].encode(), params)


def _table(tasks: int, seconds: Seconds) -> Table:
    table = Table(title=f"{tasks:,} tasks, {_ROUNDS} rounds, the best of each", title_justify="left")
    for column in ("phase", "tasks/s without", "tasks/s with history", "slower by"):
        table.add_column(column, justify="left" if column == "phase" else "right", no_wrap=True)
    for phase in _PHASES:
        without, recorded = min(seconds[phase, False]), min(seconds[phase, True])
        table.add_row(
            phase, f"{tasks / without:,.0f}", f"{tasks / recorded:,.0f}", f"{recorded / without - 1:.1%}"
        )
    return table
