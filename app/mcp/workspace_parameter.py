"""The parameter by which every tool is asked about one workspace."""

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any

from app.core.answers.filters import describe
from app.mcp.answers import Answer
from app.mcp.params import Word, of
from app.mcp.request_context import Known, Opened, context_of

WorkspaceId = Annotated[Word | None, of(describe("workspace_id"), "9000003")]
_CONTEXT, _KNOWN = "context", "known"


def with_workspace(tool: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    """The tool as callers know it: in place of `context` it takes the optional `workspace_id`."""
    taken = signature(tool).parameters
    if _CONTEXT not in taken:
        return tool

    @wraps(tool)
    async def ask(*, known: Opened, workspace_id: str | None = None, **arguments: Any) -> Answer:
        if _KNOWN in taken:
            arguments[_KNOWN] = known
        return await tool(**arguments, context=await context_of(known, workspace_id))

    own = [one for name, one in taken.items() if name not in (_CONTEXT, _KNOWN)]
    named = Parameter("workspace_id", Parameter.KEYWORD_ONLY, default=None, annotation=WorkspaceId)
    opened = Parameter(_KNOWN, Parameter.KEYWORD_ONLY, annotation=Known)
    parameters = [*(one.replace(kind=Parameter.KEYWORD_ONLY) for one in own), named, opened]
    ask.__signature__ = signature(tool).replace(parameters=parameters)  # type: ignore[attr-defined]
    ask.__annotations__ = {one.name: one.annotation for one in parameters}
    return ask
