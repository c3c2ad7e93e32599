"""Random stories of a workspace that remembers, and how a mirror's past is judged by what was true."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from app.core.clickup.stamps import from_millis
from app.core.sync.run_kind import RequestableKind
from tests.engine.mirror import Mirror
from tests.engine.truth import differences

# Table and key of the versions of an object, as `truth.differences` names it.
VERSIONS = {
    "task": ("task_versions", "clickup_task_id"),
    "person": ("employee_versions", "clickup_user_id"),
    "space_id": ("space_versions", "space_id"),
    "folder_id": ("folder_versions", "folder_id"),
    "list_id": ("list_versions", "list_id"),
    "entry": ("time_entry_versions", "clickup_entry_id"),
    "comment": ("comment_versions", "clickup_comment_id"),
}
KIND_OF = {"space_id": "space", "folder_id": "folder", "list_id": "list", "entry": "time_entry"}
# What a task shows of other objects: whose versions say how well it is known.
SHOWN_OF = {
    "list_name": ("list_id",),
    "folder_id": ("list_id",),
    "folder_name": ("list_id", "folder_id"),
    "space_id": ("list_id",),
    "space_name": ("list_id", "space_id"),
    "assignee_name": ("person",),
    "assigned_by": ("person",),
    "followers": ("person",),
    "employee_ids": ("person",),
    "employee_id": ("person",),
    "start_times": ("entry",),
    "end_times": ("entry",),
    "tracked_minutes": ("entry",),
    "assigned_comment": ("comment",),
}
_SENTENCE = re.compile(
    r"(?:field of )?(\w+) (\S+?)(?: is missing| should \w+(?: \w+)?|: (?:(\w+) is )?.*)", re.DOTALL
)
_TRUE = {"task": "tasks", "entry": "entries", "comment": "comments"}
# A running clock goes on between what ClickUp stamps and what the simulator remembers.
_MS = timedelta(milliseconds=50)
_FAR = "coalesce(nullif({0}, 'infinity'), '9999-01-01'::timestamptz)"


@dataclass(slots=True)
class Spans:
    """When nobody knows what an object was: by its versions, and by changes of what these do not store."""

    of: dict[tuple[str, str], list[tuple[datetime, datetime]]] = field(default_factory=dict)
    of_field: dict[tuple[str, str, str], list[tuple[datetime, datetime]]] = field(default_factory=dict)
    known: set[tuple[str, str]] = field(default_factory=set)

    def is_uncertain(self, kind: str, object_id: str, instant: datetime) -> bool:
        return any(
            since - _MS <= instant < until + _MS for since, until in self.of.get((kind, object_id), ())
        )

    def any_uncertain(self, kind: str, instant: datetime) -> bool:
        return any(
            since - _MS <= instant < until + _MS
            for (one, _), spans in self.of.items()
            if one == kind
            for since, until in spans
        )

    def is_field_uncertain(self, kind: str, object_id: str, name: str, instant: datetime) -> bool:
        spans = self.of_field.get((kind, object_id, name), ())
        return any(since - _MS <= instant < until + _MS for since, until in spans)


def read_spans(mirror: Mirror) -> Spans:
    """Of each version the time before it is known, and the time in which it may have ended already."""
    spans = Spans()
    for kind, (table, key) in VERSIONS.items():
        rows = mirror.rows(
            f"SELECT {key} AS id, valid_from_earliest, known_from,"
            f" {_FAR.format('valid_to_earliest')} AS ends_earliest, {_FAR.format('valid_to')} AS ends"
            f" FROM {table} ORDER BY version_id"
        )
        for row in rows:
            spans.known.add((kind, row["id"]))
            found = spans.of.setdefault((kind, row["id"]), [])
            found += [(row["valid_from_earliest"], row["known_from"]), (row["ends_earliest"], row["ends"])]
    for row in mirror.rows("SELECT * FROM changes WHERE field IS NOT NULL"):
        name = row["field"].partition(".")[0]
        spans.of_field.setdefault((row["object_type"], row["object_id"], name), []).append(
            (row["earliest"], row["latest"])
        )
    return spans


@dataclass(slots=True)
class Verdict:
    """What history says of some instants. `wrong`: differences outside of the stated intervals."""

    wrong: list[str] = field(default_factory=list)
    excused: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    certain: int = 0

    @property
    def share_certain(self) -> float:
        return self.certain / max(self.rows, 1)


@dataclass(slots=True)
class Story:
    """A mirror and what happens in its workspace.

    `shown`: objects that a sync of everything has read. `outages`: when nothing was delivered, until all was
    read again. `reads`: when syncs began.
    """

    mirror: Mirror
    random: Random
    began: int = 0
    told: list[str] = field(default_factory=list)
    shown: set[tuple[str, str]] = field(default_factory=set)
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)
    reads: list[datetime] = field(default_factory=list)
    _found: dict[datetime, list[str]] = field(default_factory=dict)

    def begin(self) -> None:
        self.mirror.world.remember()
        self.mirror.world.clock.advance(1)
        self.began = self.mirror.world.clock.now_ms()

    def now(self) -> datetime:
        return from_millis(self.mirror.world.clock.now_ms())

    def change(self, most: int, pause: float = 0) -> None:
        """Some random changes by random people. `pause`: seconds between them at most, which pass at once:
        not while anybody reads, who could not know a clock that jumps.
        """
        world = self.mirror.world
        for _ in range(self.random.randint(1, most)):
            with world.acting(self.random.choice(world.members()).id):
                done = world.mutate(self.random, 1)
            self.told += [f"{one.kind} {' '.join(one.subjects)}" for one in done]
            if pause:
                world.clock.advance(self.random.uniform(0.01, pause))

    async def sync(self, kind: RequestableKind) -> None:
        """What a sync of this kind reads of everything is no more unknown."""
        self.reads.append(self.now())
        await self.mirror.sync(kind)
        truth = self.mirror.world.truth()
        kinds = {"full": ("task", "entry"), "deep": ("task", "entry", "comment")}.get(kind, ())
        self.shown |= {(one, key) for one in kinds for key in truth[_TRUE[one]]}

    def instants(self, count: int) -> list[datetime]:
        """Half of them anywhere, half at or beside a change."""
        world, random = self.mirror.world, self.random
        assert world.past
        written = [at for at in world.past.instants if at >= self.began] or [self.began]
        now = world.clock.now_ms()
        anywhere = [random.randrange(self.began, now + 1) for _ in range(count // 2)]
        beside = [
            min(max(random.choice(written) + random.choice((-1, 0, 1)), self.began), now)
            for _ in range(count - count // 2)
        ]
        return [from_millis(one) for one in (*anywhere, *beside)]

    def judge(self, count: int = 200) -> Verdict:
        spans, verdict = read_spans(self.mirror), Verdict()
        for instant in self.instants(count):
            for sentence in self._differences(instant):
                reason = self._excuse(sentence, instant, spans) or self._undone(sentence, instant)
                if reason:
                    verdict.excused[reason] += 1
                else:
                    verdict.wrong.append(f"{instant:%H:%M:%S.%f} {sentence}")
            if any(since <= instant < until for since, until in self.outages):
                continue
            for table, _ in VERSIONS.values():
                row = self.mirror.rows(
                    "SELECT count(*) AS rows,"
                    " count(*) FILTER (WHERE known_from <= %s AND valid_to_earliest > %s)"
                    f" AS certain FROM {table} WHERE valid_from <= %s AND valid_to > %s",
                    *[instant] * 4,
                )[0]
                verdict.rows += row["rows"]
                verdict.certain += row["certain"]
        return verdict

    def _differences(self, instant: datetime) -> list[str]:
        if instant not in self._found:
            truth = self.mirror.world.truth_at(round(instant.timestamp() * 1000))
            self._found[instant] = differences(self.mirror.database_url, truth, self.mirror.zone, instant)
        return self._found[instant]

    def _undone(self, sentence: str, instant: datetime) -> str | None:
        """What was changed and changed back between two reads, no read can find."""
        before = [one for one in self.reads if self._began_at <= one <= instant][-1:]
        after = [one for one in self.reads if one > instant][:1]
        what = re.split(r" is | should ", sentence)[0]
        around = [other for one in (*before, *after) for other in self._differences(one)]
        return None if any(other.startswith(what) for other in around) else "undone before the next read"

    @property
    def _began_at(self) -> datetime:
        return from_millis(self.began)

    def _excuse(self, sentence: str, instant: datetime, spans: Spans) -> str | None:
        found = _SENTENCE.match(sentence)
        assert found, sentence
        if ": date_updated is " in sentence:
            return "a stamp that moved without a change"
        kind, object_id, column = found.group(1), found.group(2).rstrip(":"), found.group(3)
        if (kind, object_id) not in spans.known:
            return "never shown" if (kind, object_id) not in self.shown else None
        if spans.is_uncertain(kind, object_id, instant):
            return "uncertain"
        if column and spans.is_field_uncertain(KIND_OF.get(kind, kind), object_id, column, instant):
            return "uncertain field"
        if column and any(spans.any_uncertain(one, instant) for one in SHOWN_OF.get(column, ())):
            return f"{column} of what is uncertain"
        return None
