"""Who made the changes that reads found: items of webhook deliveries are compared with them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

import structlog
from psycopg import DataError, IntegrityError

from app.core.sync.attribution import SLACK, Attribution, Change, Item, Version, attribute, split
from app.engine.run import Run
from app.sql.connection import as_document, as_json, driver_message
from app.supabase_db import Row, Transaction

log = structlog.get_logger()
_MOST_ITEMS = 1_000
# What a delivery tells of has been read by then, by the job for it or by the next cycles.
_OPEN = timedelta(minutes=10)
_Object = tuple[str, str]


async def attribute_changes(run: Run) -> None:
    """Compares all items that were not yet, in one transaction; what is not found waits for the next time."""
    if not run.fence.records_history:
        return
    rows = await run.context.database.ask(
        "list_open_history_items", workspace_id=run.workspace_id, limit=_MOST_ITEMS
    )
    if not rows:
        return
    async with run.transaction() as tx:
        used = await _attribute(run, tx, rows)
        await tx.note(
            "close_history_items", workspace_id=run.workspace_id, ids=used, before=run.now() - _OPEN
        )


async def _attribute(run: Run, tx: Transaction, rows: Sequence[Row]) -> list[int]:
    items = await _items(tx, rows)
    changes: defaultdict[_Object, list[Change]] = defaultdict(list)
    found = await tx.fetch(
        "list_attributable_changes",
        workspace_id=run.workspace_id,
        kinds=[kind for kind, _ in items],
        ids=[object_id for _, object_id in items],
        since=min(row["changed_at"] for row in rows) - SLACK,
    )
    for row in found:
        changes[row.pop("object_type"), row.pop("object_id")].append(Change(**row))
    used: list[int] = []
    for one in items.keys() & changes.keys():
        try:
            async with tx.savepoint():
                for attribution in attribute(changes[one], items[one]):
                    await _replace(run, tx, one, changes[one], attribution)
                    used += attribution.used
        except (DataError, IntegrityError) as error:
            # What others tell must not keep the mirror from its work: the change stays as it was found.
            log.warning("history.not_attributed", object=one, error=driver_message(error))
            used += [item.item_id for item in items[one]]
    return used


async def _items(tx: Transaction, rows: Sequence[Row]) -> dict[_Object, list[Item]]:
    """By object. A custom field is named by its key in `custom_fields`, as in a change."""
    tasks = [row["object_id"] for row in rows if row["field"].startswith("custom_fields:")]
    labels = {row["field_id"]: row["label"] for row in await tx.fetch("list_field_labels", ids=tasks)}
    items: defaultdict[_Object, list[Item]] = defaultdict(list)
    for row in rows:
        told = {
            name: value
            for name, value in row.items()
            if name not in ("object_kind", "object_id", "received_at")
        }
        if told["field"].startswith("custom_fields:"):
            field_id = told["field"].partition(":")[2]
            told["field"] = f"custom_fields.{labels.get(field_id, field_id)}"
        items[row["object_kind"], row["object_id"]].append(Item(**told))
    return items


async def _replace(
    run: Run, tx: Transaction, one: _Object, changes: Sequence[Change], attribution: Attribution
) -> None:
    kind, object_id = one
    of = {"workspace_id": run.workspace_id, "kind": kind, "object_id": object_id}
    boundary = next(change.changed_at for change in changes if change.change_id in attribution.replaced)
    kept = [
        change
        for change in changes
        if change.changed_at == boundary and change.change_id not in attribution.replaced
    ]
    await tx.note(
        "replace_changes",
        **of,
        replaced=list(attribution.replaced),
        rows=as_json(asdict(change) for change in attribution.changes),
    )
    around = await tx.fetch("list_versions_around", **of, boundary=boundary)
    steps = _steps(around, boundary, [*attribution.changes, *kept])
    await tx.fetch("split_versions", **of, boundary=boundary, steps=as_document(steps))


def _steps(around: Sequence[Row], boundary: datetime, changes: Sequence[Change]) -> list[Row]:
    """The versions between, and the next one. Of an object that came or went, only when that was."""
    before = next((_version(row) for row in reversed(around) if not row["is_after"]), None)
    after = next((_version(row) for row in around if row["is_after"]), None)
    if before and after:
        steps = split(before, after, changes)
    else:
        at = max(change.changed_at for change in changes)
        steps = [Version({}, min(change.earliest for change in changes), min(at, boundary))]
    return [asdict(step) for step in steps]


def _version(row: Row) -> Version:
    return Version(row["columns"], row["valid_from_earliest"], row["valid_from"])
