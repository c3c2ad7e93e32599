"""Since when history is known: what answers about the past say of it."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends

from app.api.request_context import Context
from app.core.answers.fields import said
from app.reports.history import History

HistorySince = Annotated[
    datetime | None, said("Since when changes are recorded; null: not yet, so there are no rows")
]
HistoryOffSince = Annotated[datetime | None, said("Since when none are, because HISTORY is off")]


async def known_history(context: Context) -> History | None:
    """Since when there is history; None where it has not begun."""
    return await context.reports.history.state(context.workspace_id)


Known = Annotated[History | None, Depends(known_history)]


def stretch_of(history: History | None) -> tuple[datetime | None, datetime | None]:
    """As an answer says it: since when, and since when not any more."""
    return (history.since, history.off_since) if history else (None, None)
