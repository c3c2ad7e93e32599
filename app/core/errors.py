"""Everything that can go wrong, grouped by what to do next.

SyncError
├── SettingsError         fix a setting (exit code 2)
├── InvalidRequest        ask for something else: what was given is wrong
│   └── AlreadyConnected  nothing to add: the workspace is connected
├── NotConnected          ask for another workspace
├── ClickUpError          one request to ClickUp failed
│   ├── Transient         retry later
│   │   └── RateLimited   retry when the rate limit allows it
│   ├── TokenRejected     stop: ClickUp rejects the token itself
│   ├── NoPermission      skip: the token may not see this object
│   ├── NotFound          skip: the object does not exist, which confirms a deletion
│   └── RequestRejected   skip: another client error
├── MalformedObject       skip this object only: it cannot be parsed
├── IncompleteRead        run again: some objects could not be read
├── DatabaseDown          run again when the database answers
│   └── NoConnectionLeft  run again when fewer connections are in use, or more are allowed
├── DatabaseRefused       fix the database's permissions or version
├── DataRejected          skip this object only: PostgreSQL cannot store one of its values
├── SecretUnreadable      set the SECRET_KEY that encrypted it
├── UnknownName           ask again: nothing has this name or id; the text has near ones
│   └── UnknownValue      the same of a word, such as a status, that stands in a list of values
├── AmbiguousName         ask again with an id: several things have this name
├── RunTakenOver          stop: another worker continues this run
└── RunCancelled          nothing to do: the queued run was cancelled
Unfinished                no error: another job continues the run
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal

ErrorCategory = Literal["clickup", "token", "database", "settings", "process", "mirror"]
_MOST_SHOWN = 5
_UNFORESEEN = "internal error; details are in the service log"


class SyncError(Exception):
    """An error whose text says what happened, to which object, and what to do.

    `fault`: whose matter it is. `public_text`: what may be said of it to whoever asks, where its text is only
    for those who run the mirror; that stands in the log.
    """

    fault: ClassVar[ErrorCategory] = "mirror"
    public_text: ClassVar[str | None] = None


class SettingsError(SyncError):
    """A setting is missing or wrong; the text names each one."""

    fault = "settings"


class InvalidRequest(SyncError):
    """What a person gave is wrong; the text says why and what to give instead."""

    fault = "settings"


class AlreadyConnected(InvalidRequest):
    """The workspace is connected already."""


class NotConnected(SyncError):
    """No workspace with this id is connected."""

    fault = "settings"


class ClickUpError(SyncError):
    """ClickUp's answer to one request, or the lack of one.

    `subject` names the object in plain words, `status` is the HTTP status (0 when no answer
    came), `ecode` ClickUp's own error code where it gave one. `times`: when it was asked, and ClickUp's clock
    at the answer and, at the earliest, at the question; None where no answer told.
    """

    fault: ClassVar[ErrorCategory] = "clickup"
    times: tuple[datetime, datetime, datetime] | None = None

    def __init__(self, subject: str, reason: str, *, status: int = 0, ecode: str = "") -> None:
        self.subject, self.reason, self.status, self.ecode = subject, reason, status, ecode
        super().__init__(f"{subject}: {reason}")


class Transient(ClickUpError):
    """No usable answer this time: 5xx, a time-out, a reset, HTML, cut-off JSON, an error sent as a 200."""


class RateLimited(Transient):
    """429: the token's budget for this minute is spent. `wait` is in seconds."""

    def __init__(self, subject: str, wait: float) -> None:
        self.wait = wait
        super().__init__(subject, f"the rate limit is reached, free again in {wait:.0f} s", status=429)


class TokenRejected(ClickUpError):
    """ClickUp refuses the token itself; no further request can succeed."""

    fault = "token"

    def __str__(self) -> str:
        return (
            f"{super().__str__()}. The API token is invalid. Set a new one in CLICKUP_API_TOKEN (ClickUp, "
            "Settings, Apps)"
        )


class NoPermission(ClickUpError):
    """The token is alive but may not see this object (401 or 403)."""


class NotFound(ClickUpError):
    """404: the object does not exist, the only proof of a deletion."""


class RequestRejected(ClickUpError):
    """A client error that asking again does not heal."""


class MalformedObject(SyncError):
    """One object of an answer that cannot be understood; the rest of the answer stands."""

    def __init__(self, kind: str, object_id: str, reason: str) -> None:
        self.kind, self.object_id, self.reason = kind, object_id, reason
        super().__init__(f"{kind} {object_id or '(no id)'}: {reason}")


class IncompleteRead(SyncError):
    """Single objects got no usable answer; all else that the run read stands."""

    fault = "clickup"


class DatabaseDown(SyncError):
    """The database cannot be reached or ended the connection; what was committed stands."""

    fault = "database"
    public_text = "the database does not answer"


class NoConnectionLeft(DatabaseDown):
    """All connections that this process, or this user of the database, may have are in use."""

    public_text = "all database connections are in use"


class DatabaseRefused(SyncError):
    """The database answered and said no: a right, a table or a function is missing."""

    fault = "database"
    public_text = "the database refused the query; run `clickup-sync doctor` to see why"


class DataRejected(SyncError):
    """PostgreSQL cannot hold a value: nothing of its transaction was written."""

    public_text = "PostgreSQL cannot store a value; details are in the service log"


class SecretUnreadable(SyncError):
    """A secret in the database was encrypted with a key that this process does not have, or was changed."""

    fault = "settings"
    public_text = "a secret cannot be decrypted; details are in the service log"


class UnknownName(SyncError):
    """Nothing has the name or id that was asked for. `near`: what is spelled like it, with ids."""

    def __init__(self, kind: str, asked: str, near: Sequence[str]) -> None:
        self.kind, self.asked, self.near = kind, asked, near
        super().__init__(f"no {kind} {asked!r}{f'; did you mean {_either(near)}?' if near else ''}")


class UnknownValue(UnknownName):
    """The same, of a word that is the value of a field: a status, a tag."""


class AmbiguousName(SyncError):
    """Several things have the name that was asked for. `found`: these, with ids."""

    def __init__(self, kind: str, asked: str, found: Sequence[str]) -> None:
        self.kind, self.asked = kind, asked
        several = [
            *found[:_MOST_SHOWN],
            *([f"{len(found) - _MOST_SHOWN} more"] if len(found) > _MOST_SHOWN else []),
        ]
        super().__init__(f"{asked!r} may mean {_either(several)}; use an id or the whole name")


class RunTakenOver(SyncError):
    """Another worker continues this run; nothing further is written here."""

    fault = "process"


class RunCancelled(SyncError):
    """A run that waited is not asked for any more."""

    fault = "process"


def _either(names: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


class Unfinished(Exception):
    """A pass stopped at a safe place because its time is over: another job continues it. No error."""


def category_of(error: BaseException) -> ErrorCategory:
    """Whose matter an error is; what nobody foresaw is the mirror's own."""
    return error.fault if isinstance(error, SyncError) else "mirror"


def public_message(error: BaseException) -> str:
    """What may be said of an error to whoever asks."""
    return (error.public_text or str(error)) if isinstance(error, SyncError) else _UNFORESEEN


def root_error(error: BaseException) -> BaseException:
    """The error to speak of, out of a group: one that stops everything before any other."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    leaves = [root_error(inner) for inner in error.exceptions]
    stopping = [leaf for leaf in leaves if isinstance(leaf, TokenRejected | RunTakenOver)]
    return (stopping or leaves)[0]
