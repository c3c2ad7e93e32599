"""The server's data folder: made for its owner alone, checked before it is trusted, locked while in use."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import SettingsError
from app.sql.embedded.account import Account

if os.name == "posix":
    import fcntl
    import pwd

_PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class DataFolder:
    """An open folder; `descriptor` stays the same folder whatever happens to its path."""

    path: Path
    descriptor: int
    account: Account

    def read(self, name: str) -> str | None:
        """A file's text; None where there is no such file."""
        try:
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self.descriptor)
        except OSError:
            return None
        with os.fdopen(file, encoding="utf-8", errors="replace") as opened:
            return opened.read()

    def write(self, name: str, text: str) -> None:
        """Replaces a file; only the server's account can read it. A link in its place is not followed."""
        new = f"{name}.new"
        with suppress(FileNotFoundError):
            os.unlink(new, dir_fd=self.descriptor)
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self.descriptor)
        with os.fdopen(file, "w", encoding="utf-8") as opened:
            os.fchown(file, self.account.uid, self.account.gid)
            opened.write(text)
        os.rename(new, name, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)


def has_data(data_dir: Path) -> bool:
    """Whether a server ever had its data there."""
    return os.path.lexists(data_dir / "postgres")


@contextmanager
def open_data_folder(data_dir: Path, account: Account) -> Iterator[DataFolder]:
    """The server's folder in DATA_DIR, both made where they are missing; one process at a time has it.

    Raises SettingsError where somebody else could read it or put another one in its place.
    """
    try:
        path, descriptor = _open(data_dir.absolute(), account)
    except OSError as error:
        place = error.filename or data_dir
        raise SettingsError(
            f"{place} cannot be used for the bundled PostgreSQL: {error.strerror or error}. "
            "Set DATA_DIR to a folder of your own"
        ) from error
    try:
        yield DataFolder(path, descriptor, account)
    finally:
        os.close(descriptor)


def _open(data_dir: Path, account: Account) -> tuple[Path, int]:
    me, postgres = os.geteuid(), data_dir / "postgres"
    data_dir.mkdir(_PRIVATE, parents=True, exist_ok=True)
    _check_owner(data_dir, (me, 0))
    _check_that_others_cannot_write(data_dir)
    postgres.mkdir(_PRIVATE, exist_ok=True)
    _check_owner(postgres, (me, 0, account.uid))
    path = postgres.resolve()
    _check_owner(path, (me, account.uid))
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        # The folder itself is the lock: nobody else can open it, and no file of its own is needed.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _make_private(path, descriptor, account)
    except BaseException:
        os.close(descriptor)
        raise
    return path, descriptor


def _make_private(path: Path, descriptor: int, account: Account) -> None:
    found = os.fstat(descriptor)
    if found.st_uid != account.uid:
        if found.st_uid != os.geteuid() or os.listdir(descriptor):
            raise _foreign(path, found.st_uid)
        os.fchown(descriptor, account.uid, account.gid)
    if stat.S_IMODE(found.st_mode) != _PRIVATE:
        os.fchmod(descriptor, _PRIVATE)


def _check_owner(path: Path, owners: tuple[int, ...]) -> None:
    owner = path.lstat().st_uid
    if owner not in owners:
        raise _foreign(path, owner)


def _foreign(path: Path, owner: int) -> SettingsError:
    name = _name_of_user(owner)
    return SettingsError(
        f"{path} belongs to {name}, who could read or change the data. Run clickup-sync as {name}, "
        "or set DATA_DIR to a folder of your own"
    )


def _name_of_user(uid: int) -> str:
    with suppress(KeyError):
        return f"the user {pwd.getpwuid(uid).pw_name}"
    return f"the user {uid}"


def _check_that_others_cannot_write(path: Path) -> None:
    mode = path.stat().st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise SettingsError(
            f"{path} can be changed by every user of this machine (mode {stat.S_IMODE(mode):04o}). "
            f"Run `chmod o-w {path}`, or set DATA_DIR to another folder"
        )
