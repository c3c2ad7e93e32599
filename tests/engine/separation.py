"""Two workspaces in one database, and whether an answer about one tells anything of the other."""

import re
from dataclasses import dataclass
from typing import Any

from app.context import open_database
from app.http.credentials import create_credential
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.threads import in_own_thread

_SHORTEST = 4
# Everything by which a row of a workspace could be recognized: ids, titles, names and texts.
_WORDS = """
    SELECT workspace_id AS word FROM workspaces WHERE workspace_id = %(id)s
    UNION SELECT name FROM workspaces WHERE workspace_id = %(id)s
    UNION SELECT space_id FROM spaces WHERE workspace_id = %(id)s
    UNION SELECT name FROM spaces WHERE workspace_id = %(id)s
    UNION SELECT folder_id FROM folders WHERE workspace_id = %(id)s
    UNION SELECT name FROM folders WHERE workspace_id = %(id)s
    UNION SELECT list_id FROM lists WHERE workspace_id = %(id)s
    UNION SELECT name FROM lists WHERE workspace_id = %(id)s
    UNION SELECT clickup_task_id FROM tasks WHERE workspace_id = %(id)s
    UNION SELECT title FROM tasks WHERE workspace_id = %(id)s
    UNION SELECT clickup_entry_id FROM time_entries WHERE workspace_id = %(id)s
    UNION SELECT clickup_comment_id FROM comments WHERE workspace_id = %(id)s
    UNION SELECT run_id::text FROM runs WHERE workspace_id = %(id)s
    UNION SELECT clickup_user_id FROM memberships WHERE workspace_id = %(id)s
    UNION SELECT employee_id::text FROM memberships WHERE workspace_id = %(id)s
    UNION SELECT e.name FROM memberships AS m JOIN employees AS e USING (clickup_user_id)
        WHERE m.workspace_id = %(id)s
"""


@dataclass(slots=True)
class Separated:
    """Two mirrors in one database."""

    first: Mirror
    second: Mirror

    @property
    def both(self) -> tuple[tuple[Mirror, Mirror], ...]:
        """Each of them, with the other one."""
        return (self.first, self.second), (self.second, self.first)

    async def make_key(self, *mirrors: Mirror, scope: Any = "write") -> str:
        """The secret of a key that is limited to these."""

        async def make() -> str:
            async with open_database(self.first.settings()) as database:
                ids = [mirror.sim.team_id for mirror in mirrors]
                made = await create_credential(
                    database, "api_key", f"limited {'-'.join(ids)}", scope=scope, workspace_ids=ids
                )
            return made[0]

        return await in_own_thread(make())


async def make_separated(make_mirror: MakeMirror) -> Separated:
    """Both synced, with a day's snapshot."""
    made = [make_mirror(small_world(seed, tasks=16)) for seed in (1, 2)]
    for mirror, name in zip(made, ("Birch & Sons", "Maple Works"), strict=True):
        await mirror.sync("incremental")
        await mirror.sync("snapshot")
        mirror.rows("UPDATE workspaces SET name = %s WHERE workspace_id = %s", name, mirror.sim.team_id)
    return Separated(*made)


def words_of(mirror: Mirror) -> set[str]:
    """All by which rows of this workspace may be recognized."""
    query = _WORDS.replace("%(id)s", "'" + mirror.sim.team_id + "'")
    return {row["word"] for row in mirror.rows(query) if row["word"] and len(row["word"]) >= _SHORTEST}


@dataclass(frozen=True, slots=True)
class Detector:
    """Finds what only the other workspace has."""

    pattern: re.Pattern[str]

    @classmethod
    def of(cls, other: Mirror, own: Mirror) -> "Detector":
        words = words_of(other) - words_of(own)
        assert len(words) > 40
        ordered = sorted(map(re.escape, words), key=len, reverse=True)
        return cls(re.compile(rf"(?<!\w)(?:{'|'.join(ordered)})(?!\w)"))

    def found(self, text: str) -> list[str]:
        """What is told of the other workspace."""
        return self.pattern.findall(text)
