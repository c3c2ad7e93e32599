"""How far a list is worked through whose items are begun in order and done in any."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Position:
    """All items up to `after` are done, and of those behind it the ones in `beyond`.

    `after` None: none is done yet. `changed_at`: of lists by date and id, the date of the item `after`.
    """

    after: str | None = None
    changed_at: datetime | None = None
    beyond: set[str] = field(default_factory=set)

    def behind(self, ids: Iterable[str]) -> list[str]:
        """Of ids that are worked through in their own order, those that come after the position."""
        return sorted({one for one in ids if self.after is None or one > self.after})

    def is_done(self, item_id: str) -> bool:
        """Whether an item that comes after the position is done all the same."""
        return item_id in self.beyond


@dataclass(slots=True)
class OrderedWork:
    """Moves a position on. An item that is begun and not done keeps it from moving past."""

    position: Position
    _begun: dict[str, datetime | None] = field(default_factory=dict)

    def begin(self, item_id: str, changed_at: datetime | None = None) -> None:
        """An item is worked on; to be called in order."""
        self._begun[item_id] = changed_at

    def finish(self, item_id: str) -> None:
        """An item is done: what was read of it is committed, or it is passed over for good."""
        position = self.position
        position.beyond.add(item_id)
        while self._begun and (first := next(iter(self._begun))) in position.beyond:
            position.beyond.discard(first)
            position.after, position.changed_at = first, self._begun.pop(first)
