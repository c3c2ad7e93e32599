"""What a route of the page has at hand: the mirror of one workspace, and who looks at it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import HTMLResponse

from app.dashboard.clock import Clock
from app.dashboard.links import Links
from app.dashboard.switcher import Shown, ShownWorkspace
from app.dashboard.templating import html
from app.http.auth import caller_of
from app.http.authenticator import Authenticator
from app.http.request_context import RequestContext
from app.http.workspace import service_of, workspace_of, zone_of
from app.jobs.service import Service
from app.reports import SyncStatus


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks: what they may do, and whether they have signed in and so may sign out."""

    name: str
    may_write: bool
    is_signed_in: bool


@dataclass(frozen=True, slots=True)
class PageContext(RequestContext):
    """With who looks, and which workspace the addresses of the page keep.

    `as_of`: the instant of the past that is shown, which is `now` then; None for the present. `asked_at`:
    when the request came.
    """

    visitor: Visitor
    shown: Shown
    request: Request
    asked_at: datetime
    as_of: datetime | None = None

    @property
    def clock(self) -> Clock:
        """Writes days and instants as people read them."""
        return Clock(self.zone, self.now, self.settings.formats)

    @property
    def links(self) -> Links:
        """Addresses of the page that keep the workspace."""
        return self.shown.links

    def at(self, instant: datetime) -> "PageContext":
        """The same mirror as it was at an instant."""
        return replace(self, reports=self.reports.at(instant), now=instant, as_of=instant)

    async def show(self, template: str, place: str, **known: Any) -> HTMLResponse:
        """A page, with how far it can be relied upon. `place`: which part of the menu it belongs to."""
        sync_status = await self.sync_status() if self.as_of is None else None
        answer = html(
            template, place=place, clock=self.clock, visitor=self.visitor, sync_status=sync_status,
            shown=self.shown, links=self.links, **known,
        )  # fmt: skip
        self.shown.remember(self.request, answer)
        return answer

    async def sync_status(self) -> SyncStatus:
        """As of when the mirror is."""
        return await self.reports.sync_status.get(self.workspace_id, self.settings)


def visitor_of(request: Request) -> Visitor:
    """Who looks."""
    authenticator: Authenticator = request.app.state.authenticator
    caller = caller_of(request)
    if caller is None:
        return Visitor("nobody", may_write=False, is_signed_in=authenticator.requires_keys)
    return Visitor(caller.name, caller.may_write, authenticator.requires_keys)


async def page_context(request: Request, shown: ShownWorkspace) -> PageContext:
    """Raises 503 while it is not known yet which workspace is mirrored."""
    service = service_of(request)
    workspace_id = shown.workspace_id or workspace_of(request)
    zone, now = await zone_of(service, workspace_id), datetime.now(UTC)
    return PageContext(
        request.app.state.reports, service.settings, workspace_id, zone, now, visitor_of(request), shown,
        request, now,
    )  # fmt: skip


Context = Annotated[PageContext, Depends(page_context)]
TheService = Annotated[Service, Depends(service_of)]
TheVisitor = Annotated[Visitor, Depends(visitor_of)]
