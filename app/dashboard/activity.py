"""What changed in the workspace, newest first; the list is read again when something became known."""

import asyncio
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from app.core.answers.day import beginning_of, end_of
from app.core.answers.filters import MOST_VALUES
from app.core.answers.paging import write_cursor
from app.dashboard.changes import OBJECTS, field_words, tell
from app.dashboard.hours import offered_places
from app.dashboard.links import ACTIVITY
from app.dashboard.params import CursorText, Ids, Said
from app.dashboard.request_context import Context, PageContext
from app.dashboard.templating import html
from app.http.params import Since, fault, given_cursor
from app.reports.history import ChangeFilter, ObjectType, Operation, check_place
from app.reports.lookup import within

router = APIRouter(include_in_schema=False)

_PAGE = 50


class ActivitySaid(Said):
    """As `/changes` of the API has them. `after`: the last position that is shown already."""

    since: Since | None = None
    until: Since | None = None
    user: Ids = ()
    object: tuple[ObjectType, ...] = Field((), max_length=MOST_VALUES)
    field: Ids = ()
    operation: tuple[Operation, ...] = Field((), max_length=MOST_VALUES)
    place: Ids = ()
    cursor: CursorText | None = None
    after: int | None = None

    def state(self) -> dict[str, Any]:
        """What stands in the address of this question, without the place in it."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in self
            if name not in ("cursor", "after") and value
        }

    @property
    def days(self) -> dict[str, str]:
        """What the date fields have."""
        given = {"since": self.since, "until": self.until}
        return {name: value.isoformat()[:10] if value else "" for name, value in given.items()}


@router.get(ACTIVITY)
async def list_activity(
    request: Request, context: Context, said: Annotated[ActivitySaid, Query()]
) -> Response:
    """One page of it; of a browser that follows it, the list alone, and only where there is more to show."""
    history, workspace_id, links = context.reports.history, context.workspace_id, context.links
    # The position first: what comes meanwhile is announced again.
    position = await history.last_position(workspace_id)
    is_part = request.headers.get("hx-target") == "changes"
    if is_part and said.after == position:
        return Response(status_code=204)
    chosen = await context.reports.lookup.places(workspace_id, said.place)
    wanted = await _filter(context, said)
    place = given_cursor(said.cursor, wanted.question, workspace_id, check_place)
    page = await history.changes(workspace_id, wanted, place, _PAGE)
    state = said.state()
    known: dict[str, Any] = {
        "changes": await tell(context, page.rows),
        "is_filtered": bool(state),
        "again": links.to(ACTIVITY, state, after=position),
        "csv": links.to("/changes", state, format="csv"),
        "first": links.to(ACTIVITY, state) if place else None,
        "next": links.to(ACTIVITY, state, cursor=write_cursor(page.cursor, workspace_id))
        if page.cursor
        else None,
    }
    if is_part:
        return html("activity_found.html", clock=context.clock, links=links, **known)
    people, places, fields = await asyncio.gather(
        context.reports.people.employees(workspace_id),
        context.reports.structure.place_names(workspace_id),
        history.list_fields(),
    )
    return await context.show(
        "activity.html", "activity", said=said, people=people, places=offered_places(places, chosen),
        objects=OBJECTS, fields=_fields([*fields, *said.field]), **known,
    )  # fmt: skip


def _fields(names: list[str]) -> list[tuple[str, str]]:
    """Each with its words, by these."""
    return sorted(
        ((name, field_words(name)) for name in dict.fromkeys(names)), key=lambda one: one[1].lower()
    )


async def _filter(context: PageContext, said: ActivitySaid) -> ChangeFilter:
    """Raises the 422 for days in a wrong order, and UnknownName for what does not exist."""
    await context.reports.history.check_fields(said.field)
    lookup, workspace_id, zone = context.reports.lookup, context.workspace_id, context.zone
    begin: datetime | None = beginning_of(said.since, zone) if said.since else None
    end: datetime | None = end_of(said.until, zone) if said.until else None
    if begin and end and begin >= end:
        raise fault("since", f"{said.since} is not before {said.until}, which is `until`")
    users = await lookup.user_ids(workspace_id, said.user)
    places = within(await lookup.places(workspace_id, said.place))
    return ChangeFilter(begin, end, users, said.field, said.object, said.operation, places)
