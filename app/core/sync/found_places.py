"""What a walk of the hierarchy found, and what it has still to ask for."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.core.clickup.models import Place, PlaceKind

PlaceLevel = Literal["spaces", "folders", "folderless lists", "lists"]


@dataclass(frozen=True, slots=True)
class PlaceListing:
    """One answer of the walk: the places of one level, archived ones or the others, in a space or folder."""

    level: PlaceLevel
    archived: bool
    space_id: str | None = None
    folder_id: str | None = None


@dataclass(slots=True)
class Places:
    """What a walk found, by `key_of`. `whole`: nothing on the way was denied. `pending`: what is still to be
    asked for. `asked_at`: before its first request.
    """

    by_key: dict[str, Place] = field(default_factory=dict)
    whole: bool = True
    pending: list[PlaceListing] = field(default_factory=list)
    asked_at: datetime | None = None

    def add(self, place: Place) -> None:
        """Takes a place in; seen twice, the archived reading stays."""
        key = key_of(place.kind, place.place_id)
        known = self.by_key.get(key)
        if known is None or (place.archived and not known.archived):
            self.by_key[key] = place

    def of(self, kind: PlaceKind) -> list[Place]:
        """All places of one kind."""
        return [place for place in self.by_key.values() if place.kind == kind]

    def hidden_lists(self) -> list[Place]:
        """Lists whose tasks the workspace's listing leaves out: archived, or in something archived."""
        return [place for place in self.of("list") if self._is_hidden(place)]

    def _is_hidden(self, place: Place) -> bool:
        above = [
            self.by_key.get(key_of("folder", place.folder_id or "")),
            self.by_key.get(key_of("space", place.space_id or "")),
        ]
        return place.archived or any(higher.archived for higher in above if higher)


def key_of(kind: str, place_id: str) -> str:
    """A place among those of all kinds; places of a kind have ids of their own."""
    return f"{kind} {place_id}"
