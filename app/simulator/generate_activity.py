"""Time entries and comments out of nothing."""

from collections import Counter
from dataclasses import replace
from random import Random

from app.simulator import names
from app.simulator.clock import MS_PER_DAY, MS_PER_MINUTE
from app.simulator.comment_content import compose, reaction
from app.simulator.model import Comment, Tag, Task, TimeEntry
from app.simulator.store import Store

_DAYS_A_YEAR = 365


def add_entries(store: Store, random: Random, count: int, years: int) -> None:
    """Entries over the years, one in twelve without a task, some of people who left, two timers running."""
    tasks, people = list(store.tasks), list(store.people)
    entries = [_entry(store, random, tasks, people, years) for _ in range(count)]
    members = [person.id for person in store.members()]
    for index in range(min(2, count, len(members))):
        entries[index] = _still_running(store, random, entries[index], members[-1 - index])
    store.load_entries(entries)
    spent = Counter[str]()
    for entry in entries:
        if entry.task_id and entry.end is not None:
            spent[entry.task_id] += entry.duration
    for task_id, total in spent.items():
        store.tasks[task_id] = replace(store.tasks[task_id], time_spent=total)


def _entry(store: Store, random: Random, tasks: list[str], people: list[int], years: int) -> TimeEntry:
    now = store.clock.now_ms()
    duration = random.randrange(1, 300) * MS_PER_MINUTE + random.randrange(60_000)
    start = now - duration - random.randrange(max(1, years) * _DAYS_A_YEAR * MS_PER_DAY)
    return TimeEntry(
        id=store.ids.entry(),
        user_id=random.choice(people),
        start=start,
        end=start + duration,
        at=start + duration,
        task_id=random.choice(tasks) if tasks and random.random() < 11 / 12 else None,
        billable=random.random() < 0.4,
        description=names.paragraph(random) if random.random() < 0.3 else "",
        tags=(Tag("meeting", "#FFFFFF", "#2ecd6f", people[0]),) if random.random() < 0.1 else (),
    )


def _still_running(store: Store, random: Random, entry: TimeEntry, user_id: int) -> TimeEntry:
    start = store.clock.now_ms() - random.randrange(1, 120) * MS_PER_MINUTE
    return replace(entry, user_id=user_id, start=start, end=None, at=start)


def add_comments(store: Store, random: Random, count: int) -> None:
    """Comments, a quarter of them assigned; a few tasks get more than fit on one page; some have replies.

    Some hold more than text, have reactions, or are assigned to a team.
    """
    # Chance of its own, so that all that comes after the comments stays as it is.
    more = Random(f"comments {store.workspace.id} {count}")
    tasks = list(store.tasks.values())
    crowded = random.sample(tasks, min(len(tasks), 1 + count // 400))
    for number in range(count if tasks else 0):
        task = random.choice(crowded if number % 3 == 0 else tasks)
        comment = store.put_comment(_enriched(store, more, _comment(store, random, task, None)))
        if random.random() < 0.2:
            store.put_comment(_enriched(store, more, _comment(store, random, task, comment)))


def _enriched(store: Store, random: Random, said: Comment) -> Comment:
    content, people = compose(random, store, said.text), list(store.people)
    group = random.choice(list(store.groups)) if random.random() < 0.08 else None
    return replace(
        said,
        text=content.text,
        flat=content.flat,
        blocks=content.blocks,
        group=group,
        assigned_by=people[0] if group else said.assigned_by,
        reactions=((reaction(random), random.choice(people)),) if random.random() < 0.2 else (),
    )


def _comment(store: Store, random: Random, task: Task, parent: Comment | None) -> Comment:
    people = list(store.people)
    assigned = random.random() < 0.25
    earliest = parent.date if parent else task.date_created
    return Comment(
        id=store.ids.number(),
        task_id=task.id,
        user_id=random.choice(people),
        text=names.paragraph(random),
        date=random.randint(earliest, store.clock.now_ms() - 1),
        parent=parent.id if parent else None,
        assignee=random.choice(people) if assigned else None,
        assigned_by=people[0] if assigned else None,
        resolved=assigned and random.random() < 0.4,
    )
