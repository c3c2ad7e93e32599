"""How long work tells that it goes on."""

from typing import Protocol


class Progress(Protocol):
    """Who wants to watch a sync. `stage` is a word for people: places, tasks, time, comments."""

    def begin(self, stage: str, total: int | None, *, per_minute: int | None = None) -> None:
        """A stage begins with so much to do, if that is known.

        `per_minute`: requests the budget allows; each item of the stage costs about one.
        """

    def advance(self, stage: str, by: int = 1) -> None:
        """So many items of the stage are done."""


class Silent:
    """Nobody watches."""

    def begin(self, stage: str, total: int | None, *, per_minute: int | None = None) -> None:
        """Says nothing."""

    def advance(self, stage: str, by: int = 1) -> None:
        """Says nothing."""
