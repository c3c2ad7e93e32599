"""What a campaign found: figures, and a sentence for each claim that does not hold."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.table import Table


@dataclass(slots=True)
class Report:
    """Figures in the order in which they were found. `failures`: claims that do not hold. `statements`: how
    often a cycle sends each, and the ms that it costs a cycle.
    """

    figures: list[tuple[str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    statements: list[tuple[str, float, float]] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str = "") -> None:
        """A figure that is good whatever it is."""
        self.figures.append((name, _written(value, unit)))

    def claim(self, sentence: str, holds: bool, found: str) -> None:
        """A claim, whether it holds, and what was found."""
        self.figures.append((sentence, f"{'yes' if holds else 'NO'}: {found}"))
        if not holds:
            self.failures.append(f"Does not hold: {sentence}. Found: {found}.")

    def as_table(self, title: str) -> Table:
        """One line for each figure."""
        return _table(title, ("found",), self.figures)

    def statements_as_table(self) -> Table:
        """One line for each of the most frequent statements."""
        rows = [(name[:80], f"{number:.2f}", f"{ms:.2f}") for name, number, ms in self.statements]
        return _table("The statements that cost most", ("a cycle", "ms a cycle"), rows)


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*row)
    return table


def _written(value: float, unit: str) -> str:
    number = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.2f}"
    return f"{number} {unit}".strip()
