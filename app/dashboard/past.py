"""The past on a page: as of when it is shown, how exactly that is known, and the way back to the present."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import parse_qsl, urlsplit

from app.core.answers.day import day_of
from app.dashboard.clock import Clock
from app.dashboard.request_context import PageContext
from app.http.past import asked_instant
from app.reports.history import Precision, Versions

# What a person calls the objects of an answer.
_WORDS: dict[Versions, str] = {"tasks": "task", "time_entries": "time entry", "comments": "comment"}


@dataclass(frozen=True, slots=True)
class AsOf:
    """`day`: what the date field has; `latest`: the last day that can be chosen. `kept`: what a form of this
    field alone sends along. `now`: the address of the present. `sentences`: how exact the past is; none for
    the present.
    """

    day: date | None
    latest: date
    kept: list[tuple[str, str]]
    now: str
    instant: datetime | None
    sentences: list[str]


def about(context: PageContext, as_of: str | None, cursor: str | None = None) -> PageContext:
    """The mirror as it was then; the context itself for the present. Raises the 422."""
    given = {"as_of": as_of, "cursor": cursor}
    params = {name: value for name, value in given.items() if value is not None}
    instant = asked_instant(params, context.zone, context.now)
    return context if instant is None else context.at(instant)


async def as_of(asked: PageContext, now: str, versions: Versions, ids: list[str] | None = None) -> AsOf:
    """What a page says that shows these objects, or with no `ids` sums of all. `now`: its address without
    `as_of`.
    """
    kept = parse_qsl(urlsplit(now).query)
    if asked.as_of is None:
        return AsOf(None, asked.today, kept, now, None, [])
    precision = await asked.reports.history.precision(asked.workspace_id, asked.as_of, versions, ids)
    sentences = list(_how_exact(precision, _WORDS[versions], ids is None, asked.clock))
    latest = day_of(asked.asked_at, asked.zone).date
    return AsOf(asked.today, latest, kept, now, asked.as_of, sentences)


def _how_exact(known: Precision, word: str, is_sum: bool, clock: Clock) -> Iterator[str]:
    if known.exact:
        yield "All of it is exact."
        return
    if known.history_since is None:
        yield "No changes were recorded then."
    elif known.history_since > known.instant:
        yield (
            f"Changes are recorded since {clock.full(known.history_since)}. What was before is reconstructed "
            "from ClickUp's time stamps."
        )
    elif not known.uncertain_rows:
        yield "Changes were not recorded then: HISTORY was off."
    if known.uncertain_rows:
        plural = word.removesuffix("y") + "ies" if word.endswith("y") else None
        number = clock.formats.pluralize(known.uncertain_rows, word, plural)
        where = "in the workspace" if is_sum else "shown here"
        yield f"{number} {where} may have been different then: the exact time of a change is not known."
