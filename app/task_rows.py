"""Rows of tasks: probed by fingerprint, written with what they are made of."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from app.core.custom_fields import as_row as definition_row
from app.core.custom_fields import is_same
from app.core.errors import BadObject
from app.core.harvest import Harvest
from app.core.models import FieldDefinition, TaskRow
from app.core.plan import StoredTask, plan_tasks
from app.core.task_row import Names, ReadTask, read_task, task_id_of
from app.core.values import mapping
from app.crew import give_way
from app.refused_rows import Writer, store
from app.run import Run
from app.supabase_db import Transaction, as_json

_ROWS_A_TURN = 5
_CHILD_QUERIES = (
    "delete_task_people",
    "upsert_task_people",
    "delete_task_tags",
    "insert_task_tags",
    "delete_task_dependencies",
    "insert_task_dependencies",
    "delete_task_custom_fields",
    "upsert_task_custom_fields",
)


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a stream is known, as of an answer asked for at `asked_at`."""

    stream: str
    changed_at: datetime | None
    asked_at: datetime


async def store_page(
    run: Run,
    names: Names,
    harvest: Harvest,
    page: list[Any],
    asked_at: datetime,
    mark: Watermark | None,
) -> None:
    """Writes what is new or changed on one page and moves the watermark, in one transaction."""
    # Asked before the rows are made: while the database answers, the page alone is held in memory.
    stored = await stored_tasks(run, [task_id for item in page if (task_id := task_id_of(item))])
    async with run.reading:
        tasks = await _read_page(run, names, page)
    plan = plan_tasks(stored, (task.row for task in tasks))
    changed = {row.clickup_task_id for row in plan.write}
    await _write_page(run, [task for task in tasks if task.row.clickup_task_id in changed], asked_at, mark)
    harvest.prove.update(plan.prove)
    run.counts["tasks read"] += len(tasks)


async def _read_page(run: Run, names: Names, page: list[Any]) -> list[ReadTask]:
    """One page at a time and a few rows at once: whoever asks the service meanwhile has a turn."""
    tasks: dict[str, ReadTask] = {}
    for number, item in enumerate(page):
        if number % _ROWS_A_TURN == 0:
            await give_way()
        try:
            task = read_task(mapping(item), names)
        except BadObject as error:
            run.skip(error)
        else:
            tasks[task.row.clickup_task_id] = task
    return list(tasks.values())


async def stored_tasks(run: Run, ids: list[str]) -> dict[str, StoredTask]:
    """What the mirror knows of these tasks, by id."""
    rows = await run.context.database.fetch("list_stored_tasks", ids=ids)
    return {row["clickup_task_id"]: StoredTask(**row) for row in rows}


async def _write_page(run: Run, tasks: list[ReadTask], asked_at: datetime, mark: Watermark | None) -> None:
    if tasks or mark:
        await write_tasks(run, tasks, asked_at, mark)


async def write_tasks(
    run: Run, tasks: list[ReadTask], asked_at: datetime, mark: Watermark | None = None
) -> None:
    """Writes tasks and moves the watermark, in one transaction; only what PostgreSQL refuses is left out."""
    definitions = _new_definitions(run, tasks)

    async def body(writer: Writer) -> int:
        await writer.write("custom field", list(definitions.values()), partial(_write_definitions, run))
        written = await writer.write(
            "task", [task.row for task in tasks], partial(_write_rows, run, asked_at)
        )
        if mark:
            await writer.tx.note(
                "advance_stream",
                workspace_id=run.workspace_id,
                stream=mark.stream,
                watermark=mark.changed_at,
                read_at=mark.asked_at,
            )
        return written

    # Other pages are counted meanwhile.
    written = await store(run, body)
    run.counts["tasks written"] += written
    run.known_fields |= definitions


async def _write_rows(run: Run, asked_at: datetime, tx: Transaction, tasks: list[TaskRow]) -> list[str]:
    """Writes rows and the facts they are made of; a row that is older than the stored one stays out."""
    rows = as_json(tasks)
    written = await tx.write_returning(
        "upsert_tasks", workspace_id=run.workspace_id, rows=rows, asked_at=asked_at
    )
    ids = [row["clickup_task_id"] for row in written]
    for query in _CHILD_QUERIES:
        await tx.write(query, workspace_id=run.workspace_id, rows=rows, ids=ids)
    return ids


def _new_definitions(run: Run, tasks: list[ReadTask]) -> dict[str, FieldDefinition]:
    listed = (definition for task in tasks for definition in task.definitions)
    return {one.field_id: one for one in listed if not is_same(run.known_fields.get(one.field_id), one)}


async def _write_definitions(run: Run, tx: Transaction, definitions: list[FieldDefinition]) -> list[str]:
    rows = as_json(map(definition_row, definitions))
    written = await tx.write_returning("upsert_custom_fields", workspace_id=run.workspace_id, rows=rows)
    return [row["field_id"] for row in written]
