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


class Stages:
    """Remembers how far each stage is, and passes everything on.

    `seen`: of each stage what is done and the total, None where that is not known.
    """

    def __init__(self, watcher: Progress) -> None:
        self._watcher = watcher
        self.seen: dict[str, tuple[int, int | None]] = {}

    def resume(self, seen: dict[str, tuple[int, int | None]]) -> None:
        """Goes on from what an earlier job had done."""
        for stage, (done, total) in seen.items():
            self.begin(stage, total)
            self.advance(stage, done)

    def begin(self, stage: str, total: int | None, *, per_minute: int | None = None) -> None:
        """A stage that begins again goes on from where it was."""
        self.seen[stage] = (self.seen.get(stage, (0, None))[0], total)
        self._watcher.begin(stage, total, per_minute=per_minute)

    def advance(self, stage: str, by: int = 1) -> None:
        """So many items of the stage are done."""
        done, total = self.seen.get(stage, (0, None))
        self.seen[stage] = (done + by, total)
        self._watcher.advance(stage, by)
