"""The named queries of `sql/queries/`, read from their files."""

import re
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "sql" / "queries"
_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def load_queries() -> dict[str, str]:
    """Every query's text by its name; a name given twice is an error."""
    queries: dict[str, str] = {}
    for file in sorted(_FOLDER.glob("*.sql")):
        _, *parts = _NAME.split(file.read_text(encoding="utf-8"))
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            if name in queries:
                raise ValueError(f"two queries are named {name}")
            queries[name] = text.strip()
    return queries
