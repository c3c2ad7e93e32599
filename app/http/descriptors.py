"""How many connections this process can hold: what the settings say, within the files that it may open."""

import sys

if sys.platform != "win32":
    import resource

from app.config import Settings
from app.core.errors import SettingsError
from app.http.connections import HttpLimits

# Connections that wait in the system to be taken in. Where there is no place among them, a client sends again
# after a second.
BACKLOG = 1024
# Files of the log, of Python and its libraries, the event loop's own, a PostgreSQL that comes along; and
# connections that were taken in before others were closed for them.
_OWN_FILES = 64
_FEWEST_CONNECTIONS = 16


def connections_within(most_files: int | None, other_files: int, wanted: int) -> int:
    """How many connections fit beside other files, where a process may open `most_files` (None: any number).

    Raises SettingsError where hardly any do.
    """
    if most_files is None:
        return wanted
    fit = min(wanted, most_files - other_files)
    if fit < _FEWEST_CONNECTIONS:
        raise SettingsError(
            f"this process may open {most_files} files and needs {other_files} for itself, so hardly any "
            f"connection is left: allow more (`ulimit -n 1024`; LimitNOFILE=1024 in a systemd unit)"
        )
    return fit


def most_connections(settings: Settings) -> int:
    """For these settings, by what this process may open now."""
    return connections_within(_most_files(), _other_files(settings), settings.http_max_connections)


def http_limits(settings: Settings) -> HttpLimits:
    """What clients may take. Raises SettingsError where the process may open too few files."""
    return HttpLimits(
        header_seconds=settings.http_header_timeout_seconds,
        body_seconds=settings.http_body_timeout_seconds,
        write_seconds=settings.http_write_timeout_seconds,
        idle_seconds=settings.http_keep_alive_seconds,
        header_bytes=settings.http_max_header_bytes,
        connections=most_connections(settings),
        connections_per_address=settings.http_max_connections_per_address,
    )


def raise_file_limit(settings: Settings) -> None:
    """Has the process open as many files as these settings need, as far as the system lets it."""
    if sys.platform == "win32":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = settings.http_max_connections + _other_files(settings)
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
