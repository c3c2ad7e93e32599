"""A real transaction pooler, as people have it in between."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import Server

BOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def socket_folder(url: str) -> str:
    return parse_qs(urlsplit(url).query)["host"][0]


@contextmanager
def bouncing(server: Server, folder: Path) -> Iterator[str]:
    """A PgBouncer in transaction mode before this server; the URL without a database."""
    if BOUNCER is None:
        pytest.skip("needs the pgbouncer program, which is not installed here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host={socket_folder(server.url)} user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        "pool_mode = transaction\ndefault_pool_size = 6\nmin_pool_size = 6\nserver_round_robin = 1\n"
    )
    # It refuses to be root; the server's own user may walk to the server's socket.
    owner = Path(socket_folder(server.url)).owner()
    as_somebody = ["-u", owner] if os.geteuid() == 0 else []
    log = (folder / "log").open("w")
    process = subprocess.Popen(
        [BOUNCER, *as_somebody, str(folder / "pgbouncer.ini")], stdout=log, stderr=log, cwd=folder
    )
    try:
        _wait_for(port)
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)
        log.close()


def _wait_for(port: int) -> None:
    give_up_at = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < give_up_at, "pgbouncer did not start"
            time.sleep(0.05)
        else:
            return
