"""Spaces, folders, lists and custom fields out of nothing."""

from random import Random

from app.simulator import names
from app.simulator.clock import MS_PER_DAY
from app.simulator.model import CustomField, Folder, Option, Space, Status, TaskList
from app.simulator.store import Store

FEATURES = (
    "due_dates",
    "time_tracking",
    "tags",
    "time_estimates",
    "checklists",
    "custom_fields",
    "points",
    "priorities",
)

_WORKFLOWS = (
    (
        ("to do", "open"),
        ("in progress", "custom"),
        ("review", "custom"),
        ("done", "done"),
        ("complete", "closed"),
    ),
    (("Open", "open"), ("Делается", "custom"), ("Закрыто", "closed")),
    (("待办", "open"), ("进行中", "custom"), ("完成 ✅", "closed")),
)

_OPTIONED = (
    ("Frequency", "drop_down", False, ("Daily", "Weekly", "Ежемесячно", "每年")),
    ("Status type", "drop_down", True, ("Lead", "Won <3", "Lost")),
    ("Areas", "labels", False, ("API", "UI", "दस्तावेज़", "Ops, and more")),
)

_PLAIN = (
    ("Reviewers", "users"),
    ("Go-live", "date"),
    ("Effort", "number"),
    ("Budget", "currency"),
    ("Summary", "text"),
    ("Approved", "checkbox"),
    ("Link", "url"),
)


def add_fields(store: Store, random: Random) -> None:
    """Custom fields of every kind a mirror meets often."""
    created = store.clock.now_ms() - 1_500 * MS_PER_DAY
    for name, kind, by_uuid, choices in _OPTIONED:
        options = tuple(
            Option(store.ids.uuid(), choice, random.choice(names.COLORS), index)
            for index, choice in enumerate(choices)
        )
        add_field(store, CustomField(store.ids.uuid(), name, kind, created, options, by_uuid))
    for name, kind in _PLAIN:
        add_field(store, CustomField(store.ids.uuid(), name, kind, created))


def add_field(store: Store, field: CustomField) -> None:
    """A custom field; a space shows it only when it lists it."""
    store.fields[field.id] = field


def add_places(store: Store, random: Random, spaces: int, unwalked: int, private: int, lists: int) -> None:
    """Lists, spread over the spaces, some in folders; every eighth list, every fifth folder is archived."""
    for number in range(spaces + unwalked + private):
        walked, hidden = number < spaces, number >= spaces + unwalked
        add_space(store, random, number, walked=walked, private=hidden)
    homes = list(store.spaces.values())
    for number in range(lists if homes else 0):
        _add_list(store, random, homes[number % len(homes)], number)


def add_space(store: Store, random: Random, number: int, *, walked: bool, private: bool) -> Space:
    """A space with one of a few workflows and most of the custom fields."""
    workflow = _WORKFLOWS[number % len(_WORKFLOWS)]
    fields = [field_id for field_id in store.fields if number == 0 or random.random() < 0.8]
    space = Space(
        id=store.ids.number(),
        name=_space_name(number),
        color=random.choice(names.COLORS),
        statuses=tuple(_status(store, index, *step) for index, step in enumerate(workflow)),
        fields=tuple(fields),
        features=FEATURES,
        walked=walked,
        private=private,
    )
    store.spaces[space.id] = space
    return space


def _space_name(number: int) -> str:
    again = number // len(names.SPACES)
    name = names.SPACES[number % len(names.SPACES)]
    return f"{name} {again + 1}" if again else name


def _status(store: Store, index: int, name: str, kind: str) -> Status:
    return Status(f"p{store.ids.number()}", name, names.COLORS[index], index, kind)


def _add_list(store: Store, random: Random, space: Space, number: int) -> None:
    folder_id = None if random.random() < 0.35 else _some_folder(store, random, space)
    place = TaskList(
        id=store.ids.number(),
        name=names.place_name(random, number),
        space_id=space.id,
        folder_id=folder_id,
        hidden_id=store.ids.number(),
        orderindex=number,
        archived=number % 8 == 7,
    )
    store.lists[place.id] = place


def _some_folder(store: Store, random: Random, space: Space) -> str:
    mine = [folder.id for folder in store.folders.values() if folder.space_id == space.id]
    if mine and random.random() < 0.6:
        return random.choice(mine)
    number = len(store.folders)
    name = names.place_name(random, number)
    folder = Folder(store.ids.number(), name, space.id, number, archived=number % 5 == 4)
    store.folders[folder.id] = folder
    return folder.id
