"""Every error as `application/problem+json` (RFC 9457), and what OpenAPI says of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any, cast

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from app.core.errors import (
    AlreadyConnected,
    AmbiguousName,
    ClickUpError,
    DatabaseDown,
    DatabaseRefused,
    DataRejected,
    InvalidRequest,
    NotConnected,
    RateLimited,
    RunTakenOver,
    SettingsError,
    SyncError,
    TokenRejected,
    UnknownName,
    UnknownValue,
    public_message,
    root_error,
)
from app.http.problem_types import MEANINGS, PREFIX, type_of_error, type_of_status
from app.http.validation import UNKNOWN_PARAMETER, reason_of

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
_REF = {"$ref": "#/components/schemas/Problem"}
_AGAIN_SECONDS = 5
_UNKNOWN = "internal error; details are in the service log, under the id in `instance`"
_HUNG_UP = "the connection closed before the request was complete"
# What is to be said of an error; None leaves it to the error.
_STATUS: dict[type[SyncError], tuple[int, str | None]] = {
    UnknownName: (404, None),
    UnknownValue: (422, None),
    AmbiguousName: (422, None),
    SyncError: (500, None),
    SettingsError: (503, None),
    InvalidRequest: (422, None),
    AlreadyConnected: (409, None),
    NotConnected: (404, None),
    ClickUpError: (502, None),
    RateLimited: (503, None),
    TokenRejected: (503, None),
    DatabaseDown: (503, "the database does not answer; try again later"),
    DatabaseRefused: (500, None),
    DataRejected: (422, "the request has a value that the database cannot search for"),
    RunTakenOver: (503, "another worker continues this run; try again later"),
}
_MEANINGS = {
    400: "The request is malformed.",
    401: "No valid API key.",
    403: "Not allowed for this key; without keys, not allowed for this client.",
    404: "Not found.",
    409: "It exists already, or is being removed.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "A value is wrong: `errors` has each field and the reason.",
    429: "Too many requests in a minute; `Retry-After` says when to try again.",
    500: "Internal error; details are in the service log, under the id in `instance`.",
    502: "ClickUp gave no usable answer.",
    503: "Not available now; try again later.",
}
_EXAMPLE: dict[str, Any] = {
    "type": "/problems/invalid-parameter",
    "title": "Unprocessable Content",
    "status": 422,
    "detail": "limit: Input should be less than or equal to 1000",
    "instance": "5f0c1d0f7b7e4c0c9d7b1f6f3a1f2f11",
    "errors": [{"field": "limit", "reason": "Input should be less than or equal to 1000"}],
}


class FieldProblem(BaseModel):
    """One value of the request that is wrong."""

    field: str = Field(description="The parameter; of a body, the way to the value, joined by dots.")
    reason: str


class Problem(BaseModel):
    """What went wrong, as RFC 9457 writes it; every error has this shape."""

    model_config = {"json_schema_extra": {"examples": [_EXAMPLE]}}

    type: str = Field(
        description="The kind of problem, for programs: a reference that names it.",
        examples=[PREFIX + name for name in MEANINGS],
    )
    title: str = Field(description="The status in words.")
    status: int
    detail: str = Field(description="What went wrong, and what to do.")
    instance: str = Field(description="The request's id, as in the header X-Request-ID and in the log.")
    errors: list[FieldProblem] = Field(description="For 422: each field that is wrong, and why.")


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For the `responses` of a route or router: these statuses are answered with a Problem."""
    content = {MEDIA_TYPE: {"schema": _REF}}
    return {status: {"description": _MEANINGS[status], "content": content} for status in statuses}


# What every route behind the guard may answer.
PROBLEMS = problem_responses(401, 403, 404, 422, 429, 500, 503)


def problem(
    scope: Scope,
    status: int,
    detail: str,
    *,
    kind: str | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that tells of a problem. `kind`: its `type`; without it, that of the status."""
    document = {
        "type": kind or type_of_status(status),
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": scope.get("state", {}).get("request_id", ""),
        "errors": list(errors),
    }
    # Escaped, so that half a surrogate of the request does not hinder the answer.
    body = json.dumps(document, ensure_ascii=True).encode()
    return Response(body, status, dict(headers or {}), media_type=MEDIA_TYPE)


def problem_of(scope: Scope, error: Exception) -> Response:
    """The answer to an error that nobody foresaw; its traceback goes into the log and nowhere else."""
    if is_disconnect(error):
        return problem(scope, 400, _HUNG_UP)
    cause = root_error(error)
    if isinstance(cause, SyncError):
        return _sync_problem(scope, cause)
    log.error("request.crashed", exc_info=error)
    return problem(scope, 500, _UNKNOWN)


def is_disconnect(error: Exception) -> bool:
    """Whether the client went away, for which nobody is to blame and nobody reads an answer."""
    return isinstance(root_error(error), ClientDisconnect)


def install_problems(application: FastAPI) -> None:
    """From now on every error of a route or of the router is a Problem, and OpenAPI says so."""
    application.add_exception_handler(HTTPException, _tell_http_error)
    application.add_exception_handler(RequestValidationError, _tell_wrong_fields)
    application.add_exception_handler(SyncError, _tell_sync_error)
    _describe(application)


async def _tell_http_error(request: Request, error: Exception) -> Response:
    known = cast(HTTPException, error)
    phrase = HTTPStatus(known.status_code).phrase
    detail = known.detail if isinstance(known.detail, str) else json.dumps(known.detail)
    if known.status_code in (404, 405) and detail == phrase:
        detail = "no such path, or not with this method; /openapi.json lists all paths"
    headers = _allow(request) if known.status_code == 405 else known.headers
    return problem(request.scope, known.status_code, detail, headers=headers)


def _allow(request: Request) -> dict[str, str]:
    """The methods of every route of this path: the router names those of the first one alone."""
    routes = [one for one in _routes(request.app) if one.matches(request.scope)[0] is not Match.NONE]
    methods = {method for route in routes for method in getattr(route, "methods", None) or ()}
    return {"Allow": ", ".join(sorted(methods))}


def _routes(router: Any) -> Iterator[BaseRoute]:
    """Every route, also those of routers that were included."""
    for route in router.routes:
        included = getattr(route, "original_router", None)
        yield from _routes(included) if included else (route,)


async def _tell_wrong_fields(request: Request, error: Exception) -> Response:
    found = cast(RequestValidationError, error).errors()
    errors = [{"field": _field(item["loc"]), "reason": reason_of(item)} for item in found]
    detail = "; ".join(f"{item['field']}: {item['reason']}" for item in errors)
    is_unknown = all(item["type"] == UNKNOWN_PARAMETER for item in found)
    kind = f"{PREFIX}unknown-parameter" if is_unknown else None
    return problem(request.scope, 422, detail, kind=kind, errors=errors)


def _field(place: Sequence[int | str]) -> str:
    """The name without the part of the request it stands in, unless that is all there is.

    Of a parameter that is given several times only its name.
    """
    if place[0] == "query":
        return str(place[1])
    return ".".join(map(str, place[1:] or place))


async def _tell_sync_error(request: Request, error: Exception) -> Response:
    return _sync_problem(request.scope, cast(SyncError, error))


def status_and_message(error: SyncError) -> tuple[int, str]:
    """What may be said of an error to whoever asks: an HTTP status, and a sentence."""
    status, sentence = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    return status, sentence or public_message(error)


def _sync_problem(scope: Scope, error: SyncError) -> Response:
    status, sentence = status_and_message(error)
    if not isinstance(error, UnknownName | AmbiguousName):
        log.warning("request.failed", error=str(error), status=status)
    errors = []
    if status == 422 and isinstance(error, UnknownName | AmbiguousName):
        errors = [{"field": error.kind, "reason": sentence}]
    kind = type_of_error(error, status)
    return problem(scope, status, sentence, kind=kind, errors=errors, headers=_pause(status, error))


def _pause(status: int, error: SyncError) -> dict[str, str]:
    if isinstance(error, SettingsError | TokenRejected) or status != 503:
        return {}
    seconds = error.wait if isinstance(error, RateLimited) else _AGAIN_SECONDS
    return {"Retry-After": str(ceil(seconds))}


def _describe(application: FastAPI) -> None:
    """Has OpenAPI know what a Problem is, also where FastAPI would speak of errors of its own shape."""
    make = application.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas |= _problem_schemas()
        for path in document.get("paths", {}).values():
            for operation in path.values():
                _own_shape(operation["responses"])
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        return document

    application.openapi = openapi  # type: ignore[method-assign]


def _own_shape(responses: dict[str, Any]) -> None:
    wrong = responses.get("422", {}).get("content", {}).get("application/json")
    if wrong and wrong["schema"] == {"$ref": "#/components/schemas/HTTPValidationError"}:
        responses |= {str(key): value for key, value in problem_responses(422).items()}


def _problem_schemas() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}
