"""What an answer with comments proves, and what it does not.

ClickUp tells of no deleted comment, and any answer may be short: rows missing, a page empty, a thread capped.
So a comment that an answer does not show may be deleted, and is until something proves it.

- A reply is gone when the thread shows exactly as many replies as the comment counts (`reply_count`), each
  with an id, and it is not among them. Where the count says more than was shown, nothing is proved.
- A comment is gone when ClickUp answers 404 for its thread. Its replies go with it.
- Where neither can be had (ClickUp may answer for the thread of a deleted comment; an answer may have no
  count), it is gone when every read for a day did not show it, and nothing showed that it is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# So many reads in a row may be short before the task is read no more often than others.
MOST_SHORT_READS = 5
# What every read for so long did not show is gone, where nothing better can be had.
ABSENCE_PROVES_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment's replies as they are stored. `count`: ClickUp's `reply_count` when the comment was stored,
    None where the comment itself is not; `waits`: a reply waits for somebody.
    """

    reply_ids: frozenset[str] = frozenset()
    count: int | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class KnownComments:
    """What is stored of one task's comments: its threads, by the id of the comment that they stand under.

    `absent`: comments and replies that are stored and that the last read did not show, with the moment since
    when. `short_reads`: how many reads in a row were short.
    """

    threads: Mapping[str, Thread] = field(default_factory=dict)
    absent: Mapping[str, datetime] = field(default_factory=dict)
    short_reads: int = 0

    @property
    def is_at_rest(self) -> bool:
        """Its answers were short so often that asking again soon would show no more."""
        return self.short_reads >= MOST_SHORT_READS

    def thread(self, comment_id: str) -> Thread:
        """What is stored below a comment; nothing for one that is not known."""
        return self.threads.get(comment_id, Thread())

    def may_differ(self, comment_id: str, count: int | None) -> bool:
        """Whether the replies to a comment may be others than those stored, by what its own row says."""
        known = self.thread(comment_id)
        if known.waits:
            return True
        if self.is_at_rest and count == known.count:
            return False
        return len(known.reply_ids) != (count or 0)

    def absent_since(self, comment_id: str, now: datetime) -> datetime:
        """Since when reads have not shown it; `now` where the last one did."""
        return self.absent.get(comment_id, now)

    def is_proved_by_time(self, comment_id: str, now: datetime) -> bool:
        """Whether every read for long enough did not show it."""
        return now - self.absent_since(comment_id, now) >= ABSENCE_PROVES_AFTER


@dataclass(frozen=True, slots=True)
class ShownThread:
    """The replies that ClickUp showed. `has_nameless`: there may be others, because a row had no id."""

    count: int | None
    ids: frozenset[str]
    has_nameless: bool = False

    @property
    def is_whole(self) -> bool:
        """It shows just as many replies as the comment counts."""
        return self.count == len(self.ids) and not self.has_nameless

    @property
    def lacks(self) -> bool:
        """It shows fewer than the comment counts."""
        return self.count is not None and len(self.ids) < self.count
