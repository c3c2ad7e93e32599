"""Time entries, by both roads."""

from app.simulator import wire
from app.simulator.request import Ask, Json, Refusal, others_time
from app.simulator.routes_places import known_workspace
from app.simulator.routes_tasks import known_task
from app.simulator.state import SimulatorState
from app.simulator.time_query import find_entries, is_admin
from app.simulator.visibility import entry_in_sight


def entries(desk: SimulatorState, ask: Ask) -> Json:
    """Not paged. By default the token owner's last 30 days only (source: ClickUp docs)."""
    if known_workspace(desk.world, ask) is not desk.world.workspace:
        return {"data": []}
    names, tags = ask.flag("include_location_names"), ask.flag("include_task_tags")
    found = find_entries(desk.world, ask)
    return {"data": [wire.time_entry(desk.world, one, location_names=names, task_tags=tags) for one in found]}


def entry(desk: SimulatorState, ask: Ask) -> Json:
    """One entry; `data` is an object here."""
    known_workspace(desk.world, ask)
    found = desk.world.entries.get(ask.path["timer_id"])
    if found is None or not entry_in_sight(desk.world, found):
        raise Refusal(404, "Time entry not found", "TIMEENTRY_004")
    if found.user_id != ask.user_id and not is_admin(desk.world, ask.user_id):
        raise others_time()
    return {"data": wire.time_entry(desk.world, found)}


def task_intervals(desk: SimulatorState, ask: Ask) -> Json:
    """Everyone's, of all times, people who left included."""
    return {"data": wire.intervals(desk.world, known_task(desk.world, ask).id)}
