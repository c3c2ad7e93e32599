"""A name by which clients reach the socket, also where the path of its folder is too long for one."""

import os
import re
import stat
import tempfile
from pathlib import Path

from app.core.errors import SettingsError
from app.sql.embedded.folder import DataFolder

PORT = 5432
_SOCKET = f"/.s.PGSQL.{PORT}"
# What the smallest address of a socket holds (macOS: 104 bytes; Linux: 108), with the zero at its end.
_LONGEST_BYTES = 103 - len(_SOCKET)
_PREFIX = "clickup-sync-"
_NAME = re.compile(rf"{_PREFIX}[a-z0-9_]+")
_REMEMBERED = "socket_path"


def socket_folder(folder: DataFolder) -> Path:
    """The data folder, which has the socket in it; or a link to it with a shorter path.

    The socket is in the data folder in any case: a link opens it to nobody. Raises SettingsError where the
    folder for temporary files has a long path too.
    """
    if _fits(folder.path):
        return folder.path
    place = Path(tempfile.gettempdir())
    name = (folder.read(_REMEMBERED) or "").strip()
    if _NAME.fullmatch(name) and _leads_to(place / name, folder.path):
        return place / name / "pg"
    made = Path(tempfile.mkdtemp(prefix=_PREFIX))
    link = made / "pg"
    if not _fits(link):
        made.rmdir()
        raise SettingsError(
            f"the path {folder.path} is too long for a socket, and so is {place}. "
            f"Set DATA_DIR, or TMPDIR, to a path of at most {_LONGEST_BYTES - len('/postgres')} bytes"
        )
    link.symlink_to(folder.path)
    folder.write(_REMEMBERED, made.name)
    return link


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= _LONGEST_BYTES


def _leads_to(made: Path, target: Path) -> bool:
    """Whether the folder is ours, closed to others, and has the link; its name alone proves nothing."""
    try:
        found = made.lstat()
        link = (made / "pg").readlink()
    except OSError:
        return False
    is_private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
    return is_private and found.st_uid == os.geteuid() and link == target
