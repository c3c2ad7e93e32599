"""Tasks out of nothing: nested, closed, archived, in several lists, with fields, tags and ties."""

from dataclasses import replace
from random import Random
from typing import Any

from app.simulator import names
from app.simulator.clock import MS_PER_DAY, MS_PER_HOUR
from app.simulator.model import CustomField, Dependency, Link, Space, Status, Tag, Task, TaskList
from app.simulator.store import Store

_DAYS_A_YEAR = 365


def add_tasks(store: Store, random: Random, count: int, years: int, same_instant: int) -> None:
    """`same_instant` of them carry one and the same `date_updated`."""
    if not store.lists:
        return
    maker = TaskMaker(store, random, years)
    tasks: list[Task] = []
    for number in range(count):
        parent = random.choice(tasks) if tasks and random.random() < 0.2 else None
        tasks.append(maker.make(number, parent))
    _share_an_instant(tasks, random, same_instant)
    store.load_tasks(tasks)
    _tie(store, random, count // 50)


def _share_an_instant(tasks: list[Task], random: Random, count: int) -> None:
    chosen = random.sample(range(len(tasks)), min(count, len(tasks)))
    instant = max((tasks[index].date_created for index in chosen), default=0)
    for index in chosen:
        tasks[index] = replace(tasks[index], date_updated=instant)


def _tie(store: Store, random: Random, count: int) -> None:
    ids = list(store.tasks)
    for number in range(count if len(ids) > 1 else 0):
        one, other = random.sample(ids, 2)
        task = store.tasks[one]
        if number % 2:
            tie = Dependency(one, other, task.date_created, task.creator)
            # The same pair may show on both tasks (observed).
            _put_quietly(store, replace(task, dependencies=(*task.dependencies, tie)))
            waited_on = store.tasks[other]
            _put_quietly(store, replace(waited_on, dependencies=(*waited_on.dependencies, tie)))
        else:
            link = Link(one, other, task.date_created, task.creator)
            _put_quietly(store, replace(task, links=(*task.links, link)))


def _put_quietly(store: Store, task: Task) -> None:
    store.tasks[task.id] = task


class TaskMaker:
    """Makes tasks that could have come about in the last `years`."""

    def __init__(self, store: Store, random: Random, years: int) -> None:
        self._store = store
        self._random = random
        self._now = store.clock.now_ms()
        self._span = max(1, years) * _DAYS_A_YEAR * MS_PER_DAY
        self._people = [person.id for person in store.people.values()]
        self._lists = list(store.lists.values())
        self._groups = list(store.groups)
        self._types = [None, 0, 1, *store.types]

    def make(self, number: int, parent: Task | None) -> Task:
        """One task; a subtask lives in its parent's list and began after it."""
        random = self._random
        place = self._store.lists[parent.list_id] if parent else random.choice(self._lists)
        space = self._store.spaces[place.space_id]
        earliest = parent.date_created if parent else self._now - self._span
        created = random.randint(earliest, self._now - 1)
        updated = random.randint(created, self._now - 1)
        status = space.statuses[int(random.random() ** 1.4 * len(space.statuses))]
        ended = updated if status.type in ("done", "closed") else None
        return Task(
            id=self._store.ids.task(),
            name=names.task_name(random),
            list_id=place.id,
            space_id=space.id,
            status=status,
            date_created=created,
            date_updated=updated,
            creator=random.choice(self._people),
            parent=parent.id if parent else None,
            text=names.paragraph(random) if random.random() < 0.6 else None,
            custom_id=f"DEV-{number + 1}" if random.random() < 0.3 else None,
            type_id=random.choice(self._types),
            orderindex=f"{number}.00000000000000000000000000000000",
            date_closed=updated if status.type == "closed" else None,
            date_done=ended,
            archived=random.random() < 0.04,
            assignees=self._some_people(2),
            groups=(random.choice(self._groups),) if random.random() < 0.05 else (),
            watchers=self._some_people(2),
            tags=self._some_tags(),
            priority=random.choice((None, None, 1, 2, 3, 4)),
            start_date=created if random.random() < 0.3 else None,
            due_date=self._due(created),
            points=random.choice((None, None, 1, 2, 3.5, 8)),
            time_estimate=random.choice((None, None, MS_PER_HOUR, 8 * MS_PER_HOUR)),
            fields=self._values(space),
            locations=self._locations(place),
            checklist=("first", "второй") if random.random() < 0.05 else (),
            status_log=self._status_log(space, status, created, updated),
        )

    def _due(self, created: int) -> int | None:
        return created + self._random.randrange(60) * MS_PER_DAY if self._random.random() < 0.4 else None

    def _some_people(self, most: int) -> tuple[int, ...]:
        count = min(self._random.randint(0, most), len(self._people))
        return tuple(self._random.sample(self._people, count))

    def _some_tags(self) -> tuple[Tag, ...]:
        if self._random.random() < 0.6:
            return ()
        chosen = self._random.sample(names.TAGS, self._random.randint(1, 3))
        return tuple(Tag(name, "#FFFFFF", "#FF4081", self._people[0]) for name in chosen)

    def _locations(self, home: TaskList) -> tuple[str, ...]:
        if self._random.random() >= 0.04:
            return ()
        other = self._random.choice(self._lists)
        return () if other.id == home.id else (other.id,)

    def _values(self, space: Space) -> dict[str, Any]:
        fields = self._store.fields
        return {
            field_id: field_value(self._random, fields[field_id], self._people, self._now)
            for field_id in space.fields
            if self._random.random() < 0.4
        }

    def _status_log(
        self, space: Space, status: Status, created: int, updated: int
    ) -> tuple[tuple[Status, int], ...]:
        first = space.statuses[0]
        return ((first, created),) if status is first else ((first, created), (status, updated))


def field_value(random: Random, field: CustomField, people: list[int], now: int) -> Any:
    """A value for a custom field as the model keeps it."""
    match field.type:
        case "drop_down":
            return random.choice(field.options).id
        case "labels":
            return tuple(option.id for option in random.sample(field.options, random.randint(1, 2)))
        case "users":
            return tuple(random.sample(people, min(len(people), random.randint(1, 2))))
        case "date":
            return now + random.randrange(-400, 400) * MS_PER_DAY
        case "number" | "currency":
            return random.choice((0, 1, 12.5, 1_000, -3))
        case "checkbox":
            return random.random() < 0.5
        case "url":
            return f"https://example.com/?q={random.randrange(1_000)}&x=<y>"
        case _:
            return names.paragraph(random)
