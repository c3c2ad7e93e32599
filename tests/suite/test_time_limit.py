"""A test that hangs ends, and it is told where everything stood."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import command

_HANGS = '''
import asyncio, threading

async def test_hangs():
    """In a task, while another thread does something else."""
    threading.Thread(target=lie_down, daemon=True).start()
    await asyncio.gather(wait_for_ever())

def lie_down():
    threading.Event().wait()

async def wait_for_ever():
    await asyncio.Event().wait()
'''


@pytest.mark.parametrize("words", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_where_a_test_hung_is_told(tmp_path: Path, words: tuple[str, ...]) -> None:
    """The stacks of all threads and of tasks that wait, with xdist too; the test has failed."""
    (tmp_path / "test_hanging.py").write_text(_HANGS)
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n")
    settings = ["-c", str(command.ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), "--timeout", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *settings, *words, str(tmp_path)],
        cwd=tmp_path, env=command.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"Failed: Timeout", done.stdout)
    for line in ("in lie_down", "in wait_for_ever", "in test_hangs"):
        assert line in done.stdout, done.stdout


def test_each_test_has_a_limit(request: pytest.FixtureRequest) -> None:
    """Long enough for a slow machine."""
    assert float(request.config.getini("timeout")) >= 300
