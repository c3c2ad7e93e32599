"""What a route, a page or a tool has at hand: the mirror of one workspace, at one moment."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.config import Settings
from app.core.answers.day import day_of
from app.reports import Reports


@dataclass(frozen=True, slots=True)
class RequestContext:
    """`zone`: of days, and of instants as people read them. `now`: when the request came."""

    reports: Reports
    settings: Settings
    workspace_id: str
    zone: ZoneInfo
    now: datetime

    @property
    def today(self) -> date:
        """The day that it is in the zone."""
        return day_of(self.now, self.zone).date
