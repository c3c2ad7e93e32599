"""Numbers in sentences."""

from collections.abc import Mapping


def pluralize(number: int, one: str, many: str | None = None) -> str:
    """`1 task`, `1,200 tasks`, `3 people`; without `many` an s is added."""
    return f"{number:,} {noun(number, one, many)}"


def noun(number: int, one: str, many: str | None = None) -> str:
    """The noun alone."""
    return one if number == 1 else many or f"{one}s"


def by_table(rows: Mapping[str, int]) -> str:
    """`5 in comments, 2 in tasks`."""
    return ", ".join(f"{number:,} in {table}" for table, number in sorted(rows.items()))
