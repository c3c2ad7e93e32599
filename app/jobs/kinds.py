"""The kinds of jobs: in which queue each waits, what it excludes, and how urgent it is. Pure."""

from dataclasses import asdict, dataclass
from typing import get_args

from procrastinate.types import JSONDict

from app.core.sync.run_kind import JobName
from app.jobs.queues import Queue


@dataclass(frozen=True, slots=True)
class JobKind:
    """`lock`: a workspace's jobs with the same one run one by one. `priority`: the highest goes first."""

    queue: Queue
    lock: str
    priority: int


REQUESTED_PRIORITY = 40

KINDS: dict[JobName, JobKind] = {
    "webhook_refetch": JobKind(Queue.WEBHOOKS, "webhook_refetch", 40),
    "token_check": JobKind(Queue.SHORT, "token_check", 30),
    "incremental": JobKind(Queue.SHORT, "incremental", 20),
    "employees": JobKind(Queue.SHORT, "employees", 20),
    "snapshot": JobKind(Queue.SHORT, "snapshot", 20),
    "webhook_check": JobKind(Queue.SHORT, "webhook_check", 10),
    "retention": JobKind(Queue.SHORT, "retention", 0),
    # Each of them reads everything: at most one of them at a time.
    "first": JobKind(Queue.LONG, "pass", 15),
    "full": JobKind(Queue.LONG, "pass", 10),
    "deep": JobKind(Queue.LONG, "pass", 10),
    "verification": JobKind(Queue.LONG, "verification", 0),
    # They remove a workspace: `erase` with its data.
    "disconnect": JobKind(Queue.LONG, "removal", 40),
    "erase": JobKind(Queue.LONG, "removal", 40),
}
REMOVALS: tuple[JobName, ...] = ("disconnect", "erase")
assert set(KINDS) == set(get_args(JobName))


@dataclass(frozen=True, slots=True)
class Job:
    """One unit of work. `trigger`: who asked for it. `attempt`: the first is 1."""

    kind: JobName
    workspace_id: str
    trigger: str = "timer"
    attempt: int = 1

    @property
    def lock(self) -> str:
        """Jobs with the same lock never run side by side."""
        return f"{self.workspace_id}/{KINDS[self.kind].lock}"

    @property
    def queueing_lock(self) -> str:
        """Of jobs with the same queueing lock one waits at most."""
        return f"{self.workspace_id}/{self.kind}"

    @property
    def run_kind(self) -> str:
        """The kind of its runs, where it makes some."""
        return "webhook" if self.kind == "webhook_refetch" else self.kind

    @property
    def priority(self) -> int:
        """What somebody waits for goes before what the schedule asked for."""
        priority = KINDS[self.kind].priority
        return priority if self.trigger == "timer" else max(priority, REQUESTED_PRIORITY)

    def args(self) -> JSONDict:
        """As the queue stores them."""
        return {name: value for name, value in asdict(self).items() if name != "kind"}
