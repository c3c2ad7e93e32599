"""Each call of a tool is told in one line, and what goes wrong in it is told to the model in a sentence."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from fastmcp.exceptions import FastMCPError, NotFoundError, ResourceError, ToolError, ValidationError
from fastmcp.resources import ResourceResult
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from fastmcp.tools import ToolResult
from mcp.types import TextContent
from pydantic import ValidationError as PydanticValidationError

from app.core.errors import AmbiguousName, SyncError, UnknownName, root_error
from app.core.visible_text import escaped_json, visible_lines
from app.http.problems import status_and_message
from app.http.validation import reason_of
from app.mcp.caller import caller_name

log = structlog.get_logger()

_BROKEN = "internal error; details are in the server's log"
_MOST_FAULTS, _SHOWN = 5, 200
# Which tool lists what a name may mean.
_HELP = {
    "person": "find_people lists everybody",
    "place": "find_places finds spaces, folders and lists by parts of their names",
    "space": "get_spaces lists all",
    "folder": "get_space lists a space's folders",
    "list": "get_space and get_folder list lists",
    "status": "count_tasks_by_status lists all",
    "task": "find_tasks finds tasks by words in their titles",
}


class Calls(Middleware):
    """Stands around every tool and resource."""

    async def on_call_tool(
        self, context: MiddlewareContext[Any], call_next: CallNext[Any, ToolResult]
    ) -> ToolResult:
        """Answers, or raises the ToolError that may be said; either way it is told."""
        name = context.message.name
        with _telling("tool.called", ToolError, tool=name[:_SHOWN]):
            try:
                result = await super().on_call_tool(context, call_next)
            except ValidationError as error:
                if isinstance(error.__cause__, PydanticValidationError):
                    raise ToolError(_faults(error.__cause__, await _parameters(context, name))) from None
                raise
        for block in result.content:
            if isinstance(block, TextContent):
                # JSON that means the same: a model sees what would be invisible in its input.
                block.text = escaped_json(block.text)
        return result

    async def on_read_resource(
        self, context: MiddlewareContext[Any], call_next: CallNext[Any, ResourceResult]
    ) -> ResourceResult:
        """The same of a resource."""
        with _telling("resource.read", ResourceError, resource=str(context.message.uri)[:_SHOWN]):
            return await super().on_read_resource(context, call_next)


@contextmanager
def _telling(event: str, refusal: type[FastMCPError], **what: str) -> Iterator[None]:
    """Within, what goes wrong becomes a refusal with a sentence; at the end one line tells how it went."""
    began, outcome = time.perf_counter(), "failed"
    try:
        yield
        outcome = "answered"
    except NotFoundError:
        outcome = "refused"
        raise
    except FastMCPError as error:
        sentence, outcome = _sentence(error)
        raise refusal(visible_lines(sentence)) from error
    finally:
        spent = round((time.perf_counter() - began) * 1000, 1)
        log.info(event, **what, outcome=outcome, duration_ms=spent, caller=caller_name())


def _sentence(error: FastMCPError) -> tuple[str, str]:
    """What may be said of it, and how the call ended: refused, or failed."""
    if isinstance(error, ToolError) and error.__cause__ is None:
        return str(error), "refused"
    cause = _known_cause(error)
    if isinstance(cause, UnknownName | AmbiguousName):
        help_ = _HELP.get(cause.kind, "") if isinstance(cause, UnknownName) else ""
        return f"{cause}. {help_}" if help_ else str(cause), "refused"
    if cause is not None:
        log.warning("tool.failed", error=str(cause))
        return status_and_message(cause)[1], "failed"
    log.error("tool.crashed", exc_info=error.__cause__ or error)
    return _BROKEN, "failed"


def _known_cause(error: Exception) -> SyncError | None:
    """What it came from, where that has a sentence of its own; libraries wrap it once or twice."""
    cause = error.__cause__
    while cause is not None:
        leading = root_error(cause)
        if isinstance(leading, SyncError):
            return leading
        cause = cause.__cause__
    return None


async def _parameters(context: MiddlewareContext[Any], tool: str) -> list[str]:
    """The names of what a tool takes."""
    assert context.fastmcp_context is not None
    found = await context.fastmcp_context.fastmcp.get_tool(tool)
    return list(found.parameters.get("properties", ())) if found else []


def _faults(error: PydanticValidationError, known: Sequence[str]) -> str:
    """The arguments that are wrong, and why. `known`: what the tool takes."""
    faults = error.errors(include_url=False)
    told_of = [f"{_place(fault['loc'])}: {reason_of(fault, known)}" for fault in faults[:_MOST_FAULTS]]
    more = f"; and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
    return f"{'; '.join(told_of)}{more}"


def _place(place: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in place)[:_SHOWN]
