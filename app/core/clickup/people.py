"""People as ClickUp shows them: in member lists, on tasks, entries and comments."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.core.clickup.fields import Fields
from app.core.clickup.models import Member
from app.core.clickup.values import Json, excerpt, identifier, integer, mapping, objects, text
from app.core.errors import MalformedObject

# Source: ClickUp's document of the Get Authorized Workspaces call.
_ROLES = {1: "owner", 2: "admin", 3: "member", 4: "guest"}


@dataclass(frozen=True, slots=True)
class Person:
    """Anybody with an id. Somebody invited has no username yet (observed): their e-mail stands in."""

    id: str
    name: str
    email: str | None


def read_person(value: Any) -> Person | None:
    """A person object, or a bare id; None for anything else."""
    if not isinstance(value, dict):
        bare = identifier(value)
        return Person(bare, bare, None) if bare and bare != "-1" else None
    user_id = identifier(value.get("id"))
    if user_id is None:
        return None
    email = _named(value.get("email"))
    return Person(user_id, _named(value.get("username")) or email or user_id, email)


def given_person(value: Any) -> Person | None:
    """As `read_person`, for what may be nobody. Raises ValueError for what is neither."""
    found = read_person(value)
    if found is None and value not in (None, "", -1, "-1", {}):
        instead = "one without an id" if isinstance(value, dict) else excerpt(value)
        raise ValueError(f"expected a person, found {instead}")
    return found


def listed_person(value: Any) -> Person | None:
    """As `given_person`, for one of a list: a bare text is nobody's id."""
    if isinstance(value, str) and not value.isdecimal():
        raise ValueError(f"expected a person, found {excerpt(value)}")
    return given_person(value)


def read_members(workspace: Json) -> Iterator[Member | MalformedObject]:
    """Everybody in a workspace's `members`, each as often as listed."""
    for item in objects(workspace.get("members")):
        user = mapping(item.get("user")) or item
        person, fields = read_person(user), Fields(user)
        if person is None:
            yield MalformedObject("member", "", "it has no id")
            continue
        for name in ("username", "email"):
            fields.read(name, text, None)
        role = fields.read("role", _role, None)
        yield Member(person.id, person.name, person.email, role, fields.unreadable)


def _role(value: Any) -> str | None:
    """The role's name; one that is no number is taken for a name."""
    if isinstance(value, str) and not value.strip().lstrip("-").isdecimal():
        return text(value) or None
    role = integer(value)
    return None if role is None else _ROLES.get(role, f"custom ({role})")


def _named(value: Any) -> str | None:
    try:
        return (text(value) or "").strip() or None
    except ValueError:
        return None
