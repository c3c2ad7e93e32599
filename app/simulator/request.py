"""What one request asks, and the ways to refuse it. Reading parameters is as lenient as ClickUp's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """An answer of ClickUp's error shape: `{"err": …, "ECODE": …}` with a status."""

    def __init__(self, status: int, err: str, ecode: str) -> None:
        super().__init__(err)
        self.status = status
        self.err = err
        self.ecode = ecode


def bad_input(what: str) -> Refusal:
    """400: a parameter or a body that makes no sense."""
    return Refusal(400, what, "INPUT_002")


def task_gone() -> Refusal:
    """The one proof of deletion (observed)."""
    return Refusal(404, "Task not found, deleted", "ITEM_013")


def place_gone(kind: str) -> Refusal:
    """404 for a space, folder or list that is not there (any more)."""
    codes = {"list": "SUBCAT_016", "folder": "CAT_014", "space": "PROJ_013"}
    return Refusal(404, f"{kind.capitalize()} not found", codes[kind])


def not_yours() -> Refusal:
    """401 here says nothing about the token: it is about this one object (observed)."""
    return Refusal(401, "Team not authorized", "OAUTH_027")


def others_time() -> Refusal:
    """403: other people's time is not for this token, or one of the people is out of scope (observed)."""
    return Refusal(403, "You do not have access to view others' time entries", "TIMEENTRY_059")


def is_whole(text: str) -> bool:
    """Digits only, and no more of them than an id or an instant has."""
    return text.isascii() and text.isdigit() and len(text) <= 18


@dataclass(frozen=True, slots=True)
class Ask:
    """A request in plain words: `query` holds every value of a parameter, `lag_ms` how old the index is."""

    user_id: int
    oauth: bool = False
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body: Json = field(default_factory=dict)
    lag_ms: int = 0

    def one(self, name: str) -> str | None:
        """The last value given, None when absent or empty."""
        values = self.query.get(name, ())
        return values[-1] if values and values[-1] else None

    def many(self, *names: str) -> frozenset[str]:
        """All values under any of these names; comma lists count as many."""
        given = (value for name in names for value in self.query.get(name, ()))
        return frozenset(part for value in given for part in value.split(",") if part)

    def flag(self, name: str) -> bool:
        """True for `true` and `1`, in any case."""
        return (self.one(name) or "").lower() in ("true", "1")

    def number(self, name: str) -> int | None:
        """A whole number, or a refusal of the request."""
        value = self.one(name)
        if value is None:
            return None
        if not is_whole(value.removeprefix("-")):
            raise bad_input(f"{name} must be a number")
        return int(value)

    def page(self) -> int:
        """Counted from 0; a negative one is refused."""
        page = self.number("page") or 0
        if page < 0:
            raise bad_input("Page must be 0 or more")
        return page
