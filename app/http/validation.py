"""What is wrong with a value of a request, in words, with the name or value that is probably meant."""

import re
from collections.abc import Iterable, Iterator, Mapping
from inspect import isclass
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel

from app.core.answers.filters import RENAMED, renamed
from app.core.answers.matching import nearest

# The type of the error for a parameter that a route does not have.
UNKNOWN_PARAMETER = "unknown_parameter"
_CHOICE = re.compile(r"'([^']*)'")


def reason_of(error: Mapping[str, Any], known: Iterable[str] = ()) -> str:
    """Why Pydantic refuses a value. `known`: the names that there are, for an unknown one."""
    given = error.get("input")
    match error["type"]:
        case "literal_error" | "enum":
            choices = _CHOICE.findall(error["ctx"]["expected"])
            near = nearest(given, choices, 1) if isinstance(given, str) else []
            return f"must be one of {', '.join(choices)}{_suggestion(near)}"
        case "extra_forbidden" | "unexpected_keyword_argument":
            return unknown_name(str(error["loc"][-1]), known)
    return str(error["msg"])


def unknown_name(name: str, known: Iterable[str]) -> str:
    """The reason for a parameter or field that does not exist."""
    names = sorted(known)
    # What is spelled like a former name means something else.
    now = renamed(name, names) if name in RENAMED else next(iter(nearest(name, names, 1)), None)
    hint = _suggestion([now]) if now else f"; known are {', '.join(names)}" if names else ""
    return f"unknown parameter{hint}"


def _suggestion(near: list[str]) -> str:
    return f"; did you mean `{near[0]}`?" if near else ""


async def refuse_unknown_parameters(request: Request) -> None:
    """A dependency of every route with parameters. Raises the 422 for one that the route does not have."""
    given = request.query_params
    route = request.scope.get("route")
    if not given or not isinstance(route, APIRoute):
        return
    known = set(_query_names(route.dependant))
    if unknown := [name for name in given if name not in known]:
        raise RequestValidationError(
            [
                {
                    "type": UNKNOWN_PARAMETER,
                    "loc": ("query", name),
                    "msg": unknown_name(name, known),
                    "input": None,
                }
                for name in unknown
            ]
        )


def _query_names(dependant: Dependant) -> Iterator[str]:
    """The names of a route's query parameters, also of those that its dependencies take."""
    for field in dependant.query_params:
        model = field.field_info.annotation
        if isclass(model) and issubclass(model, BaseModel):
            yield from (info.alias or name for name, info in model.model_fields.items())
        else:
            yield field.alias
    for dependency in dependant.dependencies:
        yield from _query_names(dependency)
