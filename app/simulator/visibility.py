"""What the token's owner can see, and where ClickUp hides it. Pure questions to the store."""

from app.simulator.model import Person, Space, Task, TaskList, TimeEntry, Workspace
from app.simulator.store import Store


def workspaces_of(store: Store, user_id: int) -> list[Workspace]:
    """Those of which the person is a member; the further ones are the owner's alone."""
    mine = store.other_workspaces if user_id == store.owner().id else []
    return [store.workspace, *mine]


def people_of(store: Store, workspace: Workspace) -> list[Person]:
    """The members of a workspace."""
    return store.members() if workspace is store.workspace else [store.owner()]


def list_is_put_away(store: Store, place: TaskList) -> bool:
    """True when the list, its folder or its space is archived: its tasks then leave the team's listing."""
    folder = store.folders.get(place.folder_id or "")
    return place.archived or (folder is not None and folder.archived) or store.spaces[place.space_id].archived


def lists_put_away(store: Store) -> frozenset[str]:
    """The lists whose tasks only `/list/{id}/task` shows (observed)."""
    return frozenset(place.id for place in store.lists.values() if list_is_put_away(store, place))


def spaces_in_sight(store: Store) -> frozenset[str]:
    """The spaces of which the token may see tasks, walked or not."""
    return frozenset(space.id for space in store.spaces.values() if not space.private)


def walked_spaces(store: Store) -> list[Space]:
    """The spaces that the hierarchy shows."""
    return [space for space in store.spaces.values() if space.walked and not space.private]


def task_in_sight(store: Store, task: Task) -> bool:
    """True unless it is deleted or in a space that is closed to the token's owner."""
    return not task.deleted and not store.spaces[task.space_id].private


def entry_in_sight(store: Store, entry: TimeEntry) -> bool:
    """Time without a task is in sight of everybody who may see time at all."""
    task = store.tasks.get(entry.task_id or "")
    return task is None or task_in_sight(store, task)


def top_parent(store: Store, task: Task) -> str | None:
    """The outermost task above a subtask."""
    above, seen = task.parent, {task.id}
    while above is not None and above not in seen:
        seen.add(above)
        parent = store.tasks.get(above)
        if parent is None or parent.parent is None:
            return above
        above = parent.parent
    return None


def live_subtasks(store: Store, task_id: str) -> list[Task]:
    """One level down, without the deleted ones."""
    below = (store.tasks[one] for one in sorted(store.subtasks.get(task_id, ())))
    return [one for one in below if not one.deleted]


def family(store: Store, task_id: str) -> list[str]:
    """The task and everything below it."""
    found, rest = [], [task_id]
    while rest:
        found.append(rest.pop())
        rest.extend(sorted(store.subtasks.get(found[-1], ())))
    return found
