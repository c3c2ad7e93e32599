"""sqlmap, as somebody who attacks the API would run it."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# Its own words for "nothing found"; without them it did not come to its end.
_NOTHING = "all tested parameters do not appear to be injectable"
_FOUND = "sqlmap identified the following injection point"


@dataclass(frozen=True, slots=True)
class Attack:
    """What sqlmap printed, and what it made of it: True found a way in, False none."""

    found: bool
    output: str


def attack(url: str, folder: Path, *, parameters: str, level: int, techniques: str) -> Attack:
    """Tries to inject SQL into these parameters of a URL (of a path: the places marked by `*`).

    `level` is 1 to 5, as `techniques` by sqlmap's letters: B boolean, E error, U union, S stacked, T time.
    Raises AssertionError where sqlmap ends without a verdict.
    """
    command = [
        str(Path(sys.executable).parent / "sqlmap"), "--url", url, "--batch", "--disable-coloring",
        "--dbms", "PostgreSQL", "--output-dir", str(folder), "--flush-session", "--risk", "2",
        "--level", str(level), "--technique", techniques, "--threads", "2", "--time-sec", "2",
        "--timeout", "60", "--ignore-proxy", "--ignore-code", "*",
    ]  # fmt: skip
    if parameters:
        command += ["-p", parameters]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found = _FOUND in done.stdout
    assert found or _NOTHING in done.stdout, done.stdout[-4_000:] + done.stderr[-2_000:]
    return Attack(found, done.stdout)
