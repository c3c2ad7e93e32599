"""Task listings, single tasks, time in status and comments."""

from app.simulator import wire
from app.simulator.model import Comment, Task
from app.simulator.request import Ask, Json, bad_input, not_yours, task_gone
from app.simulator.routes_places import known_list, known_workspace
from app.simulator.state import SimulatorState
from app.simulator.task_query import Page, read_query
from app.simulator.task_wire import time_in_status
from app.simulator.world import World

_COMMENTS_A_PAGE = 25
_MOST_TASKS_AT_ONCE = 100


def team_tasks(desk: SimulatorState, ask: Ask) -> bytes:
    """A page of the workspace's tasks, out of a search index that may lag."""
    query = read_query(ask, gt_inclusive=desk.world.doubts.gt_inclusive)
    if known_workspace(desk.world, ask) is not desk.world.workspace:
        return _page_bytes(desk, ask, Page((), last_page=True))
    return _page_bytes(desk, ask, desk.listings.of_workspace(query, ask.page(), ask.lag_ms))


def list_tasks(desk: SimulatorState, ask: Ask) -> bytes:
    """A page of one list's tasks; the only listing that shows those of an archived list (observed)."""
    place = known_list(desk.world, ask)
    query = read_query(ask, gt_inclusive=desk.world.doubts.gt_inclusive)
    timl = ask.flag("include_timl")
    return _page_bytes(desk, ask, desk.listings.of_list(place.id, query, ask.page(), include_timl=timl))


def _page_bytes(desk: SimulatorState, ask: Ask, page: Page) -> bytes:
    markdown = ask.flag("include_markdown_description")
    write = desk.writer.row_with_markdown if markdown else desk.writer.row
    flag = b"true" if page.last_page else b"false"
    return b'{"tasks":[' + b",".join(map(write, page.tasks)) + b'],"last_page":' + flag + b"}"


def task(desk: SimulatorState, ask: Ask) -> bytes:
    """One task, archived or not; 404 is the only proof that it was deleted (observed)."""
    return desk.writer.whole(
        known_task(desk.world, ask),
        markdown=ask.flag("include_markdown_description"),
        subtasks=ask.flag("include_subtasks"),
    )


def known_task(world: World, ask: Ask) -> Task:
    """The task of the path, or a refusal. With `custom_task_ids=true` the path holds its custom id."""
    wanted = ask.path["task_id"]
    found = _by_custom_id(world, wanted) if ask.flag("custom_task_ids") else world.tasks.get(wanted)
    if found is None or found.deleted:
        raise task_gone()
    if world.spaces[found.space_id].private:
        raise not_yours()
    return found


def _by_custom_id(world: World, custom_id: str) -> Task | None:
    live = (one for one in world.tasks.values() if not one.deleted)
    return next((one for one in live if one.custom_id == custom_id), None)


def status_time(desk: SimulatorState, ask: Ask) -> Json:
    """How long one task was in each status."""
    return time_in_status(known_task(desk.world, ask), desk.world.clock.now_ms())


def status_times(desk: SimulatorState, ask: Ask) -> Json:
    """At most 100 tasks (source: ClickUp docs); ids nobody knows are left out."""
    wanted = ask.many("task_ids", "task_ids[]")
    if not wanted or len(wanted) > _MOST_TASKS_AT_ONCE:
        raise bad_input("task_ids must hold 1 to 100 ids")
    world = desk.world
    found = (world.tasks[one] for one in sorted(wanted) if one in world.tasks)
    visible = (one for one in found if not one.deleted and not world.spaces[one.space_id].private)
    return {one.id: time_in_status(one, world.clock.now_ms()) for one in visible}


def comments(desk: SimulatorState, ask: Ask) -> Json:
    """25 comments, newest first; `start` with `start_id` opens the next page (source: ClickUp docs)."""
    found = known_task(desk.world, ask)
    rows = _after_start(ask, desk.world.comments_newest_first(found.id))
    return {"comments": [wire.comment(desk.world, one) for one in rows[:_COMMENTS_A_PAGE]]}


def _after_start(ask: Ask, rows: list[Comment]) -> list[Comment]:
    start, start_id = ask.number("start"), ask.number("start_id")
    if start is None or start_id is None:
        return rows
    return [one for one in rows if (one.date, int(one.id)) < (start, start_id)]


def replies(desk: SimulatorState, ask: Ask) -> Json:
    """All replies to a comment, newest first; not paged, unless a doubt says otherwise."""
    world, doubts = desk.world, desk.world.doubts
    deleted = world.deleted_comments.get(ask.path["comment_id"])
    if doubts.deleted_threads_answer and deleted is not None:
        known_task(world, Ask(ask.user_id, path={"task_id": deleted.task_id}))
        return {"comments": []}
    rows = world.replies_newest_first(_known_comment(world, ask).id)
    if doubts.threads_capped:
        rows = rows[:_COMMENTS_A_PAGE]
    if doubts.threads_paged:
        rows = _after_start(ask, rows)[:_COMMENTS_A_PAGE]
    return {"comments": [wire.comment(world, one) for one in rows]}


def _known_comment(world: World, ask: Ask) -> Comment:
    found = world.comments.get(ask.path["comment_id"])
    if found is None:
        raise task_gone()
    known_task(world, Ask(ask.user_id, path={"task_id": found.task_id}))
    return found
