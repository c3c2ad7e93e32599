"""What the sessions of a database cost its server, by the server's own accounts."""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.database import connect


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on a processor since a session began, and the most memory it ever had."""

    seconds: float
    megabytes: float


class Backends:
    """Looks at the sessions of one database from another one."""

    def __init__(self, url: str, database: str) -> None:
        self._connection = connect(url, autocommit=True)
        self._database = database

    def close(self) -> None:
        self._connection.close()

    def active(self) -> list[str]:
        """The states of sessions that still do something."""
        return [state for _, state in self._sessions() if state != "idle"]

    def costs(self) -> dict[int, Cost]:
        """By process; of none where the system does not tell (it is told in /proc)."""
        found = {}
        for pid, _ in self._sessions():
            folder = Path(f"/proc/{pid}")
            if folder.exists():
                found[pid] = Cost(_seconds(folder), _megabytes(folder))
        return found

    def _sessions(self) -> list[tuple[int, str]]:
        return self._connection.execute(
            "SELECT pid, coalesce(state, '') FROM pg_stat_activity"
            " WHERE datname = %s AND backend_type = 'client backend'",
            (self._database,),
        ).fetchall()


def _seconds(folder: Path) -> float:
    user, system = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _megabytes(folder: Path) -> float:
    lines = (folder / "status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
