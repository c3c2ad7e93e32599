"""How many connections this process can hold: what the settings say, within the files that it may open."""

import sys
from dataclasses import dataclass

if sys.platform != "win32":
    import resource

from app.config import Settings
from app.core.errors import SettingsError
from app.entrance.connections import HttpLimits

# Files of the log, of Python and its libraries, the event loop's own, a PostgreSQL that comes along.
_OWN_FILES = 40
_LARGEST_BACKLOG, _FEWEST_CONNECTIONS = 128, 16


@dataclass(frozen=True, slots=True)
class Capacity:
    """`backlog`: as many connections may come at once, and are open before others are closed for them."""

    connections: int
    backlog: int


def capacity(wanted: int, other_files: int, most_files: int | None) -> Capacity:
    """How many connections fit beside other files, where a process may open `most_files` (None: any number).

    Raises SettingsError where hardly any do.
    """
    if most_files is None:
        return Capacity(wanted, _LARGEST_BACKLOG)
    room = most_files - other_files
    backlog = min(_LARGEST_BACKLOG, room // 4)
    connections = min(wanted, room - backlog)
    if connections < min(wanted, _FEWEST_CONNECTIONS):
        raise SettingsError(
            f"this process may open {most_files} files and needs {other_files} for itself, so hardly any "
            f"connection is left: allow more (`ulimit -n 1024`; LimitNOFILE=1024 in a systemd unit)"
        )
    return Capacity(connections, backlog)


def http_capacity(settings: Settings) -> Capacity:
    """For these settings, by what this process may open now."""
    return capacity(settings.http_max_connections, _other_files(settings), _most_files())


def http_limits(settings: Settings) -> HttpLimits:
    """What clients may take. Raises SettingsError where the process may open too few files."""
    return HttpLimits(
        header_seconds=settings.http_header_timeout_seconds,
        body_seconds=settings.http_body_timeout_seconds,
        write_seconds=settings.http_write_timeout_seconds,
        idle_seconds=settings.http_keep_alive_seconds,
        header_bytes=settings.http_max_header_bytes,
        connections=http_capacity(settings).connections,
        connections_per_address=settings.http_max_connections_per_address,
    )


def raise_file_limit(settings: Settings) -> None:
    """Has the process open as many files as these settings need, as far as the system lets it."""
    if sys.platform == "win32":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = settings.http_max_connections + _LARGEST_BACKLOG + _other_files(settings)
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def _other_files(settings: Settings) -> int:
    return _OWN_FILES + settings.database_pool_size + settings.max_concurrent_requests


def _most_files() -> int | None:
    if sys.platform == "win32":
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft
