"""Rows of tasks: probed by fingerprint, written with what they are made of."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from app.core.clickup.custom_fields import as_row as definition_row
from app.core.clickup.custom_fields import is_same
from app.core.clickup.models import FieldDefinition, TaskRow
from app.core.clickup.payload import digest_payload
from app.core.clickup.task_row import Names, ReadTask, read_task, task_id_of
from app.core.clickup.values import Json, mapping
from app.core.errors import MalformedObject
from app.core.sync.plan import StoredTask, plan_tasks
from app.engine.core_version import core_version
from app.engine.external_changes import restore_rows
from app.engine.refused_rows import Writer, store
from app.engine.run import Run
from app.sql.connection import as_json
from app.supabase_db import Transaction

CHILD_QUERIES = (
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
    page: list[Any],
    asked_at: datetime,
    mark: Watermark | None,
) -> None:
    """Writes what is new or changed on one page and moves the watermark, in one transaction."""
    # Asked before the rows are made: while the database answers, the page alone is held in memory.
    stored = await stored_tasks(run, [task_id for item in page if (task_id := task_id_of(item))])
    found = _read_page(run, names, page, stored)
    plan = plan_tasks(stored, (task.row for task in found.read.values()), trusted=not run.compares_rows)
    rows = [*plan.write, *plan.compare] if run.compares_rows else plan.write
    changed = [found.read[row.clickup_task_id] for row in rows]
    if changed or found.payloads or mark:
        await write_tasks(run, changed, asked_at, mark, found.payloads)
    run.state.coverage.prove.update(plan.prove)
    run.findings.counts["tasks read"] += len(found.read.keys() | found.unchanged)


@dataclass(slots=True)
class _Page:
    """`read`: tasks by id. `payloads`: what made them. `unchanged`: ids of those that need no reading."""

    read: dict[str, ReadTask] = field(default_factory=dict)
    payloads: list[Json] = field(default_factory=list)
    unchanged: set[str] = field(default_factory=set)


def _read_page(run: Run, names: Names, page: list[Any], stored: dict[str, StoredTask]) -> _Page:
    """A task whose row was made of this very payload is not read, but where stored rows are not trusted."""
    found, code = _Page(), core_version()
    for item in page:
        wire = mapping(item)
        task_id, digest = task_id_of(wire) or "", digest_payload(wire, names, code)
        if not run.compares_rows and task_id in stored and stored[task_id].is_made_of(digest):
            found.unchanged.add(task_id)
        else:
            _read_item(run, names, wire, digest, found)
    return found


def _read_item(run: Run, names: Names, wire: Json, digest: str | None, found: _Page) -> None:
    try:
        task = read_task(wire, names)
    except MalformedObject as error:
        run.skip(error)
        return
    task_id, fingerprint = task.row.clickup_task_id, task.row.fingerprint
    found.read[task_id] = task
    if digest:
        found.payloads.append({"task_id": task_id, "fingerprint": fingerprint, "digest": digest})


async def stored_tasks(run: Run, ids: list[str]) -> dict[str, StoredTask]:
    """What the mirror knows of these tasks, by id."""
    rows = await run.context.database.ask("list_stored_tasks", ids=ids)
    return {row["clickup_task_id"]: StoredTask(**row) for row in rows}


async def write_tasks(
    run: Run,
    tasks: list[ReadTask],
    asked_at: datetime,
    mark: Watermark | None = None,
    payloads: Sequence[Json] = (),
    *,
    is_own_answer: bool = False,
) -> None:
    """Writes tasks and moves the watermark, in one transaction; only what PostgreSQL refuses is left out.

    `is_own_answer`: ClickUp was asked for the task itself, and what is stored of it is not trusted.
    """
    definitions, rows = _new_definitions(run, tasks), [task.row for task in tasks]

    async def body(writer: Writer) -> tuple[int, Counter[str]]:
        await restore_rows(run, writer.tx, [row.clickup_task_id for row in rows])
        await writer.write("custom field", list(definitions.values()), partial(_write_definitions, run))
        same = await _list_same(writer.tx, rows) if run.compares_rows else frozenset[str]()
        answer = _Answer(run.workspace_id, asked_at, is_own_answer, same)
        written = await writer.write("task", rows, partial(_write_rows, answer))
        if payloads:
            await writer.tx.note("note_payloads", rows=as_json(payloads))
        if mark:
            await writer.tx.note(
                "advance_stream",
                workspace_id=run.workspace_id,
                stream=mark.stream,
                watermark=mark.changed_at,
                read_at=mark.asked_at,
            )
        return written, answer.differing

    # Other pages are counted meanwhile.
    written, differing = await store(run, body)
    run.findings.differing.update(differing)
    run.findings.counts["tasks written"] += written
    run.known_fields |= definitions


@dataclass(frozen=True, slots=True)
class _Answer:
    """Where rows come from. `same`: ids of those whose fingerprint is stored already; what differs of them
    nevertheless is counted in `differing`, by table.
    """

    workspace_id: str
    asked_at: datetime
    is_own_answer: bool
    same: frozenset[str]
    differing: Counter[str] = field(default_factory=Counter)


async def _list_same(tx: Transaction, rows: list[TaskRow]) -> frozenset[str]:
    stored = await tx.fetch("list_stored_tasks", ids=[row.clickup_task_id for row in rows])
    known = {row["clickup_task_id"]: row["fingerprint"] for row in stored if not row["is_deleted"]}
    return frozenset(row.clickup_task_id for row in rows if known.get(row.clickup_task_id) == row.fingerprint)


async def _write_rows(answer: _Answer, tx: Transaction, tasks: list[TaskRow]) -> list[str]:
    """Writes rows and the facts they are made of; a row that is older than the stored one stays out.

    Facts of rows whose fingerprint says that nothing differs are compared as well.
    """
    rows = as_json(tasks)
    found = await tx.write_returning(
        "upsert_tasks",
        workspace_id=answer.workspace_id,
        rows=rows,
        asked_at=answer.asked_at,
        is_own_answer=answer.is_own_answer,
    )
    written = [row["clickup_task_id"] for row in found]
    # A row that PostgreSQL refuses is tried again: only the last try counts.
    answer.differing.clear()
    answer.differing["tasks"] = len(answer.same.intersection(written))
    same = sorted(answer.same.intersection(row.clickup_task_id for row in tasks))
    others = [task_id for task_id in written if task_id not in answer.same]
    for query in CHILD_QUERIES:
        if others:
            await tx.write(query, workspace_id=answer.workspace_id, rows=rows, ids=others)
        if same:
            touched = await tx.write(query, workspace_id=answer.workspace_id, rows=rows, ids=same)
            answer.differing[query.partition("_")[2]] += touched
    return written


def _new_definitions(run: Run, tasks: list[ReadTask]) -> dict[str, FieldDefinition]:
    listed = (definition for task in tasks for definition in task.definitions)
    return {one.field_id: one for one in listed if not is_same(run.known_fields.get(one.field_id), one)}


async def _write_definitions(run: Run, tx: Transaction, definitions: list[FieldDefinition]) -> list[str]:
    rows = as_json(map(definition_row, definitions))
    written = await tx.write_returning("upsert_custom_fields", workspace_id=run.workspace_id, rows=rows)
    return [row["field_id"] for row in written]
