"""Walking a listing of tasks to its end without losing a row, whatever changes meanwhile.

Pages by number lose rows: when a task that was already read is edited it moves to the end of
`order_by=updated`, everything behind it moves up by one, and the row that crosses the page
boundary is never seen. So the walk does not count pages. It asks for "changed after the last row
I saw" each time, page 0: a key, which no edit can shift. Rows of the same millisecond as the key
come again and are recognised by their id.

Two cases need page numbers all the same: more rows share one millisecond than fit on a page (a
plateau), and a server that does not answer in order. There the walk turns pages, and because they
may shift under it, it turns them again until a whole turn brings no new id.

How a listing ends (observed): `last_page: true`, which is doubted on a full page because a capped
listing says it falsely; without it, a page with no new id. A page that comes twice in a row shows a
server that ignores `page`, and cannot make the walk loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from itertools import pairwise

from app.core.clickup.stamps import to_millis
from app.core.clickup.wire import TASK_PAGE

# After so many turns over the same pages a listing does not come to rest: it proves nothing then.
_MAX_TURNS = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page shows of one task: enough to walk on."""

    task_id: str
    changed_at: datetime | None


class Order(Enum):
    """What the pages so far prove about the server: nothing, oldest change first, or another order."""

    UNKNOWN = "unknown"
    ASCENDING = "ascending"
    OTHER = "other"


@dataclass(slots=True)
class Walk:
    """One walk over `date_updated` in (after, before), both epoch ms and None for unbounded.

    `ended` means that there is nothing more to ask; `whole` that every row in the range was seen,
    as far as the listing can be believed; `gaps` are the instants (epoch ms) of which more rows may
    exist than could be seen. A turn is a series of pages at one key. `ids` are those of the rows that may
    come again at the key, and no others: a walk is stored while its pass pauses, and is small in whatever
    listing.
    """

    after: int | None = None
    before: int | None = None
    page: int = 0
    order: Order = Order.UNKNOWN
    ended: bool = False
    whole: bool = True
    gaps: list[int] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    _stepped_to: int | None = field(default=None, repr=False)
    _turns: int = field(default=1, repr=False)
    _turn_is_fresh: bool = field(default=False, repr=False)
    _shown: list[str] = field(default_factory=list, repr=False)
    _last_stamp: int | None = field(default=None, repr=False)

    def copy(self) -> "Walk":
        """A walk that goes on from here by itself: this one stays as it was until the page is stored."""
        return replace(self, gaps=list(self.gaps), ids=set(self.ids))

    @property
    def in_order(self) -> bool:
        """All that is older than the newest row seen has been seen too: a watermark may stand there."""
        return self.order is Order.ASCENDING

    def keyset(self) -> dict[str, object]:
        """The query parameters of the next page."""
        return {"page": self.page, "date_updated_gt": self._after_key, "date_updated_lt": self.before}

    def take(self, page: Sequence[Seen], *, last_page: bool) -> None:
        """Moves on past a page."""
        shown, stamps = [row.task_id for row in page], _stamps(page)
        fresh = not self.ids.issuperset(shown)
        is_short = len(page) < TASK_PAGE
        repeated = self.page > 0 and bool(shown) and shown == self._shown
        self.ids.update(shown)
        self._shown, self._turn_is_fresh = shown, self._turn_is_fresh or fresh
        if self._loses_order(stamps):
            self._begin_again()
        elif is_short and (last_page or not fresh):
            self._end_turn(nothing_shown=not shown)
        elif repeated:
            self._leave_repeated_page(is_full=not is_short)
        else:
            self._go_on(is_short)

    def _loses_order(self, stamps: list[int]) -> bool:
        """Learns the order from the stamps; True when what was skipped by key was skipped wrongly."""
        was_ascending = self.order is Order.ASCENDING
        before = [self._last_stamp] if self.page and self._last_stamp is not None else []
        steps = [later - earlier for earlier, later in pairwise(before + stamps)]
        if any(step < 0 for step in steps):
            self.order = Order.OTHER
        elif any(step > 0 for step in steps) and self.order is Order.UNKNOWN:
            self.order = Order.ASCENDING
        self._last_stamp = stamps[-1] if stamps else self._last_stamp
        return was_ascending and self.order is Order.OTHER

    def _begin_again(self) -> None:
        self._stepped_to = None
        self._turn_again()

    def _go_on(self, is_short: bool) -> None:
        if not self._can_step(is_short):
            self.page += 1
        elif self._must_turn_again():
            self._turn_again()
        else:
            self._step(to=self._key() - 1)

    def _can_step(self, is_short: bool) -> bool:
        # One short page may be all there is: then any order is in order.
        in_order = self.in_order or (is_short and self.order is Order.UNKNOWN)
        return in_order and self._last_stamp is not None and self._is_ahead(self._key() - 1)

    def _end_turn(self, *, nothing_shown: bool) -> None:
        if self._must_turn_again():
            self._turn_again()
        elif self.page and nothing_shown and self.order is not Order.OTHER and self._is_ahead(self._key()):
            # The plateau ended on a page's edge, or the listing is capped there: look behind it.
            self._step(to=self._key())
        else:
            self.ended = True

    def _must_turn_again(self) -> bool:
        if not self.page or not self._turn_is_fresh:
            return False
        self.whole = self.whole and self._turns < _MAX_TURNS
        return self._turns < _MAX_TURNS

    def _turn_again(self) -> None:
        self.page, self._turn_is_fresh, self._turns = 0, False, self._turns + 1

    def _step(self, *, to: int) -> None:
        self._stepped_to, self.page, self._turn_is_fresh, self._turns = to, 0, False, 1
        # Of the rows behind the key only those of its own millisecond were seen: they end the last page.
        self.ids = set(self._shown)

    def _leave_repeated_page(self, *, is_full: bool) -> None:
        # The server ignores `page`: what lies behind this millisecond can be reached, what more
        # lies on it cannot, so this walk proves no absence.
        if is_full:
            self.whole = False
            self.gaps.append(self._key())
        if self.order is not Order.OTHER and self._last_stamp is not None and self._is_ahead(self._key()):
            self._step(to=self._key())
        else:
            self.ended = True

    def _key(self) -> int:
        return self._last_stamp or 0

    @property
    def _after_key(self) -> int | None:
        return self.after if self._stepped_to is None else self._stepped_to

    def _is_ahead(self, key: int) -> bool:
        return self._after_key is None or key > self._after_key


def _stamps(page: Sequence[Seen]) -> list[int]:
    return [to_millis(row.changed_at) for row in page if row.changed_at]


def partitions(boundaries: Sequence[datetime]) -> list[Walk]:
    """Walks side by side, cut at the given instants, overlapping by a millisecond at each cut.

    A task that is edited meanwhile moves to the last, open stretch, or past it to the next sync's
    watermark: the stretches need not wait for each other.
    """
    cuts = [to_millis(boundary) for boundary in sorted(set(boundaries))]
    starts: list[int | None] = [None, *(cut - 1 for cut in cuts)]
    ends: list[int | None] = [*(cut + 1 for cut in cuts), None]
    return [Walk(after=start, before=end) for start, end in zip(starts, ends, strict=True)]


def rows_per_partition(total: int, stretches_wanted: int) -> int:
    """How many rows fill a stretch's pages without spilling a few onto a page more.

    Each page after the first repeats the row at its key.
    """
    pages = max(1, -(-total // (stretches_wanted * (TASK_PAGE - 1))))
    return pages * (TASK_PAGE - 1) - 2
