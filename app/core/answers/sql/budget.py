"""What all steps of a statement may have together.

What the steps of a row make stays in memory until the row ends: those of 90 columns, or of nested calls, add
up, and so do constants that are computed while planning. PostgreSQL has no setting for that memory.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.core.answers.sql.rules import MOST_BYTES
from app.core.answers.sql.sizes import STORED

# Bytes that all steps of a statement are given and make, if each has the largest values that it may have. As
# memory it is up to six times as much (measured on PostgreSQL 18), where parts of arrays and documents are
# counted as `at_most` does.
MOST_TOGETHER = 40_000_000
_LEAST_SHARE = 1 / 10_000


@dataclass(slots=True)
class Budget:
    """What a statement leaves to each of its steps: its share of the sizes that the rules name.

    `is_long`: it has very many steps. `checks_columns`: columns of views are checked, too.
    `gathers_little`: it has but a few aggregates that keep what they are given. `together`: bytes that all
    steps so far may have.
    """

    share: float
    is_long: bool
    checks_columns: bool
    gathers_little: bool
    together: float = 0

    def add(self, sizes: Iterable[int]) -> None:
        """Counts what a step may be given and make; of columns, what they are thought to have at most."""
        largest = MOST_BYTES * (self.share if self.checks_columns else 1)
        self.together += sum(largest if size >= STORED else size for size in sizes)

    def is_kept(self) -> bool:
        """Whether the steps have no more together than they may."""
        return self.together <= MOST_TOGETHER

    def narrowed(self) -> "Budget | None":
        """With less for each step; None where there are too many of them."""
        share = 0.9 * self.share * MOST_TOGETHER / max(self.together, MOST_TOGETHER)
        return replace(self, share=share, checks_columns=True, together=0) if share > _LEAST_SHARE else None
