"""A run of tests that is interrupted leaves no program running."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.cleanup import MARK, folders, marked
from tests.cli import command
from tests.dashboard.browser import CHROMIUM
from tests.engine.pooler import BOUNCER
from tests.engine.test_resume import wait_until
from tests.suite import interrupted

# Longer than a slow machine takes.
_SECONDS = 240


@contextmanager
def running(folder: Path, *words: str) -> "Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]":
    """Such a run, when everything in it runs, and what it told."""
    told = folder / "told.json"
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words, interrupted.__file__],
        cwd=command.ROOT, env=os.environ | {interrupted.TOLD: str(told)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        wait_until(lambda: told.exists() or run.poll() is not None, _SECONDS)
        assert told.exists(), run.communicate()[0]
        yield run, json.loads(told.read_text())
    finally:
        run.kill()
        run.communicate()


def press_ctrl_c(run: "subprocess.Popen[str]", told: dict[str, Any]) -> None:
    os.killpg(run.pid, signal.SIGINT)


def terminate(run: "subprocess.Popen[str]", told: dict[str, Any]) -> None:
    run.terminate()


def kill_the_process_of_the_test(run: "subprocess.Popen[str]", told: dict[str, Any]) -> None:
    os.kill(told["pid"], signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("-n", "1")], ids=["alone", "xdist"])
@pytest.mark.parametrize("interrupt", [press_ctrl_c, terminate, kill_the_process_of_the_test])
def test_nothing_is_left_running(
    tmp_path: Path,
    words: tuple[str, ...],
    interrupt: "Callable[[subprocess.Popen[str], dict[str, Any]], None]",
) -> None:
    """No PostgreSQL, simulator, pooler or browser, and no folder of theirs; the run itself ends as well."""
    with running(tmp_path, *words) as (run, told):
        names = set(told["processes"].values())
        assert names >= expected() and "python" in "".join(names)
        interrupt(run, told)
        run.wait(_SECONDS)
        wait_until(lambda: not still_there(told), _SECONDS)


def expected() -> set[str]:
    """Which programs run where they are installed."""
    programs = {"postgres": True, "pgbouncer": bool(BOUNCER), "chromium": CHROMIUM.exists()}
    return {name for name, is_here in programs.items() if is_here}


def still_there(told: dict[str, Any]) -> list[object]:
    return [
        *marked(told["mark"]),
        *(pid for pid in map(int, told["processes"]) if psutil.pid_exists(pid)),
        *folders(told["mark"]),
    ]


def test_programs_of_a_test_are_marked() -> None:
    """So that they are found, whoever started them, and this process too is marked."""
    assert command.environment()[MARK] == os.environ[MARK]
