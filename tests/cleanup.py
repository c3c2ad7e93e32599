"""Ends what a run of tests started, as soon as the run has ended: also when it was interrupted or killed.

Each pytest process marks its environment, and so that of all programs that it starts. Another process waits
for its end, ends every program that has the mark, and removes the folders that are named by it.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from secrets import token_hex

import psutil

MARK = "CLICKUP_SYNC_TEST_RUN"
_ROUNDS, _PATIENCE_SECONDS = 20, 20
_MEMORY = Path("/dev/shm")
_ENOUGH_MEMORY_BYTES = 4 * 1024**3


def new_folder() -> Path:
    """A temporary folder of this run; in memory if there is enough, as most tests copy a database."""
    in_memory = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ENOUGH_MEMORY_BYTES
    place = _MEMORY if in_memory else None
    return Path(tempfile.mkdtemp(prefix=f"mirror-tests-{os.environ[MARK]}-", dir=place))


def folders(mark: str) -> list[Path]:
    """Those of a run that are left."""
    places = (Path(tempfile.gettempdir()), _MEMORY)
    return [folder for place in places for folder in place.glob(f"mirror-tests-{mark}-*")]


def begin() -> "subprocess.Popen[bytes]":
    """Marks this process; the pipe to the one that is returned closes when this one ends, however it ends."""
    unmarked = {name: value for name, value in os.environ.items() if name != MARK}
    os.environ[MARK] = token_hex(4)
    return subprocess.Popen(
        [sys.executable, __file__, os.environ[MARK]],
        stdin=subprocess.PIPE,
        env=unmarked,
        start_new_session=True,  # Ctrl-C reaches the terminal's whole process group
    )


def marked(mark: str) -> list[psutil.Process]:
    """The processes that run now and were started by that run."""
    return [process for process in psutil.process_iter() if _mark_of(process) == mark]


def _mark_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except (psutil.Error, OSError):  # it has just ended, or is another user's
        return None


def _end(process: psutil.Process) -> None:
    try:
        # So PostgreSQL ends at once, with its children; its data is thrown away.
        process.send_signal(signal.SIGQUIT if process.name() == "postgres" else signal.SIGKILL)
    except psutil.NoSuchProcess:
        return


def clean_up(mark: str) -> None:
    """Again and again, because one that ends may have started another just before."""
    for _ in range(_ROUNDS):
        found = marked(mark)
        if not found:
            break
        for process in found:
            _end(process)
        _, running = psutil.wait_procs(found, timeout=_PATIENCE_SECONDS)
        for process in running:
            process.kill()
    for folder in folders(mark):
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.stdin.buffer.read()
    clean_up(sys.argv[1])
