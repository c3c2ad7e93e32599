"""Where the mirror is in its database: the schema of its tables, that of its views, and the views' reader."""

import re
from dataclasses import dataclass

# PostgreSQL cuts names at 63 bytes; the reader's name is that of the views behind 20 of its own.
_LONGEST = 40
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Schemas:
    """The schema of the tables, and that of the views. Two installations in one database share neither."""

    tables: str = "public"
    views: str = "mirror"

    @property
    def jobs(self) -> str:
        """The schema of the job queue's tables, which are Procrastinate's."""
        return "clickup_jobs" if self.tables == "public" else f"{self.tables}_jobs"

    @property
    def reader(self) -> str:
        """The role that may read the views; of its own for each name, so that nobody reads another's."""
        return "clickup_sync_reader" if self.views == "mirror" else f"clickup_sync_reader_{self.views}"


def schema_name(name: str) -> str:
    """The name of a schema as it may be set. Raises ValueError with why not."""
    if not _NAME.fullmatch(name):
        raise ValueError("a schema's name has letters of a to z, digits and underscores, and no digit first")
    if len(name) > _LONGEST:
        raise ValueError(f"a schema's name may have {_LONGEST} characters here")
    if name.lower().startswith("pg_") or name.lower() == "information_schema":
        raise ValueError("PostgreSQL reserves this name")
    return name


def plain(name: str) -> str:
    """A name as people write it in SQL: in quotes only where PostgreSQL would read another name without."""
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'
