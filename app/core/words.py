"""Numbers in sentences."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 task`, `1,200 tasks`, `3 people`; without `many` an s is added."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
