"""Answers of tools about the past: the argument `as_of`, and how exactly an answer is known."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated

from fastmcp.exceptions import ToolError
from pydantic import StringConstraints, ValidationError

from app.core.answers.day import Day, day_of, whole_day
from app.core.answers.fields import ForAssistants, said, widen
from app.core.answers.filters import describe
from app.core.answers.past import AS_OF_FORM, carried_instant, last_instant, means
from app.http.params import read_since
from app.http.validation import reason_of
from app.mcp.params import is_day, of, read_day
from app.mcp.request_context import ToolContext
from app.reports.history import Precision, Versions

_OTHER = "cursor: it belongs to another query: one with another `as_of`"

AsOf = Annotated[
    Annotated[str, StringConstraints(max_length=40)] | None,
    of(describe("as_of"), "2026-11-20", "2026-11-20T17:00:00Z"),
]


@dataclass(frozen=True, slots=True)
class SaidPrecision(Precision):
    """How exactly the past is known, in words too."""

    exact: Annotated[bool, ForAssistants.ALWAYS, said("Everything in this answer was so at that instant")]
    meaning: Annotated[str, said("What that means: tell people where it is not exact")]


AnswerPrecision = Annotated[SaidPrecision | None, said("How exactly the past is known; only with `as_of`")]


def at(context: ToolContext, as_of: str | None, cursor: str | None = None) -> ToolContext:
    """The mirror as it was then, or at the instant of the cursor, at which its walk stays; else as it is.

    Raises the ToolError for what is no instant of the past, and for a cursor of another one.
    """
    try:
        carried = carried_instant(cursor, context.now)
    except ValueError as error:
        raise ToolError(f"cursor: {error}") from None
    asked = _read(as_of, context) if as_of is not None else None
    if cursor is not None and asked is not None and not (carried and means(asked, carried)):
        raise ToolError(_OTHER)
    instant = carried or (last_instant(asked, context.now) if asked else None)
    if instant is None:
        return context
    if instant > context.now:
        raise ToolError("as_of: it is in the future; leave it out for the present")
    known = context.sync_status
    shown = min(instant, known.as_of) if known.as_of else None
    age = int((context.now - shown).total_seconds()) if shown else None
    return replace(
        context,
        reports=context.reports.at(instant),
        now=instant,
        as_of=instant,
        sync_status=replace(known, as_of=shown, age_seconds=age),
    )


async def precision(
    context: ToolContext, versions: Versions, ids: list[str] | None = None
) -> SaidPrecision | None:
    """How exactly an answer of these objects, None for all, is known; None for the present."""
    if context.as_of is None:
        return None
    known = await context.reports.history.precision(context.workspace_id, context.as_of, versions, ids)
    return widen(SaidPrecision, known, meaning=_meaning(known, context))


def _meaning(known: Precision, context: ToolContext) -> str:
    if known.exact:
        return "exactly as it was"
    if known.history_since is None:
        return "no history is recorded: reconstructed from ClickUp's time stamps"
    if known.instant < known.history_since:
        day = day_of(known.history_since, context.zone).date
        return f"history is recorded since {day}: what was before is reconstructed from ClickUp's time stamps"
    if not known.uncertain_rows:
        return "history was switched off then: changes may be missing"
    rows = context.settings.formats.pluralize(known.uncertain_rows, "row")
    return f"{rows} may have changed shortly before or after this instant"


def _read(text: str, context: ToolContext) -> Day | datetime:
    """The day or the instant that is meant."""
    if is_day(text):
        return whole_day(read_day(text, context), context.zone)
    try:
        instant: date | None = read_since(text) if datetime.fromisoformat(text).tzinfo else None
    except ValidationError as error:
        raise ToolError(f"as_of: {reason_of(error.errors()[0])}") from None
    except ValueError:
        instant = None
    if not isinstance(instant, datetime):
        raise ToolError(f"as_of: {AS_OF_FORM}")
    return instant
