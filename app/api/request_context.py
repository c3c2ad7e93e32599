"""The mirror of one workspace, for a route of the API: as it is, or as it was."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request, Response

from app.api.response_cache import ResponseCache
from app.http.past import asked_instant
from app.http.request_context import RequestContext
from app.http.workspace import WorkspaceParam, resolve_workspace, service_of, zone_of
from app.reports.history import Precision, Versions


@dataclass(frozen=True, slots=True)
class ApiContext(RequestContext):
    """With the answers that are kept for those who ask the same again.

    `as_of`: the instant that is asked about, which is `now` then; None for the present.
    """

    answers: ResponseCache
    as_of: datetime | None

    async def answer(
        self, request: Request, make: Callable[[], Awaitable[bytes]], *, by_address: bool = True
    ) -> Response:
        """As `ResponseCache.answer`: what is known of the past may change while the mirrored data do not."""
        is_past = self.as_of is not None
        return await self.answers.answer(request, make, by_address=by_address, of_internal_tables=is_past)

    async def remember(self, what: str, make: Callable[[], Awaitable[int]]) -> int:
        """As `ResponseCache.remember`; of the past nothing is remembered."""
        return await (make() if self.as_of else self.answers.remember(f"{self.workspace_id} {what}", make))

    async def precision(self, versions: Versions, ids: list[str] | None = None) -> Precision | None:
        """How exactly an answer of these objects, None for all, is known; None for the present."""
        if self.as_of is None:
            return None
        return await self.reports.history.precision(self.workspace_id, self.as_of, versions, ids)


async def api_context(request: Request, workspace_id: WorkspaceParam = None) -> ApiContext:
    """Raises what `resolve_workspace` and `asked_instant` raise."""
    chosen, state = await resolve_workspace(request, workspace_id), request.app.state
    service = service_of(request)
    zone, now = await zone_of(service, chosen), datetime.now(UTC)
    as_of = asked_instant(request.query_params, zone, now)
    reports = state.reports if as_of is None else state.reports.at(as_of)
    return ApiContext(reports, service.settings, chosen, zone, as_of or now, state.answers, as_of)


Context = Annotated[ApiContext, Depends(api_context)]
