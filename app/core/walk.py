"""Walking a listing of tasks to its end without losing a row, whatever changes meanwhile.

Pages by number lose rows: when a task that was already read is edited it moves to the end of
`order_by=updated`, everything behind it moves up by one, and the row that crosses the page
boundary is never seen. So the walk does not count pages. It asks for "changed after the last row
I saw" each time, page 0: a key, which no edit can shift. Rows of the same millisecond as the key
come again and are recognised by their id.

Two cases need page numbers all the same: more rows share one millisecond than fit on a page (a
plateau), and a server that does not answer in order. There the walk turns pages, and it ends at
the first page that brings no new id, so a server that ignores `page` cannot make it loop.

How a listing ends (observed): `last_page: true`, which is doubted on a full page because a capped
listing says it falsely; without it, a page with no new id.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.core.stamps import to_millis
from app.core.wire import TASK_PAGE


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page shows of one task: enough to walk on."""

    task_id: str
    changed_at: datetime | None


@dataclass(slots=True)
class Walk:
    """One walk over `date_updated` in (after, before), both epoch ms and None for unbounded.

    `ended` means that there is nothing more to ask; `whole` that every row in the range was seen,
    as far as the listing can be believed.
    """

    after: int | None = None
    before: int | None = None
    page: int = 0
    in_order: bool = True
    ended: bool = False
    whole: bool = True
    ids: set[str] = field(default_factory=set)

    def keyset(self) -> dict[str, object]:
        """The query parameters of the next page."""
        return {"page": self.page, "date_updated_gt": self.after, "date_updated_lt": self.before}

    def take(self, page: Sequence[Seen], *, last_page: bool) -> None:
        """Moves on past a page that was read; call only when its rows are safe."""
        fresh = [row.task_id for row in page if row.task_id not in self.ids]
        self.ids.update(fresh)
        if last_page and (len(page) < TASK_PAGE or not fresh):
            self.ended = True
        elif fresh:
            self._step(_stamps(page))
        elif len(page) < TASK_PAGE:
            self.ended = True
        elif self.page == 0:
            self.page = 1
        else:
            self._leave_repeated_page(_stamps(page))

    def _step(self, stamps: list[int]) -> None:
        self.in_order = self.in_order and stamps == sorted(stamps)
        if self.in_order and stamps and self._is_ahead(stamps[-1] - 1):
            self.after, self.page = stamps[-1] - 1, 0
        else:
            self.page += 1

    def _leave_repeated_page(self, stamps: list[int]) -> None:
        # The server ignores `page`: what lies behind this millisecond can be reached, what more
        # lies on it cannot, so this walk proves no absence.
        self.whole = False
        if self.in_order and stamps and self._is_ahead(stamps[-1]):
            self.after, self.page = stamps[-1], 0
        else:
            self.ended = True

    def _is_ahead(self, key: int) -> bool:
        return self.after is None or key > self.after


def _stamps(page: Sequence[Seen]) -> list[int]:
    return [to_millis(row.changed_at) for row in page if row.changed_at]


def lanes(boundaries: Sequence[datetime]) -> list[Walk]:
    """Walks side by side, cut at the given instants, overlapping by a millisecond at each cut.

    A task that is edited meanwhile moves to the last, open lane, or past it to the next sync's
    watermark: the lanes need not wait for each other.
    """
    cuts = [to_millis(boundary) for boundary in sorted(set(boundaries))]
    starts: list[int | None] = [None, *(cut - 1 for cut in cuts)]
    ends: list[int | None] = [*(cut + 1 for cut in cuts), None]
    return [Walk(after=start, before=end) for start, end in zip(starts, ends, strict=True)]


def rows_per_lane(total: int, lanes_wanted: int) -> int:
    """How many rows fill a lane's pages without spilling a few onto a page more.

    Each page after the first repeats the row at its key.
    """
    pages = max(1, -(-total // (lanes_wanted * (TASK_PAGE - 1))))
    return pages * (TASK_PAGE - 1) - 2
