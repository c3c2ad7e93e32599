"""Comments over HTTP."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Response

from app.api.comment_schemas import CommentPage
from app.api.params import UNKNOWN, CursorText, Limit, Mirror, ids
from app.api.people import People
from app.api.places import Place
from app.api.response_cache import JSON, to_json
from app.core.answers.paging import write_cursor
from app.http.params import Id, given_cursor
from app.http.problems import PROBLEMS
from app.reports.comments import CommentFilter

router = APIRouter(tags=["comments"], responses=PROBLEMS)


@router.get("/comments/assigned", responses={200: {"model": CommentPage}, **UNKNOWN})
async def list_assigned_comments(
    mirror: Mirror,
    people: People,
    place: Place,
    team: Annotated[
        list[Id] | None, ids("Only comments assigned to these teams, by id or name in ClickUp")
    ] = None,
    limit: Limit = 100,
    cursor: CursorText = None,
) -> Response:
    """Comments and replies that are assigned to a person or a team and not resolved, newest first.

    `person` is who should answer; what waits for a team is in nobody's own list. Those of deleted tasks
    wait for nobody and are left out.
    """
    wanted = CommentFilter(people, team, place)
    begin, questions = given_cursor(cursor, wanted.question), mirror.reports.comments
    page = await questions.waiting(mirror.workspace_id, wanted, begin, limit, datetime.now(UTC))
    document = {
        "count": len(page.rows),
        "limit": limit,
        "total": await questions.count_waiting(mirror.workspace_id, wanted),
        "next_cursor": write_cursor(page.cursor) if page.cursor else None,
        "comments": page.rows,
    }
    # Ages move by themselves: no answer from memory.
    return Response(to_json(document, mirror.zone), media_type=JSON)
