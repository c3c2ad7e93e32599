"""The workspaces that a worker works for, each with its ClickUp client."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog
from pydantic import SecretStr

from app.clickup import RequestStats
from app.context import Context
from app.core.errors import SettingsError, TokenRejected, public_message
from app.core.sync.cadence import Cadence, full_pass_cadence
from app.sync import find_workspace_id

log = structlog.get_logger()
# What is written after a job is not written again within so many seconds, unless it is an error or its end.
_WRITE_EVERY_SECONDS = 3.0


@dataclass(slots=True)
class Workspace:
    """One workspace at work. `counted`: the requests that are counted in its state already."""

    workspace_id: str
    context: Context
    counted: RequestStats = field(default_factory=RequestStats)
    _written_at: float = float("-inf")
    _had_error: bool = True

    async def get_cadence(self) -> Cadence:
        """How often a full sync is made."""
        last = await self.context.database.fetch_one("get_last_full_pass", workspace_id=self.workspace_id)
        return full_pass_cadence(
            timedelta(seconds=self.context.settings.full_sync_interval_seconds),
            last["requests"] if last else None,
            self.context.clickup.throttle.allowed_per_minute,
        )

    async def record_state(self, error: BaseException | None = None, *, succeeded: bool = False) -> None:
        """Writes for other processes what this one knows of the workspace. Raises DatabaseDown.

        `error`: what a job failed with; it stands until a job has `succeeded`.
        """
        clickup, settings = self.context.clickup, self.context.settings
        has_error = bool(error or clickup.rejected)
        is_news = has_error or (succeeded and self._had_error)
        if not is_news and time.monotonic() - self._written_at < _WRITE_EVERY_SECONDS:
            return
        self._written_at, self._had_error = time.monotonic(), has_error
        cadence, now = await self.get_cadence(), replace(clickup.traffic)
        await self.context.database.note(
            "upsert_workspace_state",
            workspace_id=self.workspace_id,
            token_error=str(clickup.rejected) if clickup.rejected else None,
            requests_per_minute=clickup.throttle.allowed_per_minute,
            requests_left=clickup.spare,
            incremental_interval=timedelta(seconds=settings.sync_interval_seconds),
            full_interval=cadence.every,
            full_interval_reason=cadence.reason,
            last_error=public_message(error) if error else None,
            keeps_last_error=not error and not succeeded,
            public_url=settings.public_url,
            requests_answered=_answered(now) - _answered(self.counted),
            requests_rate_limited=now.rate_limited - self.counted.rate_limited,
            requests_failed=now.failed - self.counted.failed,
        )
        self.counted = now

    async def is_token_rejected(self) -> bool:
        """Whether ClickUp refused the token when it was asked last, by whichever process."""
        row = await self.context.database.fetch_one("get_workspace_state", workspace_id=self.workspace_id)
        return bool(row and row["token_rejected_at"])


@dataclass(slots=True)
class Workspaces:
    """Those of one installation. `token`: the token as it is set now; it may be replaced while this runs."""

    context: Context
    token: Callable[[], SecretStr]
    _known: dict[str, Workspace] = field(default_factory=dict)

    @classmethod
    def of(cls, context: Context, workspace_id: str) -> "Workspaces":
        """One workspace alone, with the token of the context."""
        token = context.settings.clickup_api_token
        return cls(context, lambda: token, {workspace_id: Workspace(workspace_id, context)})

    async def list(self) -> list[str]:
        """Their ids. Raises SyncError where it cannot be found out which there are."""
        if not self._known:
            workspace_id = await self._find_id()
            self._known[workspace_id] = Workspace(workspace_id, self.context)
        return list(self._known)

    async def get(self, workspace_id: str) -> Workspace | None:
        """One that is worked for; None for any other. With the token as it is set now."""
        await self.list()
        workspace = self._known.get(workspace_id)
        if workspace and self.context.clickup.rejected:
            self._take_current_token()
        return workspace

    def find(self, workspace_id: str) -> Workspace | None:
        """One that `list` found, as it is."""
        return self._known.get(workspace_id)

    async def _find_id(self) -> str:
        """As set, or the only workspace of the mirror, or the token's only one."""
        known = await self.context.database.fetch("list_workspaces")
        if self.context.settings.clickup_team_id or len(known) != 1:
            try:
                return await find_workspace_id(self.context)
            except TokenRejected:
                self._take_current_token()
                raise
        return str(known[0]["workspace_id"])

    def _take_current_token(self) -> None:
        try:
            self.context.clickup.set_token(self.token())
        except SettingsError as error:
            log.warning("token.unreadable", error=str(error))


def _answered(traffic: RequestStats) -> int:
    return traffic.requests - traffic.rate_limited - traffic.failed
