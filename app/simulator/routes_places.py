"""The token, the workspaces and the hierarchy."""

from app.simulator import wire
from app.simulator.model import Folder, Space, TaskList, Workspace
from app.simulator.request import Ask, Json, Refusal, not_yours, place_gone
from app.simulator.state import SimulatorState
from app.simulator.visibility import people_of, walked_spaces, workspaces_of
from app.simulator.world import World


def user(desk: SimulatorState, ask: Ask) -> Json:
    """The token's owner, with a time zone."""
    return wire.token_owner(desk.world.people[ask.user_id])


def teams(desk: SimulatorState, ask: Ask) -> Json:
    """Every workspace of the token's person, with its members: not those who left, invited ones without
    a name.
    """
    mine = workspaces_of(desk.world, ask.user_id)
    return {"teams": [wire.team(one, people_of(desk.world, one)) for one in mine]}


def team(desk: SimulatorState, ask: Ask) -> Json:
    """Undocumented, and it works (observed)."""
    workspace = known_workspace(desk.world, ask)
    return {"team": wire.team(workspace, people_of(desk.world, workspace))}


def plan(desk: SimulatorState, ask: Ask) -> Json:
    """The plan, which decides the rate limit."""
    workspace = known_workspace(desk.world, ask)
    return {"plan_name": workspace.plan_name, "plan_id": workspace.plan_id}


def custom_items(desk: SimulatorState, ask: Ask) -> Json:
    """The workspace's own kinds of task."""
    workspace = known_workspace(desk.world, ask)
    types = desk.world.types.values() if workspace is desk.world.workspace else ()
    return {"custom_items": [wire.task_type(kind) for kind in types]}


def spaces(desk: SimulatorState, ask: Ask) -> Json:
    """`archived=true` answers with archived ones only, here and at every level (observed)."""
    workspace = known_workspace(desk.world, ask)
    found = walked_spaces(desk.world) if workspace is desk.world.workspace else []
    return {"spaces": [wire.space(place) for place in found if place.archived == ask.flag("archived")]}


def space(desk: SimulatorState, ask: Ask) -> Json:
    """One space; 401 for one that the hierarchy hides."""
    return wire.space(_walked_space(desk.world, ask))


def folders(desk: SimulatorState, ask: Ask) -> Json:
    """The folders of a space, active or archived."""
    place, world = _walked_space(desk.world, ask), desk.world
    found = [one for one in world.folders.values() if one.space_id == place.id]
    return {"folders": [wire.folder(world, one) for one in found if one.archived == ask.flag("archived")]}


def folderless_lists(desk: SimulatorState, ask: Ask) -> Json:
    """The lists that stand in no folder, active or archived."""
    place, world = _walked_space(desk.world, ask), desk.world
    found = [one for one in world.lists.values() if one.space_id == place.id and one.folder_id is None]
    return {"lists": [wire.task_list(world, one) for one in found if one.archived == ask.flag("archived")]}


def folder(desk: SimulatorState, ask: Ask) -> Json:
    """One folder with its active lists."""
    return wire.folder(desk.world, _known_folder(desk.world, ask))


def folder_lists(desk: SimulatorState, ask: Ask) -> Json:
    """The lists of a folder, active or archived."""
    place, world = _known_folder(desk.world, ask), desk.world
    found = [one for one in world.lists.values() if one.folder_id == place.id]
    return {"lists": [wire.task_list(world, one) for one in found if one.archived == ask.flag("archived")]}


def task_list(desk: SimulatorState, ask: Ask) -> Json:
    """One list, archived or not."""
    return wire.whole_list(desk.world, known_list(desk.world, ask))


def known_workspace(world: World, ask: Ask) -> Workspace:
    """The workspace of the path, or a refusal: also for one of which the token's person is no member."""
    for workspace in workspaces_of(world, ask.user_id):
        if workspace.id == ask.path["team_id"]:
            return workspace
    raise not_yours()


def _walked_space(world: World, ask: Ask) -> Space:
    place = world.spaces.get(ask.path["space_id"])
    if place is None:
        raise place_gone("space")
    if place.private or not place.walked:
        raise not_yours()
    return place


def _known_folder(world: World, ask: Ask) -> Folder:
    place = world.folders.get(ask.path["folder_id"])
    if place is None:
        raise place_gone("folder")
    _refuse_private(world, place.space_id)
    return place


def known_list(world: World, ask: Ask) -> TaskList:
    """The list of the path, or a refusal."""
    place = world.lists.get(ask.path["list_id"])
    if place is None:
        raise place_gone("list")
    _refuse_private(world, place.space_id)
    return place


def _refuse_private(world: World, space_id: str) -> None:
    if world.spaces[space_id].private:
        raise not_yours()


def nowhere(desk: SimulatorState, ask: Ask) -> Json:
    """Every path nobody serves."""
    raise Refusal(404, "Route not found", "APP_001")
