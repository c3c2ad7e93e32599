"""Comments over HTTP."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Response

from app.api.json_encoding import JSON, to_json
from app.api.page_fields import Count, NextCursor, PageLimit, Total
from app.api.params import UNKNOWN, CursorText, Limit, ids
from app.api.past import AS_OF, AnswerPrecision
from app.api.people import People
from app.api.places import Place
from app.api.request_context import Context
from app.core.answers.paging import write_cursor
from app.http.params import Id, given_cursor
from app.http.problems import PROBLEMS
from app.reports.comments import CommentFilter, WaitingComment

router = APIRouter(tags=["comments"], responses=PROBLEMS)


@dataclass(frozen=True, slots=True)
class CommentPage:
    """One page of them, newest first."""

    count: Count
    limit: PageLimit
    total: Total
    next_cursor: NextCursor
    comments: list[WaitingComment]
    precision: AnswerPrecision = None


@router.get("/comments/assigned", dependencies=[AS_OF], responses={200: {"model": CommentPage}, **UNKNOWN})
async def list_assigned_comments(
    context: Context,
    people: People,
    place: Place,
    team: Annotated[list[Id] | None, ids("team")] = None,
    limit: Limit = 100,
    cursor: CursorText = None,
) -> Response:
    """Comments and replies that are assigned to a person or a team and not resolved, newest first.

    `person` is who should answer; what waits for a team is in nobody's own list. Those of deleted tasks
    wait for nobody and are left out.
    """
    wanted = CommentFilter(people, team, place)
    begin, questions = given_cursor(cursor, wanted.question, context.workspace_id), context.reports.comments
    page = await questions.waiting(context.workspace_id, wanted, begin, limit, context.now)
    total = await questions.count_waiting(context.workspace_id, wanted)
    following = write_cursor(page.cursor, context.workspace_id) if page.cursor else None
    precision = await context.precision("comments", [one.clickup_comment_id for one in page.rows])
    answer = CommentPage(len(page.rows), limit, total, following, page.rows, precision)
    # Ages move by themselves: no answer from memory.
    return Response(to_json(answer, context.zone), media_type=JSON)
