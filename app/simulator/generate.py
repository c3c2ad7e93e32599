"""A workspace out of a seed: the same seed, number and shape give the same world."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from app.simulator import names
from app.simulator.generate_activity import add_comments, add_entries
from app.simulator.generate_places import add_fields, add_places
from app.simulator.generate_tasks import add_tasks
from app.simulator.model import Person, Role, TaskType, Workspace
from app.simulator.store import Store

_ZONES = ("Europe/Berlin", "Asia/Kolkata", "America/Los_Angeles", "Asia/Kathmandu", "UTC")
_ROLES = (Role.ADMIN, Role.MEMBER, Role.MEMBER, Role.MEMBER, Role.GUEST)


@dataclass(frozen=True, slots=True)
class Shape:
    """How much of everything. `entries` and `comments` follow `tasks` unless given.

    `same_instant` tasks share one `date_updated`, as after an import or a bulk edit.
    `unwalked_spaces` show their tasks but not themselves; `private_spaces` show nothing. Both come
    on top of `spaces`.
    """

    tasks: int = 300
    lists: int = 12
    people: int = 10
    left: int = 2
    spaces: int = 3
    unwalked_spaces: int = 0
    private_spaces: int = 0
    entries: int | None = None
    comments: int | None = None
    same_instant: int | None = None
    workspaces: int = 1
    years: int = 3
    owner_role: Role = Role.OWNER


# Ids of people of one workspace, and of its task types.
_PEOPLE_OF_ONE, _TYPES_OF_ONE = 100_000, 10


def add_people(store: Store, random: Random, shape: Shape, shared: Sequence[Person] = ()) -> None:
    """The token's owner first, then the members, one of them invited, then those who left, and last those
    `shared` with another workspace.
    """
    for number in range(max(1, shape.people) + shape.left):
        person = _person(random, number, shape, store.number)
        store.people[person.id] = person
    store.people |= {person.id: person for person in shared}
    owner = next(iter(store.people.values()))
    store.token = f"pk_{owner.id}_{store.ids.secret()[:32]}"
    store.tokens[store.token] = owner.id


def add_content(store: Store, random: Random, shape: Shape) -> None:
    """Everything else; `random` comes from `add_people`."""
    store.groups = {store.ids.uuid(): name for name in ("Designers", "Поддержка")}
    add_workspaces(store, shape.workspaces - 1)
    add_types(store)
    add_fields(store, random)
    add_places(store, random, shape.spaces, shape.unwalked_spaces, shape.private_spaces, shape.lists)
    burst = min(130, shape.tasks // 10) if shape.same_instant is None else shape.same_instant
    add_tasks(store, random, shape.tasks, shape.years, burst)
    add_entries(store, random, shape.tasks if shape.entries is None else shape.entries, shape.years)
    add_comments(store, random, shape.tasks // 3 if shape.comments is None else shape.comments)


def _person(random: Random, number: int, shape: Shape, workspace: int) -> Person:
    full_name = names.PEOPLE[(number + 5 * workspace) % len(names.PEOPLE)]
    again = number // len(names.PEOPLE)
    return Person(
        id=81_000_000 + workspace * _PEOPLE_OF_ONE + number * 1_013 + random.randrange(1_000),
        username=None if number == 3 else f"{full_name} {again}" if again else full_name,
        email=f"person{number}@{f'company{workspace}.' if workspace else ''}example.com",
        role=shape.owner_role if number == 0 else _role(number, shape),
        color=random.choice(names.COLORS),
        timezone=_ZONES[number % len(_ZONES)],
        left=number >= max(1, shape.people),
    )


def _role(number: int, shape: Shape) -> Role:
    if number == 1 and shape.owner_role is not Role.OWNER:
        return Role.OWNER
    return _ROLES[number % len(_ROLES)]


def add_workspaces(store: Store, others: int) -> None:
    """Further workspaces of the same token, with nothing in them."""
    for number in range(others):
        store.other_workspaces.append(
            Workspace(store.ids.number(), f"Side project {number + 1}", 1, "Free Forever")
        )


def add_types(store: Store) -> None:
    """The workspace's own kinds of task."""
    for type_id, name, plural in (
        (1_300, "Bug", "Bugs"),
        (1_301, "Кампания", "Кампании"),
        (1_302, "需求", "需求"),
    ):
        own_id = type_id + store.number * _TYPES_OF_ONE
        store.types[own_id] = TaskType(own_id, name, plural)
