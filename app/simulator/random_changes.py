"""Random changes: the same seed on the same world does the same."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from app.simulator import names
from app.simulator.clock import MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE
from app.simulator.comment_content import Content, compose, reaction
from app.simulator.generate_tasks import field_value
from app.simulator.model import Task, TimeEntry
from app.simulator.place_edits import PlaceEdits


@dataclass(frozen=True, slots=True)
class RandomChange:
    """What was done: the kind, and the ids it concerned. Empty when there was nothing to do it to."""

    kind: str
    subjects: tuple[str, ...]


Change = Callable[[PlaceEdits, Random], tuple[str, ...]]


def apply_random_change(
    world: PlaceEdits, random: Random, kinds: frozenset[str] | None = None
) -> RandomChange:
    """One change. Raises ValueError for a kind that does not exist."""
    unknown = (kinds or frozenset()) - KINDS.keys()
    if unknown:
        raise ValueError(f"No such kinds of change: {', '.join(sorted(unknown))}")
    known = sorted(kinds) if kinds else list(KINDS)
    kind = random.choices(known, [_WEIGHTS[name] for name in known])[0]
    return RandomChange(kind, KINDS[kind](world, random))


def _pick(random: Random, ids: Any) -> Any:
    """One of them, or None when there is none."""
    choice = list(ids)
    return random.choice(choice) if choice else None


def _some_task(world: PlaceEdits, random: Random) -> Task | None:
    if len(world.by_updated) == 0:
        return None
    return world.tasks[world.by_updated.pick(random.randrange(len(world.by_updated)))]


def _member(world: PlaceEdits, random: Random) -> int:
    return random.choice([person.id for person in world.members()])


def _on_task(change: Callable[[PlaceEdits, Random, Task], object]) -> Change:
    def changed(world: PlaceEdits, random: Random) -> tuple[str, ...]:
        task = _some_task(world, random)
        if task is None:
            return ()
        change(world, random, task)
        return (task.id,)

    return changed


def _create_task(world: PlaceEdits, random: Random) -> tuple[str, ...]:
    list_id = _pick(random, world.lists)
    if list_id is None:
        return ()
    parent = _some_task(world, random) if random.random() < 0.2 else None
    details = {"parent": parent.id if parent else None, "assignees": (_member(world, random),)}
    return (world.create_task(list_id, names.task_name(random), **details).id,)


def _restore_task(world: PlaceEdits, random: Random) -> tuple[str, ...]:
    task_id = _pick(
        random, (one.id for one in world.tasks.values() if one.deleted and one.list_id in world.lists)
    )
    if task_id is None:
        return ()
    world.restore_task(task_id)
    return (task_id,)


def _status(world: PlaceEdits, random: Random, task: Task) -> object:
    return world.edit_task(task.id, status=random.choice(world.spaces[task.space_id].statuses))


def _field(world: PlaceEdits, random: Random, task: Task) -> object:
    field_id = _pick(random, world.spaces[task.space_id].fields)
    if field_id is None:
        return None
    people = [person.id for person in world.members()]
    value = field_value(random, world.fields[field_id], people, world.clock.now_ms())
    return world.set_field(task.id, field_id, value if random.random() < 0.8 else None)


def _due(world: PlaceEdits, random: Random, task: Task) -> object:
    due = world.clock.now_ms() + random.randrange(-30, 60) * MS_PER_DAY
    return world.edit_task(task.id, due_date=random.choice((None, due)))


def _start(world: PlaceEdits, random: Random, task: Task) -> object:
    start = world.clock.now_ms() + random.randrange(-60, 30) * MS_PER_DAY
    return world.edit_task(task.id, start_date=random.choice((None, start)))


def _estimate(world: PlaceEdits, random: Random, task: Task) -> object:
    estimate = random.randrange(1, 40) * 30 * MS_PER_MINUTE
    return world.edit_task(task.id, time_estimate=random.choice((None, estimate)))


def _tie(world: PlaceEdits, random: Random, task: Task) -> object:
    other = _some_task(world, random)
    if other is None or other.id == task.id:
        return world.remove_dependencies(task.id)
    change = random.choice((world.add_dependency, world.link_tasks))
    return change(task.id, other.id)


def _time(world: PlaceEdits, random: Random, task: Task) -> object:
    back, duration = _back(random), random.randrange(1, 240) * MS_PER_MINUTE
    start = world.clock.now_ms() - back - duration
    return world.add_time(task.id, _member(world, random), start=start, duration=duration)


def _back(random: Random) -> int:
    """How long ago: today or, as people do, months back."""
    return random.choice((0, 0, 40, 200)) * MS_PER_DAY + random.randrange(MS_PER_DAY)


def _loose_time(world: PlaceEdits, random: Random) -> tuple[str, ...]:
    start = world.clock.now_ms() - _back(random) - MS_PER_HOUR
    return (world.add_time(None, _member(world, random), start=start).id,)


def _on_finished_time(change: Callable[[PlaceEdits, Random, TimeEntry], object]) -> Change:
    def changed(world: PlaceEdits, random: Random) -> tuple[str, ...]:
        entry = _pick(random, (one for one in world.entries.values() if one.end is not None))
        if entry is None:
            return ()
        change(world, random, entry)
        return (entry.id,)

    return changed


def _edit_time(world: PlaceEdits, random: Random, entry: TimeEntry) -> object:
    end = entry.start + random.randrange(1, 8) * MS_PER_HOUR
    return world.edit_time(entry.id, end=end, billable=random.random() < 0.5)


def _shift_time(world: PlaceEdits, random: Random, entry: TimeEntry) -> object:
    """To another day, and in the name of somebody else."""
    start = world.clock.now_ms() - _back(random) - entry.duration
    return world.edit_time(entry.id, start=start, end=start + entry.duration, user_id=_member(world, random))


def _move_time(world: PlaceEdits, random: Random, entry: TimeEntry) -> object:
    """To another task, or off every task."""
    task = _some_task(world, random) if random.random() < 0.8 else None
    return world.edit_time(entry.id, task_id=task.id if task else None)


def _delete_time(world: PlaceEdits, random: Random) -> tuple[str, ...]:
    entry_id = _pick(random, world.entries)
    if entry_id is None:
        return ()
    world.delete_time(entry_id)
    return (entry_id,)


def _stop_timer(world: PlaceEdits, random: Random) -> tuple[str, ...]:
    running = _pick(random, (one for one in world.entries.values() if one.end is None))
    stopped = world.stop_timer(running.user_id) if running else None
    return (stopped.id,) if stopped else ()


def _comment(world: PlaceEdits, random: Random, task: Task) -> object:
    assignee = _member(world, random) if random.random() < 0.5 else None
    group = _team(world, random, 0.2)
    content = _content(world, random)
    return world.post_comment(task.id, content, _member(world, random), assignee=assignee, group=group)


def _content(world: PlaceEdits, random: Random) -> Content:
    return compose(random, world, names.paragraph(random))


def _team(world: PlaceEdits, random: Random, share: float) -> str | None:
    return random.choice(list(world.groups)) if world.groups and random.random() < share else None


def _assign_comment(world: PlaceEdits, random: Random, comment_id: str) -> object:
    """To a person, to a team, or to both."""
    group = _team(world, random, 0.4)
    user_id = _member(world, random) if group is None or random.random() < 0.5 else None
    return world.assign_comment(comment_id, user_id, group)


def _on_comment(change: Callable[[PlaceEdits, Random, str], object]) -> Change:
    def changed(world: PlaceEdits, random: Random) -> tuple[str, ...]:
        live = (one.id for one in world.comments.values() if not world.tasks[one.task_id].deleted)
        comment_id = _pick(random, live)
        if comment_id is None:
            return ()
        change(world, random, comment_id)
        return (comment_id,)

    return changed


def _reply(world: PlaceEdits, random: Random, comment_id: str) -> object:
    comment = world.comments[comment_id]
    assignee = _member(world, random) if random.random() < 0.3 else None
    content, group = _content(world, random), _team(world, random, 0.1)
    return world.reply(comment.parent or comment.id, content, assignee=assignee, group=group)


def _on_place(kind: str, change: Callable[[PlaceEdits, Random, str], object]) -> Change:
    def changed(world: PlaceEdits, random: Random) -> tuple[str, ...]:
        place_id = _pick(random, getattr(world, f"{kind}s"))
        if place_id is None:
            return ()
        change(world, random, place_id)
        return (place_id,)

    return changed


def _toggle_list(world: PlaceEdits, random: Random, list_id: str) -> object:
    return world.archive_list(list_id, archived=not world.lists[list_id].archived)


def _toggle_folder(world: PlaceEdits, random: Random, folder_id: str) -> object:
    return world.archive_folder(folder_id, archived=not world.folders[folder_id].archived)


def _toggle_space(world: PlaceEdits, random: Random, space_id: str) -> object:
    return world.archive_space(space_id, archived=not world.spaces[space_id].archived)


def _move_list(world: PlaceEdits, random: Random, list_id: str) -> object:
    space_id = world.lists[list_id].space_id
    folders = [one.id for one in world.folders.values() if one.space_id == space_id]
    return world.move_list(list_id, random.choice((None, *folders)))


def _delete_list(world: PlaceEdits, random: Random, list_id: str) -> object:
    return world.delete_list(list_id) if len(world.lists) > 1 else None


def _delete_small(kind: str, delete: Callable[[PlaceEdits, str], None]) -> Change:
    """A folder or space that takes hardly any tasks along: a mirror may rightly doubt a great loss."""

    def changed(world: PlaceEdits, random: Random) -> tuple[str, ...]:
        most = len(world.by_updated) // 50
        places: list[str] = [one for one in getattr(world, f"{kind}s") if _tasks_in(world, one) <= most]
        place_id = _pick(random, places)
        if place_id is None or len(_lists_in(world, place_id)) == len(world.lists):
            return ()
        delete(world, place_id)
        return (place_id,)

    return changed


def _lists_in(world: PlaceEdits, place_id: str) -> list[str]:
    return [one.id for one in world.lists.values() if place_id in (one.folder_id, one.space_id)]


def _tasks_in(world: PlaceEdits, place_id: str) -> int:
    return sum(len(world.tasks_in_list[one]) for one in _lists_in(world, place_id))


def _create_list(world: PlaceEdits, random: Random, space_id: str) -> object:
    return world.create_list(space_id, name=names.place_name(random, len(world.lists)))


def _create_space(world: PlaceEdits, random: Random) -> tuple[str, ...]:
    return (world.create_space(f"{random.choice(names.SPACES)} {len(world.spaces)}").id,)


def _create_folder(world: PlaceEdits, random: Random, space_id: str) -> object:
    return world.create_folder(space_id, names.place_name(random, len(world.folders)))


def _join(world: PlaceEdits, random: Random) -> tuple[str, ...]:
    return (str(world.join(random.choice((*names.PEOPLE, None))).id),)


def _leave(world: PlaceEdits, random: Random) -> tuple[str, ...]:
    tokens = frozenset(world.tokens.values())
    user_id = _pick(random, (one.id for one in world.members() if one.id not in tokens))
    if user_id is None:
        return ()
    world.leave(user_id)
    return (str(user_id),)


def _rename_person(world: PlaceEdits, random: Random) -> tuple[str, ...]:
    user_id = _member(world, random)
    world.edit_person(user_id, username=f"{random.choice(names.PEOPLE)} {random.randrange(100)}")
    return (str(user_id),)


KINDS: dict[str, Change] = {
    "create_task": _create_task,
    "rename_task": _on_task(lambda w, r, t: w.edit_task(t.id, name=names.task_name(r))),
    "text": _on_task(lambda w, r, t: w.edit_task(t.id, text=r.choice((None, names.paragraph(r))))),
    "status": _on_task(_status),
    "assign": _on_task(lambda w, r, t: w.edit_task(t.id, assignees=r.choice(((), (_member(w, r),))))),
    "priority": _on_task(lambda w, r, t: w.edit_task(t.id, priority=r.choice((None, 1, 2, 3, 4)))),
    "due_date": _on_task(_due),
    "start_date": _on_task(_start),
    "estimate": _on_task(_estimate),
    "tags": _on_task(lambda w, r, t: w.tag_task(t.id, *r.sample(names.TAGS, r.randrange(3)))),
    "field": _on_task(_field),
    "move_task": _on_task(lambda w, r, t: w.move_task(t.id, _pick(r, w.lists))),
    "archive_task": _on_task(lambda w, r, t: w.archive_task(t.id, archived=not t.archived)),
    "delete_task": _on_task(lambda w, r, t: w.delete_task(t.id)),
    "restore_task": _restore_task,
    "add_to_list": _on_task(lambda w, r, t: w.add_to_list(t.id, _pick(r, w.lists))),
    "tie": _on_task(_tie),
    "add_time": _on_task(_time),
    "add_loose_time": _loose_time,
    "edit_time": _on_finished_time(_edit_time),
    "shift_time": _on_finished_time(_shift_time),
    "move_time": _on_finished_time(_move_time),
    "delete_time": _delete_time,
    "start_timer": _on_task(lambda w, r, t: w.start_timer(t.id, _member(w, r))),
    "stop_timer": _stop_timer,
    "post_comment": _on_task(_comment),
    "edit_comment": _on_comment(lambda w, r, c: w.edit_comment(c, _content(w, r))),
    "assign_comment": _on_comment(_assign_comment),
    "unassign_comment": _on_comment(lambda w, r, c: w.assign_comment(c, None)),
    "resolve_comment": _on_comment(lambda w, r, c: w.resolve_comment(c)),
    "reopen_comment": _on_comment(lambda w, r, c: w.reopen_comment(c)),
    "delete_comment": _on_comment(lambda w, r, c: w.delete_comment(c)),
    "react": _on_comment(lambda w, r, c: w.react(c, reaction(r), _member(w, r))),
    "reply": _on_comment(_reply),
    "rename_space": _on_place("space", lambda w, r, s: w.rename_space(s, r.choice(names.SPACES))),
    "rename_folder": _on_place("folder", lambda w, r, f: w.rename_folder(f, names.place_name(r, 0))),
    "rename_list": _on_place("list", lambda w, r, one: w.rename_list(one, names.place_name(r, 0))),
    "archive_space": _on_place("space", _toggle_space),
    "archive_folder": _on_place("folder", _toggle_folder),
    "archive_list": _on_place("list", _toggle_list),
    "move_list": _on_place("list", _move_list),
    "create_space": _create_space,
    "create_folder": _on_place("space", _create_folder),
    "create_list": _on_place("space", _create_list),
    "delete_space": _delete_small("space", lambda w, s: w.delete_space(s)),
    "delete_folder": _delete_small("folder", lambda w, f: w.delete_folder(f)),
    "delete_list": _on_place("list", _delete_list),
    "join": _join,
    "leave": _leave,
    "rename_person": _rename_person,
}

# What the token's owner sees at once in a listing sorted by change, and no more than that.
LOUD = frozenset(
    {
        "create_task",
        "rename_task",
        "text",
        "status",
        "assign",
        "priority",
        "due_date",
        "start_date",
        "estimate",
        "tags",
        "field",
        "add_time",
        "start_timer",
        "stop_timer",
        "post_comment",
    }
)

# Some hundred changes bring every kind; what empties the world is rare.
_WEIGHTS = dict.fromkeys(KINDS, 3.5) | dict.fromkeys(LOUD, 8.0) | {"delete_list": 0.2, "leave": 1.0}
