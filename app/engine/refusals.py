"""The record of what ClickUp refuses this token: when a run has ended, what it found out is written."""

from app.core.sync.refusal import RefusalKind, Refusals, are_believed, objects_of
from app.sql.connection import as_json
from app.supabase_db import Database, Transaction


async def record_refusals(database: Database, workspace_id: str, refusals: Refusals) -> list[str]:
    """Writes what a run was refused, and forgets what it could read again; sentences for people."""
    async with database.transaction() as tx:
        notes = [await _record(tx, workspace_id, kind, reasons) for kind, reasons in refusals.reasons.items()]
        kinds = [kind for kind in refusals.read if kind not in refusals.reasons]
        await tx.note("delete_many_refused", workspace_id=workspace_id, kinds=kinds)
    return notes


async def _record(tx: Transaction, workspace_id: str, kind: RefusalKind, reasons: dict[str, str]) -> str:
    of = {"workspace_id": workspace_id, "kind": kind}
    [known] = await tx.fetch("get_refusals_of_late", **of, ids=list(reasons))
    readable, refused = known["readable"], objects_of(kind, len(reasons))
    latest = next(reversed(reasons.values()))
    is_believed = are_believed(readable, known["recorded"], known["many_for"])
    if readable and (not is_believed or known["many_for"]):
        await tx.note("upsert_many_refused", **of, objects=readable, reason=latest, is_believed=is_believed)
    if not is_believed:
        return (
            f"ClickUp refuses {refused} at once, of which {readable:,} could be read before: {latest}. "
            "This may be an outage. It is tried again in some minutes; stored data is kept"
        )
    rows = [{"object_id": object_id, "reason": reason} for object_id, reason in reasons.items()]
    await tx.note("upsert_refusals", **of, rows=as_json(rows))
    if not readable:
        await tx.note("delete_many_refused", workspace_id=workspace_id, kinds=[kind])
    return f"ClickUp refuses this token {refused}: {latest}. Stored data is kept; it is tried again"
