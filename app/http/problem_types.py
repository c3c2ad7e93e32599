"""The kinds of problems, as `type` of an error names them for programs."""

from app.core.errors import (
    AmbiguousName,
    DatabaseDown,
    SettingsError,
    SyncError,
    TokenRejected,
    UnknownName,
    UnknownValue,
)

# A reference relative to the service: it names the kind, and nothing has to be there.
PREFIX = "/problems/"
# What each kind means, for the documentation; a program compares the name alone.
MEANINGS: dict[str, str] = {
    "malformed-request": "The request cannot be understood.",
    "missing-key": "No key, or one that does not exist.",
    "forbidden": "The key may only read; or without keys the request is not local.",
    "not-found": "There is no such path, or no such run.",
    "unknown-name": "No person, place or task has this name or id; `detail` has near ones.",
    "unknown-value": "No such status or tag in this workspace; `errors` has near ones.",
    "ambiguous-name": "Several people or places have this name; `errors` has their ids.",
    "unknown-parameter": "The endpoint has no such parameter; `errors` has the nearest one.",
    "invalid-parameter": "A value is wrong: `errors` has each field and the reason.",
    "method-not-allowed": "Not with this method; `Allow` has the right ones.",
    "body-too-large": "The body is too large.",
    "body-not-json": "The body is not JSON.",
    "too-many-requests": "Too many requests, or wrong keys; wait for `Retry-After`.",
    "internal-error": "The service failed; its log has more under `instance`.",
    "clickup-failed": "ClickUp gave no usable answer.",
    "token-rejected": "ClickUp rejects the service's token.",
    "database-unavailable": "The database does not answer.",
    "unavailable": "It cannot be answered now; retry later.",
    "request-failed": "Another error; `status` says more.",
}
_OF_STATUS = {
    400: "malformed-request", 401: "missing-key", 403: "forbidden", 404: "not-found",
    405: "method-not-allowed", 413: "body-too-large", 415: "body-not-json", 422: "invalid-parameter",
    429: "too-many-requests", 500: "internal-error", 502: "clickup-failed", 503: "unavailable",
}  # fmt: skip
_OF_ERROR: dict[type[SyncError], str] = {
    UnknownValue: "unknown-value",
    UnknownName: "unknown-name",
    AmbiguousName: "ambiguous-name",
    DatabaseDown: "database-unavailable",
    TokenRejected: "token-rejected",
    SettingsError: "unavailable",
}


def type_of_status(status: int) -> str:
    """The kind of a problem of which only the status is known."""
    return PREFIX + _OF_STATUS.get(status, "request-failed")


def type_of_error(error: SyncError, status: int) -> str:
    """The kind of an error's problem."""
    known = next((_OF_ERROR[kind] for kind in type(error).__mro__ if kind in _OF_ERROR), None)
    return PREFIX + known if known else type_of_status(status)
