"""A walk over a listing that changes meanwhile loses no row, ends, and knows when it proves nothing.

Pages are five rows here, so that few rows meet every edge.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.core.clickup.stamps import from_millis
from app.core.sync import walk as walk_module
from app.core.sync.walk import Seen, Walk, partitions, rows_per_partition

PAGE = 5
_WALKS = TypeAdapter(Walk)
MANY = settings(max_examples=300)


@pytest.fixture(autouse=True, scope="module")
def small_pages() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk_module, "TASK_PAGE", PAGE)
        yield


@dataclass
class Listing:
    """Tasks by id with their `date_updated`, and how this server behaves."""

    rows: dict[str, int]
    inclusive: bool = False
    last_page: str = "true at the end"
    ignores_page: bool = False
    descending: bool = False
    touched: set[str] = field(default_factory=set)
    clock: int = 10_000
    asked: int = 0
    shown: set[str] = field(default_factory=set)

    def answer(self, keyset: dict[str, object]) -> tuple[list[Seen], bool]:
        self.asked += 1
        matching = [(stamp, key) for key, stamp in self.rows.items() if self._matches(stamp, keyset)]
        matching.sort(reverse=self.descending)
        page = 0 if self.ignores_page else int(str(keyset["page"]))
        found = matching[page * PAGE : (page + 1) * PAGE]
        at_the_end = len(matching) <= (page + 1) * PAGE
        self.shown.update(key for _, key in found)
        says_last = {"missing": False, "always true": True}.get(self.last_page, at_the_end)
        return [Seen(key, from_millis(stamp)) for stamp, key in found], says_last

    def _matches(self, stamp: int, keyset: dict[str, object]) -> bool:
        after, before, slack = keyset["date_updated_gt"], keyset["date_updated_lt"], int(self.inclusive)
        return (after is None or stamp > int(str(after)) - slack) and (
            before is None or stamp < int(str(before)) + slack
        )

    def change(self, kind: str, which: int) -> None:
        """Edits, deletes or creates a task; the clock moves on."""
        self.clock += 7
        key = f"new {self.clock}" if kind == "create" else self._some_row(which)
        if key is None:
            return
        self.touched.add(key)
        if kind == "delete":
            del self.rows[key]
        else:
            self.rows[key] = self.clock

    def _some_row(self, which: int) -> str | None:
        return sorted(self.rows)[which % len(self.rows)] if self.rows else None


Change = tuple[str, int]


def stored(walk: Walk) -> Walk:
    """The walk as another process finds it."""
    return _WALKS.validate_json(_WALKS.dump_json(walk))


def finish(walk: Walk, listing: Listing, changes: list[list[Change]]) -> Walk:
    """Walks to the end, the listing changing after each page; fails when there is no end."""
    before = set(listing.rows)
    while not walk.ended:
        page, last_page = listing.answer(walk.keyset())
        walk = stored(walk)
        walk.take(page, last_page=last_page)
        for kind, which in changes.pop(0) if changes else []:
            listing.change(kind, which)
        assert listing.asked <= 10 * len(before | listing.touched) + 10
    return walk


def untouched(listing: Listing) -> set[str]:
    return set(listing.rows) - listing.touched


def nothing_is_lost(listing: Listing) -> bool:
    """Every untouched row was seen; only pages that shift in each turn may hide one, till the next walk."""
    missed = untouched(listing) - listing.shown
    return not missed or len(listing.touched) >= 4


def rows(largest_plateau: int) -> st.SearchStrategy[dict[str, int]]:
    """Tasks in plateaus: so many share a millisecond, so far from the one before."""
    plateaus = st.lists(st.tuples(st.integers(1, 4), st.integers(1, largest_plateau)), max_size=14)
    return plateaus.map(_spread)


def _spread(plateaus: list[tuple[int, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    stamp = 1_000
    for gap, size in plateaus:
        stamp += gap
        found |= {f"{(len(found) + number) * 37 % 1009:04}": stamp for number in range(size)}
    return found


def changes(*kinds: str) -> st.SearchStrategy[list[list[Change]]]:
    one = st.tuples(st.sampled_from(kinds), st.integers(0, 99))
    return st.lists(st.lists(one, max_size=4), max_size=12)


@MANY
@given(
    st.tuples(rows(3 * PAGE), st.booleans()),
    changes("edit", "delete", "create"),
    st.sampled_from(["true at the end", "missing"]),
)
def test_every_untouched_row_is_seen(
    filtered: tuple[dict[str, int], bool], meanwhile: list[list[Change]], last_page: str
) -> None:
    """Edits, deletions and new tasks between the pages hide no row that stays as it is."""
    listing = Listing(*filtered, last_page)
    walk = finish(Walk(), listing, meanwhile)
    assert nothing_is_lost(listing)
    assert walk.whole or len(listing.touched) >= 4


@MANY
@given(rows(3 * PAGE), changes("edit", "delete", "create"), st.booleans())
def test_a_false_last_page_is_doubted(
    found: dict[str, int], meanwhile: list[list[Change]], inclusive: bool
) -> None:
    """A server that calls each page the last one is read to the end all the same."""
    listing = Listing(found, inclusive, "always true")
    finish(Walk(), listing, meanwhile)
    assert nothing_is_lost(listing)


@MANY
@given(
    st.tuples(rows(3 * PAGE), st.booleans()),
    changes("edit", "delete", "create"),
    st.booleans(),
    st.sampled_from(["true at the end", "missing"]),
)
def test_a_server_without_pages_cannot_make_it_loop(
    ordered: tuple[dict[str, int], bool], meanwhile: list[list[Change]], inclusive: bool, last_page: str
) -> None:
    """Where `page` is ignored the walk ends, and what it could not reach it does not call whole."""
    found, descending = ordered
    listing = Listing(found, inclusive, last_page, ignores_page=True, descending=descending)
    walk = finish(Walk(), listing, meanwhile)
    assert untouched(listing) <= listing.shown or not walk.whole


def test_a_plateau_behind_an_ignored_page_is_passed() -> None:
    """What lies behind a full page of one millisecond is reached, and the walk owns up to the gap."""
    listing = Listing(_spread([(1, 2 * PAGE), (5, 3)]), ignores_page=True)
    walk = finish(Walk(), listing, [])
    behind = {key for key, stamp in listing.rows.items() if stamp == max(listing.rows.values())}
    assert behind <= listing.shown
    assert not walk.whole


@MANY
@given(
    rows(3 * PAGE),
    changes("edit", "delete", "create"),
    st.booleans(),
    st.sampled_from(["true at the end", "missing"]),
)
def test_a_descending_server_is_read_by_pages(
    found: dict[str, int], meanwhile: list[list[Change]], inclusive: bool, last_page: str
) -> None:
    """A server that answers newest first is read to its end, page by page, through edits."""
    listing = Listing(found, inclusive, last_page, descending=True)
    finish(Walk(), listing, meanwhile)
    assert nothing_is_lost(listing)


@MANY
@given(
    rows(3 * PAGE),
    st.lists(st.integers(990, 1_060), max_size=6),
    changes("edit", "delete", "create"),
    st.booleans(),
)
def test_lanes_cover_everything(
    found: dict[str, int], cuts: list[int], meanwhile: list[list[Change]], inclusive: bool
) -> None:
    """Lanes cut anywhere, in any order, show together every row that stays as it is."""
    listing, walks = Listing(found, inclusive), partitions([from_millis(cut) for cut in cuts])
    for walk in walks:
        listing.asked = 0
        finish(walk, listing, meanwhile)
    assert nothing_is_lost(listing)


def test_lanes_are_open_at_both_ends() -> None:
    """The first stretch has no beginning, the last no end, and neighbours share their boundary."""
    first, second, third = partitions([from_millis(200), from_millis(100), from_millis(200)])
    assert (first.after, first.before) == (None, 101)
    assert (second.after, second.before) == (99, 201)
    assert (third.after, third.before) == (199, None)


def test_without_boundaries_there_is_one_partition() -> None:
    """An empty mirror is filled by a single walk without bounds."""
    assert partitions([]) == [Walk()]


@pytest.mark.parametrize("last_page", [True, False])
def test_an_empty_listing_ends_at_once(last_page: bool) -> None:
    """One empty page is the end, whether the server says so or not."""
    walk = Walk()
    walk.take([], last_page=last_page)
    assert walk.ended
    assert walk.whole


def test_a_short_page_alone_is_no_end() -> None:
    """Without `last_page` a short page with new ids is followed by another request."""
    walk = Walk()
    walk.take([Seen("a", from_millis(5))], last_page=False)
    assert not walk.ended
    assert walk.keyset() == {"page": 0, "date_updated_gt": 4, "date_updated_lt": None}


def test_rows_without_a_date_are_paged() -> None:
    """Where no row says when it changed, the walk turns pages."""
    walk = Walk()
    walk.take([Seen(str(number), None) for number in range(PAGE)], last_page=False)
    assert walk.keyset()["page"] == 1


@given(st.integers(0, 200_000), st.integers(1, 16))
def test_a_lane_fills_its_pages(total: int, wanted: int) -> None:
    """A stretch's rows and the rows repeated at its keys fill whole pages; the stretches hold everything."""
    size = rows_per_partition(total, wanted)
    assert size >= 1
    assert (size + 2) % (PAGE - 1) == 0
    assert (size + 2) * wanted >= total


def test_an_edit_on_a_full_plateau_hides_nothing() -> None:
    """Turning the pages of one millisecond, the walk survives an edit of a row it has passed."""
    listing = Listing(_spread([(1, 3 * PAGE), (5, PAGE)]))
    walk, edited = Walk(), min(listing.rows)
    while not walk.ended:
        page, last_page = listing.answer(walk.keyset())
        walk = stored(walk)
        walk.take(page, last_page=last_page)
        if listing.asked == 3:
            listing.touched.add(edited)
            listing.rows[edited] = listing.clock
    assert untouched(listing) <= listing.shown or not walk.whole


def test_a_false_last_page_on_a_plateau_is_doubted() -> None:
    """A full page of known ids called the last is no end while more may lie behind it."""
    listing = Listing(_spread([(1, PAGE), (5, PAGE)]), last_page="always true")
    walk = finish(Walk(), listing, [])
    assert set(listing.rows) <= listing.shown or not walk.whole


def test_full_plateaus_side_by_side_are_passed_with_an_inclusive_filter() -> None:
    """Two neighbouring milliseconds of several pages each do not end the walk."""
    listing = Listing(_spread([(1, 2 * PAGE), (1, 2 * PAGE), (5, 3)]), inclusive=True)
    finish(Walk(), listing, [])
    assert set(listing.rows) <= listing.shown


def test_a_descending_server_may_begin_with_a_full_plateau() -> None:
    """When the newest tasks fill a page with one millisecond, the older ones are still read."""
    listing = Listing(_spread([(1, 3), (5, PAGE)]), descending=True)
    walk = finish(Walk(), listing, [])
    assert set(listing.rows) <= listing.shown or not walk.whole


def test_a_deletion_on_a_descending_server_is_owned_up_to() -> None:
    """Pages turned by number prove no absence: a deletion meanwhile hides a row."""
    listing = Listing(_spread([(2, 1)] * 3 * PAGE), descending=True)
    walk = finish(Walk(), listing, [[("delete", 3 * PAGE - 1)]])
    assert untouched(listing) <= listing.shown or not walk.whole
