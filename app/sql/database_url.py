"""DATABASE_URL, read as people copy it, and judged before libpq sees it, whose complaints quote the address.

No complaint of this module repeats a part of the address, because any part may be a piece of the password.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Self
from urllib.parse import quote, unquote_to_bytes

from psycopg import pq

# Query parameters that other programs' drivers read from a copied URL and libpq refuses.
_FOREIGN = frozenset({"pgbouncer", "connection_limit", "pool_timeout", "schema", "supa"})
# A name, an address, or a folder of sockets with its slashes quoted.
_HOST = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]+)(?:%25\w+)?\]|(?:[\w.~-]|%[0-9A-Fa-f]{2})*)(?::(?P<port>[0-9]{0,5}))?"
)
_USER = re.compile(r"[^/?#@\[\]\s]*")
_DATABASE = re.compile(r"[^/?#@\s]*")
_VALUE = re.compile(r"[^#?]*")
_FORM = "use postgresql://user:password@host:5432/database"


@dataclass(frozen=True, slots=True)
class _Parts:
    """An address taken apart at one of its `@`; `password` is None where there is no colon."""

    user: str | None
    password: str | None
    hosts: str
    database: str | None
    params: tuple[tuple[str, str], ...]

    @classmethod
    def at(cls, credentials: str | None, place: str) -> Self:
        """Raises ValueError for what no driver would read so."""
        user, colon, password = credentials.partition(":") if credentials is not None else (None, "", "")
        if user is not None and not _USER.fullmatch(user):
            raise ValueError(f"the user is invalid: {_FORM}")
        front, mark, query = place.partition("?")
        hosts, slash, database = front.partition("/")
        for host in hosts.split(","):
            _refuse_no_host(host)
        if not _DATABASE.fullmatch(database):
            raise ValueError(f"the database name is invalid: {_FORM}")
        params = tuple(_read_params(query)) if mark else ()
        return cls(user, password if colon else None, hosts, database if slash else None, params)

    def __str__(self) -> str:
        login = "" if self.user is None else _quoted(self.user)
        login += "" if self.password is None else f":{_quoted(self.password)}"
        at = "" if self.user is None else "@"
        database = "" if self.database is None else f"/{_quoted(self.database)}"
        params = "&".join(f"{name}={_quoted(value, '/:,')}" for name, value in self.params)
        return f"postgresql://{login}{at}{self.hosts}{database}{'?' if params else ''}{params}"


def normal_database_url(url: str) -> str:
    """A PostgreSQL URL as libpq reads it, from one as people copy it.

    A password with `@`, `#`, `/` or `?` in it is quoted, parameters that only other drivers know are
    dropped. Raises ValueError, without a part of the URL, for what libpq could not read.
    """
    scheme, separator, rest = url.strip().strip("'\"").partition("://")
    if not separator or scheme.split("+")[0] not in ("postgresql", "postgres"):
        raise ValueError(f"it must begin with postgresql://; {_FORM}")
    if "[YOUR-PASSWORD]" in rest:
        raise ValueError("replace [YOUR-PASSWORD] with the database password")
    normal = str(_parts(rest))
    if "%00" in normal or not _is_readable(normal):
        raise ValueError(f"the address is invalid: {_FORM}")
    return normal


def _parts(rest: str) -> _Parts:
    """Taken apart at the first `@` that makes sense: a password may have been typed with others."""
    reason = ""
    for credentials, place in _splits(rest):
        try:
            return _Parts.at(credentials, place)
        except ValueError as error:
            reason = reason or str(error)
    raise ValueError(reason)


def _splits(rest: str) -> Iterator[tuple[str | None, str]]:
    for found in re.finditer("@", rest):
        yield rest[: found.start()], rest[found.end() :]
    yield None, rest


def _refuse_no_host(host: str) -> None:
    found = _HOST.fullmatch(host)
    if found is None or not 0 < int(found["port"] or 5432) < 65_536:
        raise ValueError(f"the host or port is invalid: {_FORM}")
    if found["six"]:
        try:
            IPv6Address(found["six"])
        except ValueError:
            found = None
    if found is None:
        raise ValueError(f"the host is not a valid IPv6 address: {_FORM}")


def _read_params(query: str) -> Iterator[tuple[str, str]]:
    for item in filter(None, query.split("&")):
        name, equals, value = item.partition("=")
        if name in _FOREIGN:
            continue
        if not equals or name not in _known_params():
            raise ValueError("unknown parameter after the ?")
        if "password" not in name and not _VALUE.fullmatch(value):
            raise ValueError("a value after the ? contains # or ?; write %23 or %3F")
        yield name, value


def _known_params() -> set[str]:
    return {option.keyword.decode() for option in pq.Conninfo.get_defaults()} | {"ssl"}


def _quoted(text: str, safe: str = "") -> str:
    """Quoted once, whether it was quoted already or typed as it is."""
    return quote(unquote_to_bytes(text.encode("utf-8", "surrogateescape")), safe=safe)


def _is_readable(url: str) -> bool:
    try:
        pq.Conninfo.parse(url.encode())
    except Exception:  # its text quotes the address
        return False
    return True
