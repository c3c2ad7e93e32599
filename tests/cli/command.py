"""The real command, as a process of its own with an environment that the test controls."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.cleanup import MARK

ROOT = Path(__file__).parents[2]
# What any program needs, and nothing that is a setting.
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT", MARK)


def environment(**settings: Any) -> dict[str, str]:
    """A bare environment with these settings."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    named = {name.upper(): str(value) for name, value in settings.items() if value is not None}
    return kept | {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "PYTHONUNBUFFERED": "1"} | named


def run(
    folder: Path, *words: str, timeout: float = 300, **settings: Any
) -> "subprocess.CompletedProcess[str]":
    """Runs `clickup-sync` in this folder to its end."""
    return subprocess.run(
        [sys.executable, "-m", "app", *words],
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def start(folder: Path, *words: str, **settings: Any) -> "subprocess.Popen[str]":
    """Starts `clickup-sync` in this folder and does not wait."""
    return subprocess.Popen(
        [sys.executable, "-m", "app", *words],
        cwd=folder,
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
