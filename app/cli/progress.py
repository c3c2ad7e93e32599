"""Watching a sync: bars on a terminal, lines elsewhere."""

from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from app.core.answers.formats import Formats

_WORTH_A_WARNING_MINUTES = 1.0


def duration(minutes: float, formats: Formats) -> str:
    """A length of time as people say it."""
    if minutes < 1:
        return "less than a minute"
    if minutes < 90:
        return f"about {minutes:.0f} minutes"
    return f"about {formats.number(minutes / 60, 1)} hours"


class Remaining(ProgressColumn):
    """What is left, at the pace so far or at the pace that the rate limit allows, whichever is slower.

    The budget of a minute is often spent in its first seconds: the pace of the last moment would
    promise too much and then too little.
    """

    max_refresh = 1.0

    def render(self, task: Task) -> Text:
        """`0:12:30`, or a dash while there is nothing to go by."""
        seconds = remaining_seconds(
            task.completed, task.total, task.elapsed or 0.0, task.fields.get("per_minute")
        )
        return Text("-" if seconds is None else str(timedelta(seconds=round(seconds))), style="cyan")


def remaining_seconds(
    done: float, total: float | None, elapsed: float, per_minute: int | None
) -> float | None:
    """Seconds until `total` items are done; None when nobody can know."""
    if total is None or (not done and not per_minute):
        return None
    paces = [done / elapsed] if done and elapsed else []
    paces += [per_minute / 60] if per_minute else []
    return (total - done) / min(paces) if paces else None


class ProgressBars:
    """Implements `core.progress.Progress` with a bar a stage, on standard error."""

    def __init__(self, console: Console, formats: Formats) -> None:
        self._console = console
        self._formats = formats
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<16}", markup=False),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("remaining", markup=False),
            Remaining(),
            console=console,
        )
        self._stages: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Starts drawing, on a terminal."""
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops drawing."""
        if self._console.is_terminal:
            self._bars.stop()

    def begin(self, stage: str, total: int | None, *, per_minute: int | None = None) -> None:
        """Adds the stage's bar; where the rate limit makes it long, says so first."""
        number = self._formats.number
        if total and per_minute and total / per_minute > _WORTH_A_WARNING_MINUTES:
            self._console.print(
                f"{stage}: {number(total)} reads at {number(per_minute)} requests a minute take "
                f"{duration(total / per_minute, self._formats)}. You can stop at any time; the next sync "
                "continues."
            )
        if stage in self._stages:
            self._bars.update(self._stages[stage], total=total, per_minute=per_minute)
        else:
            self._stages[stage] = self._bars.add_task(stage, total=total, per_minute=per_minute)
        if not self._console.is_terminal:
            self._console.print(f"{stage} ..." if total is None else f"{stage}: {number(total)} ...")

    def advance(self, stage: str, by: int = 1) -> None:
        """Moves the stage's bar; a bar that outgrows its total grows with it."""
        if stage not in self._stages:
            self.begin(stage, None)
        bar = self._stages[stage]
        self._bars.advance(bar, by)
        task = self._bars.tasks[bar]
        if task.total is not None and task.completed > task.total:
            self._bars.update(bar, total=task.completed)
