"""How far a pass has come: stored, so that another job, on whatever machine, continues there.

A pass is cut into jobs. What it decides from all that it saw (deletions above all) must not depend on the
cuts, so everything that it carries from one request to a later one stands here, and nothing else does. A
checkpoint speaks of committed rows only: what was done after it is done again. The ids of the tasks that
listings showed are too many for it (`SeenTasks`).
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from app.core.sync.coverage import Coverage
from app.core.sync.found_places import Places
from app.core.sync.plan import KnownEntry
from app.core.sync.position import Position
from app.core.sync.refusal import Refusals
from app.core.sync.walk import Walk
from app.core.sync.windows import Window

_MOST_SHORT_NAMED = 3
Route = Literal["everything", "rest of the first sync"]


@dataclass(slots=True)
class ListingState:
    """How far one listing of tasks is read. `newest`: the latest change that it showed; `began_at`: when the
    walk began, by ClickUp's clock, None where ClickUp told no time. `gap_lists`: the lists that are still to
    be asked for what the pages hold back; `gaps_filled`: those asked for so far showed all of it. `is_ended`:
    nothing more is to be done for it.
    """

    walk: Walk = field(default_factory=Walk)
    newest: datetime | None = None
    began_at: datetime | None = None
    is_begun: bool = False
    gap_lists: list[str] | None = None
    gaps_filled: bool = True
    is_ended: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every row was seen: by the pages, or list by list."""
        return self.walk.whole or bool(self.walk.gaps and self.gap_lists == [] and self.gaps_filled)


@dataclass(slots=True)
class TimeCoverage:
    """`absent`: stored entries that a window read whole did not bring. `denied`: whose time is hidden.

    `singly`: the token may ask for each person, but for no list of them (observed with OAuth). `left`: who
    turned out to be no member any more; None before that was asked.
    """

    absent: list[KnownEntry] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    singly: bool = False
    left: set[str] | None = None


@dataclass(slots=True)
class TimeState:
    """How far the windows of time entries are read. `asked_at`: before the first of them. `oldest`: the first
    thing that is known to have happened. `is_recent`: there is one window only, the newest. `window`: the one
    to be read next, None after the last; of the people `asked` for in it those in `read` were answered for,
    and `rows` came. `reread`: tasks whose own time decides what becomes of entries that no window brought.
    """

    asked_at: datetime
    people: list[str]
    window: Window | None
    oldest: datetime | None = None
    coverage: TimeCoverage = field(default_factory=TimeCoverage)
    asked: list[str] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    rows: int = 0
    is_recent: bool = False
    reread: list[str] = field(default_factory=list)


@dataclass(slots=True)
class RefetchState:
    """Tasks that are asked for one by one, and those for which ClickUp answered 404 so far, and when."""

    task_ids: list[str]
    gone: dict[str, datetime] = field(default_factory=dict)
    position: Position = field(default_factory=Position)


@dataclass(slots=True)
class CommentsState:
    """How far a backlog of comments is read. `left`: how many tasks may still be asked for, None without a
    limit. `passed_over`: tasks whose comments could not be read. `short`: the first sentences about short
    answers, `more_short` the number of the others. `is_cut`: it was read in several jobs, `is_repeated`: what
    moved meanwhile in its order is being read.
    """

    position: Position = field(default_factory=Position)
    left: int | None = None
    passed_over: set[str] = field(default_factory=set)
    short: list[str] = field(default_factory=list)
    more_short: int = 0
    is_cut: bool = False
    is_repeated: bool = False

    def add_short(self, sentences: list[str]) -> None:
        """Takes in what is said about one task's answers."""
        room = max(_MOST_SHORT_NAMED - len(self.short), 0)
        self.short += sentences[:room]
        self.more_short += len(sentences[room:])


@dataclass(slots=True)
class PassState:
    """What a pass goes on with. `done`: stages that are behind it.

    `tasks_known`: whether tasks were known when it began. `listings_asked_at`: a moment before the first
    listing was asked for. `hidden_lists`, `unlisted`: id and name of lists that only their own listing shows,
    as the hierarchy says, and as missing tasks suggest. `spaces`, `types`: what was asked for because a task
    named it and the hierarchy did not.
    """

    route: Route | None = None
    done: set[str] = field(default_factory=set)
    tasks_known: bool = False
    places: Places | None = None
    hidden_lists: list[tuple[str, str]] = field(default_factory=list)
    unlisted: list[tuple[str, str]] | None = None
    listings_asked_at: datetime | None = None
    listings: dict[str, ListingState] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)
    time: TimeState | None = None
    positions: dict[str, Position] = field(default_factory=dict)
    refetches: dict[str, RefetchState] = field(default_factory=dict)
    comments: dict[str, CommentsState] = field(default_factory=dict)
    spaces: dict[str, str] = field(default_factory=dict)
    types: set[str] = field(default_factory=set)

    @property
    def needs_seen_tasks(self) -> bool:
        """Whether it is still to be found out what no listing shows."""
        return self.route == "everything" and "missing" not in self.refetches

    def position(self, stage: str) -> Position:
        """How far the list of a stage is worked through."""
        return self.positions.setdefault(stage, Position())


@dataclass(slots=True)
class Findings:
    """What a run found on its way, whichever stage it is in.

    `counts` are numbers for people, `notes` sentences for them. `broken`: errors that let the run fail at its
    end. `unreadable`: fields that could not be read, by kind and id of the rows it wrote (`task 86c1`).
    `refusals`: what ClickUp refused in this run. `doubtful`: tasks that seem gone, to be asked for themselves
    before the run ends. `withholds_deletions`: the listings are doubted, so that no 404 marks a task deleted.
    `restored`: rows that others had changed and that the run restored, by table. `differing`: rows that a run
    that `compares_rows` found unlike what ClickUp shows, though ClickUp had not changed them.
    `unwatched_since`: from then on changes by others may have gone unnoticed.
    """

    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    unreadable: dict[str, dict[str, str]] = field(default_factory=dict)
    refusals: Refusals = field(default_factory=Refusals)
    doubtful: set[str] = field(default_factory=set)
    withholds_deletions: bool = False
    restored: Counter[str] = field(default_factory=Counter)
    differing: Counter[str] = field(default_factory=Counter)
    unwatched_since: datetime | None = None


@dataclass(slots=True)
class Checkpoint:
    """A pass between two jobs. `started_at`: when its first one began, by the clock of the engine. `stages`:
    how far each is, for whoever watches.

    `version` is raised with every change that an earlier version could not read, or would read in another
    sense.
    """

    started_at: datetime
    state: PassState
    findings: Findings
    stages: dict[str, tuple[int, int | None]]
    version: Literal[2] = 2


_CHECKPOINTS = TypeAdapter(Checkpoint)


def write_checkpoint(checkpoint: Checkpoint) -> str:
    """The checkpoint as a JSON document."""
    return _CHECKPOINTS.dump_json(checkpoint).decode()


def read_checkpoint(document: str) -> Checkpoint | None:
    """The checkpoint; None where another version wrote it, so that the pass begins anew."""
    try:
        return _CHECKPOINTS.validate_json(document)
    except ValidationError:
        return None
