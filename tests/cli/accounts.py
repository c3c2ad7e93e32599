"""Programs that another user of the same machine runs."""

import os
import pwd
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli import command

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run programs as another user")
nobody = pwd.getpwnam("nobody")


def as_nobody(command: list[str], **options: Any) -> "subprocess.CompletedProcess[str]":
    """Runs a program to its end, as a user who owns nothing here."""
    return subprocess.run(
        command,
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        **{"cwd": "/", **options},
    )


# Python itself may be in a folder that is closed to others: it becomes the other user when all is loaded.
_BECOME = """
import os, sys, encodings.idna, pwd
import app.cli.database, app.sql.embedded, app.config, psutil, psycopg, dotenv, rich.table
from app.cli.main import main
os.setgroups([]); os.setgid({gid}); os.setuid({uid})
sys.exit(main())
"""


def command_as_nobody(folder: Path, *words: str, **settings: Any) -> "subprocess.CompletedProcess[str]":
    """Runs `clickup-sync` in this folder to its end, as that user."""
    code = _BECOME.format(uid=nobody.pw_uid, gid=nobody.pw_gid)
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder,
        env=command.environment(**settings),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def give_to_nobody(path: Path) -> None:
    os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777
