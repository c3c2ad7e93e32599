"""Which workspace the page shows: the one in the address, the one shown last, or the usual one.

With several, every link of a page names it, so that two tabs may show two; a cookie keeps it for addresses
that name none. The cookie opens nothing: what it names is shown only to who may see it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import Depends, HTTPException, Request
from starlette.responses import Response

from app.core.errors import SyncError
from app.dashboard.links import Links
from app.http.sign_in import is_https
from app.http.workspace import WorkspaceParam, limits_of, service_of, unknown_workspace
from app.reports import Reports
from app.reports.structure import MirroredWorkspace

_COOKIE, _COOKIE_SECONDS = "clickup_sync_workspace", 365 * 86_400
_LONGEST_COOKIE = 400
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Shown:
    """The workspace of a page, and those that may be shown instead, by name.

    `workspace_id`: None while the service does not know yet which one it is. `links`: addresses that keep it.
    `is_named`: the address of this page says it.
    """

    workspace_id: str | None
    choices: Sequence[MirroredWorkspace]
    links: Links
    is_named: bool

    def remember(self, request: Request, answer: Response) -> None:
        """Has the browser keep what the address says, where there is anything to choose."""
        if self.is_named and self.workspace_id and len(self.choices) > 1:
            answer.set_cookie(
                _COOKIE, quote(self.workspace_id, safe=""), max_age=_COOKIE_SECONDS, httponly=True,
                samesite="strict", secure=is_https(request.scope),
            )  # fmt: skip


async def shown_workspace(request: Request, workspace_id: WorkspaceParam = None) -> Shown:
    """Raises the 404 for one that is not mirrored or that the key may not see, which look the same."""
    limits, reports = limits_of(request), request.app.state.reports
    if workspace_id is not None and not limits.allows_workspace(workspace_id):
        raise unknown_workspace(workspace_id)
    own = service_of(request).workspace_id
    default = own if own is None or limits.allows_workspace(own) else None
    mirrored = await _mirrored(reports)
    choices = [row for row in mirrored or () if limits.allows_workspace(row.workspace_id)]
    ids = [row.workspace_id for row in choices]
    # The service's own may be shown before anything of it is mirrored.
    if workspace_id is not None and mirrored is not None and workspace_id not in {*ids, default}:
        raise unknown_workspace(workspace_id)
    kept = _kept(request)
    usual = kept if kept in ids else default or next(iter([*ids, *(limits.workspace_ids or ())]), None)
    if usual is None and limits.is_set:
        raise HTTPException(404, "the mirror knows no workspace that this key may see")
    chosen = workspace_id or usual
    # The API must be told by the page what it could not tell by the key.
    has_several = len(choices) > 1 or len(limits.workspace_ids or ()) > 1
    links = Links(chosen if has_several or (mirrored is None and workspace_id) else None)
    return Shown(chosen, choices, links, is_named=workspace_id is not None)


ShownWorkspace = Annotated[Shown, Depends(shown_workspace)]


async def _mirrored(reports: Reports) -> list[MirroredWorkspace] | None:
    """None where the database does not say."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await reports.structure.mirrored()
    except (TimeoutError, SyncError):
        return None


def _kept(request: Request) -> str | None:
    kept = request.cookies.get(_COOKIE, "")
    return unquote(kept) if 0 < len(kept) <= _LONGEST_COOKIE else None
