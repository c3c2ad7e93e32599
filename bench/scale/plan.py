"""How much of everything one campaign does."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True)
class Plan:
    """The size of a campaign. Each field may be given in the environment, in capitals.

    `interval`, `full_interval`: SYNC_INTERVAL_SECONDS and FULL_SYNC_INTERVAL_SECONDS of the workers.
    `concurrency`, `connections`: jobs at a time and DATABASE_POOL_SIZE of each worker. `seconds`: how long
    cycles are measured. `deliveries` go to `webhook_workspaces`. `long_tasks` and
    `long_rate_limit` are of the workspace whose first sync lasts for hours, while the others are synced every
    `fair_interval` seconds and `fair_changes` webhook events come. `pooler`: the workers reach PostgreSQL
    through PgBouncer. `timed`: whether claims about time count, over which a slow machine trips. Both are 0
    or 1.
    """

    workspaces: int = 200
    tasks: int = 100
    seconds: int = 180
    interval: int = 15
    full_interval: int = 3_600
    workers: int = 3
    concurrency: int = 40
    connections: int = 20
    rate_limit: int = 100
    free_percent: int = 20
    latency_ms: int = 20
    deliveries: int = 100_000
    webhook_workspaces: int = 50
    long_tasks: int = 4_800
    long_rate_limit: int = 10
    fair_interval: int = 45
    fair_changes: int = 100
    pooler: int = 0
    timed: int = 1

    @property
    def title(self) -> str:
        """What a table of its results is called."""
        how = "through PgBouncer" if self.pooler else "straight to PostgreSQL"
        return f"{self.workspaces} workspaces of {self.tasks} tasks, {self.workers} workers, {how}"

    def long_hours(self) -> float:
        """About how long the long first sync takes: a request for the comments of each task."""
        a_minute = self.long_rate_limit - self.long_rate_limit * self.free_percent // 100
        return self.long_tasks / a_minute / 60

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """The defaults, and what the environment says otherwise. Raises ValueError for what is no number."""
        given = {
            one.name: int(environment[name])
            for one in fields(cls)
            if (name := one.name.upper()) in environment and environment[name]
        }
        return cls(**given)
