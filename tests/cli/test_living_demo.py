"""The demo on a terminal: its workspace goes on living, its page shows it, and Ctrl-C ends all of it."""

import os
import pty
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.cli import command


@dataclass(slots=True)
class Terminal:
    """A terminal with the demo in it. `shown`: all that stood on it so far."""

    process: "subprocess.Popen[bytes]"
    screen: int
    shown: str = ""

    def read_until(self, pattern: str, seconds: float = 300) -> str:
        """Reads on until the pattern stands there; what fits it."""
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, self.shown)):
            assert time.monotonic() < until and self.process.poll() is None, self.shown
            self.shown += os.read(self.screen, 65_536).decode("utf-8", "replace")
        return found[0]


@contextmanager
def terminal(folder: Path, *words: str, **settings: str) -> Iterator[Terminal]:
    """The command with a terminal for its standard output."""
    screen, inner = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "demo", "--data-dir", str(folder / "demo"), *words],
        cwd=folder, env=command.environment(**settings), stdin=inner, stdout=inner, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(inner)
    try:
        yield Terminal(process, screen)
    finally:
        process.kill()
        process.wait()
        os.close(screen)
        command.run(folder, "database", "--stop", "--data-dir", str(folder / "demo"))


def browser(folder: Path) -> str:
    """A browser that writes down where it was sent."""
    program = folder / "browser"
    program.write_text(f'#!/bin/sh\necho "$1" > "{folder}/opened"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


def wait_for(condition: Callable[[], object], seconds: float = 300) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.1)


@pytest.mark.slow
def test_on_a_terminal_the_demo_lives_until_ctrl_c(open_folder: Path) -> None:
    """It says the address and opens it; changes arrive; it ends at once, well, and leaves no process."""
    with terminal(open_folder, "--tasks", "30", BROWSER=browser(open_folder)) as demo:
        url = demo.read_until(r"http://127\.0\.0\.1:[0-9]+/")
        demo.read_until("Press Ctrl-C to stop")
        assert "What is here" in demo.shown and "psql" in demo.shown
        opened = open_folder / "opened"
        wait_for(opened.exists)
        assert opened.read_text().strip() == url
        page = httpx2.get(url, headers={"Accept": "text/html"})
        assert page.status_code == 200 and "Overview" in page.text
        listing = "tasks?sort=-updated&limit=3"
        before = httpx2.get(url + listing).json()["tasks"]
        wait_for(lambda: httpx2.get(url + listing).json()["tasks"] != before)
        demo.process.send_signal(signal.SIGINT)
        demo.read_until("Ended")
        assert demo.process.wait(120) == 0
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url)
    assert not simulators(open_folder)


@pytest.mark.slow
def test_once_means_once(open_folder: Path) -> None:
    """On a terminal too: it ends when it has shown what arrived, and opens nothing."""
    with terminal(open_folder, "--tasks", "20", "--once", BROWSER=browser(open_folder)) as demo:
        demo.read_until("Stop the server")
        assert demo.process.wait(20) == 0
    assert "http://127" not in demo.shown and not (open_folder / "opened").exists()
    assert not simulators(open_folder)


def simulators(folder: Path) -> list[str]:
    """Simulators that a demo in this folder left behind."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve() == folder and b"simulator" in (process / "cmdline").read_bytes():
                found.append(process.name)
        except OSError:  # it has ended meanwhile
            continue
    return found
