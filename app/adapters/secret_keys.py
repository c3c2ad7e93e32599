"""Where the keys that encrypt secrets come from: SECRET_KEY, or a file in DATA_DIR that is made once.

The file has one key a line. The last line encrypts and all decrypt, so a new key is appended in one write:
nobody who reads or appends at the same time loses one. It is read anew whenever a key is needed, so that a
running process knows the key that another one has just added.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from app.config import Settings
from app.core.encryption import SecretKeys
from app.core.errors import SettingsError

_NAME = "secret.key"
# A link is refused, and a pipe does not block.
_NO_LINK_OR_PIPE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def read_secret_keys(settings: Settings) -> SecretKeys:
    """The keys there are, perhaps none. Raises SettingsError for a file that others may read or have made."""
    if settings.secret_key:
        return SecretKeys.read(settings.secret_key.get_secret_value().split(","))
    try:
        return _read(settings.data_dir)
    except FileNotFoundError:
        return SecretKeys()


def ensure_secret_keys(settings: Settings) -> SecretKeys:
    """The keys, with one to encrypt: where there is none it is made and stored. Raises SettingsError."""
    keys = read_secret_keys(settings)
    if keys.keys:
        return keys
    with _explained(settings.data_dir):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        _create(settings.data_dir)
    return _read(settings.data_dir)


def add_secret_key(settings: Settings) -> SecretKeys:
    """The keys, with a new one in the file that encrypts from now on. Raises SettingsError."""
    ensure_secret_keys(settings)
    with _explained(settings.data_dir), _path(settings.data_dir).open("ab", buffering=0) as file:
        # The blank line ends what a machine that lost its power may have left unfinished.
        file.write(f"\n{token_hex(32)}\n".encode())
        os.fsync(file.fileno())
    return _read(settings.data_dir)


def describe_source(settings: Settings) -> str:
    """Where the keys come from, in words."""
    return "SECRET_KEY" if settings.secret_key else str(_path(settings.data_dir))


def _path(data_dir: Path) -> Path:
    return data_dir / _NAME


@contextmanager
def _explained(data_dir: Path) -> Iterator[None]:
    """Within, what the file system refuses comes out as a SettingsError that says what to do."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SettingsError(
            f"the key that encrypts secrets cannot be stored in {_path(data_dir)}: {error.strerror}. Give "
            "this user read and write access, or set SECRET_KEY (openssl rand -hex 32)"
        ) from None


def _create(data_dir: Path) -> None:
    """Makes the file whole or not at all; of two processes that do so at once, one makes it."""
    path = _path(data_dir)
    draft = path.with_name(f".{_NAME}.{token_hex(8)}")
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(f"{token_hex(32)}\n".encode())
            file.flush()
            os.fsync(number)
            if _is_root():
                # The service that runs as the folder's owner must be able to read it.
                owner = data_dir.stat()
                os.fchown(number, owner.st_uid, owner.st_gid)
        # Another process may have been faster; then its key counts.
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _read(data_dir: Path) -> SecretKeys:
    path = _path(data_dir)
    with _explained(data_dir):
        number = os.open(path, os.O_RDONLY | _NO_LINK_OR_PIPE)
        with os.fdopen(number, "rb") as file:
            _refuse_unsafe(os.fstat(number), path)
            lines = file.read().decode("ascii", "replace").split()
    if not lines:
        raise SettingsError(f"{path} is empty: restore it from a backup, or remove it to create a new key")
    try:
        return SecretKeys.read(reversed(lines))
    except ValueError as error:
        raise SettingsError(f"{path} is wrong: {error}") from None


def _refuse_unsafe(found: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise SettingsError(f"{path} is not a file: remove it, and a new key is created")
    if os.name != "posix":
        return
    if found.st_mode & 0o077:
        raise SettingsError(f"{path} can be read by others: run chmod 600 {path}")
    owners = {os.geteuid(), path.parent.stat().st_uid} if _is_root() else {os.geteuid()}
    if found.st_uid not in owners:
        raise SettingsError(
            f"{path} belongs to another user (number {found.st_uid}); give it to the user that runs "
            f"clickup-sync, or set SECRET_KEY"
        )


def _is_root() -> bool:
    return os.name == "posix" and os.geteuid() == 0
