"""Answers spoilt on purpose: rows missing, false flags, junk and odd types. Works on decoded JSON."""

from collections.abc import Callable
from random import Random
from typing import Any

from app.simulator.faults import Action, Rule
from app.simulator.request import Ask, Json

_ROWS = ("tasks", "data", "comments", "spaces", "folders", "lists", "teams", "webhooks")

JUNK: tuple[Any, ...] = (None, 17, "row", [], {}, {"id": None}, {"id": {"nested": 1}}, True)


def corrupt(answer: Any, strokes: dict[Action, Rule], random: Random, ask: Ask) -> Any:
    """The answer after every stroke that concerns its content."""
    for action, rule in strokes.items():
        change = _SPOILERS.get(action)
        if change is not None and isinstance(answer, dict):
            answer = change(answer, rule, random, ask)
    return answer


def spoils(strokes: dict[Action, Rule]) -> bool:
    """Whether any stroke concerns the content of an answer."""
    return any(action in _SPOILERS for action in strokes)


def _rows_of(answer: Json) -> str | None:
    return next((key for key in _ROWS if isinstance(answer.get(key), list)), None)


def _miss_rows(answer: Json, rule: Rule, random: Random, ask: Ask) -> Json:
    key = _rows_of(answer)
    if key is None:
        return answer
    return answer | {key: [row for row in answer[key] if random.random() >= rule.amount]}


def _repeat_rows(answer: Json, rule: Rule, random: Random, ask: Ask) -> Json:
    key = _rows_of(answer)
    if key is None:
        return answer
    rows = [row for row in answer[key] for _ in range(2 if random.random() < rule.amount else 1)]
    return answer | {key: rows[: len(answer[key])]}


def _false_last_page(answer: Json, rule: Rule, random: Random, ask: Ask) -> Json:
    return answer | {"last_page": True} if "tasks" in answer else answer


def _no_last_page(answer: Json, rule: Rule, random: Random, ask: Ask) -> Json:
    return {key: value for key, value in answer.items() if key != "last_page"}


def _cap_archived(answer: Json, rule: Rule, random: Random, ask: Ask) -> Json:
    if "tasks" not in answer or not ask.flag("archived"):
        return answer
    rows = answer["tasks"] if ask.page() == 0 else []
    return answer | {"tasks": rows, "last_page": True}


def _garbage(answer: Json, rule: Rule, random: Random, ask: Ask) -> Json:
    key = _rows_of(answer)
    if key is None:
        return answer
    rows = list(answer[key])
    for junk in JUNK:
        rows.insert(random.randint(0, len(rows)), junk)
    return answer | {key: rows}


def _distort(answer: Json, rule: Rule, random: Random, ask: Ask) -> Json:
    key = _rows_of(answer)
    if key is None:
        return answer
    return answer | {key: [_distorted(row, random) for row in answer[key]]}


def _distorted(row: Any, random: Random) -> Any:
    if not isinstance(row, dict):
        return row
    odd = {name: random.choice(choices) for name, choices in _ODD.items() if name in row}
    return row | {name: value for name, value in odd.items() if random.random() < 0.3}


_ODD: dict[str, tuple[Any, ...]] = {
    "status": ({"status": "???", "type": "mystery", "color": None, "orderindex": "x"}, "open", None),
    "priority": ({"id": "9", "priority": "cosmic"}, 2, "high"),
    "assignees": (None, [None, "someone"], {}),
    "tags": (None, ["text", None], {"name": "x"}),
    "points": ("3.5", "many", []),
    "time_estimate": ("5400000", 1.2, "soon"),
    "custom_fields": (None, [None, {"id": None}, {"id": "odd", "name": 3, "type": None, "value": {"a": []}}]),
    "task": ("0", None, 0, []),
    "duration": ("abc", None),
    "due_date": ("tomorrow", "-1", 10**15),
    "reply_count": (None, "x", 1),
    "assignee": ("someone", 5),
    "comment": (None, "text", [None, {"text": {}}, {"type": 7}, {"type": "table-embed"}]),
    "group_assignee": ("g-odd", {"name": "Odd"}, []),
    "reactions": (None, "x", [None, "1F44D", {"reaction": {}}]),
    "members": (None, [None, {"user": None}, 3]),
    "folder": (None, "hidden", {"id": None}),
}

_SPOILERS: dict[Action, Callable[[Json, Rule, Random, Ask], Json]] = {
    "miss_rows": _miss_rows,
    "repeat_rows": _repeat_rows,
    "false_last_page": _false_last_page,
    "no_last_page": _no_last_page,
    "cap_archived": _cap_archived,
    "garbage": _garbage,
    "distort": _distort,
}
