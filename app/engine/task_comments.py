"""One task's comments: read as far as ClickUp shows them, and what is missing settled by proof."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.core.clickup import wire
from app.core.clickup.comment import next_page, read_comment
from app.core.clickup.models import Comment
from app.core.clickup.values import identifier, mapping
from app.core.errors import ClickUpError, MalformedObject, NotFound, TokenRejected, Transient
from app.core.sync.comment_proof import KnownComments, ShownThread
from app.core.words import pluralize
from app.engine.run import Run

# So many comments that seem deleted may be there all the same before no further one is asked for.
_MOST_UNCONFIRMED = 3
_FIRST_PAGE: tuple[int | None, str | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task whose comments are to be read, and its state at the moment that was decided."""

    task_id: str
    changed_at: datetime | None
    known: KnownComments = field(default_factory=KnownComments)


@dataclass(slots=True)
class Read:
    """One task's comments, as far as ClickUp showed them.

    `shown`: the ids of all rows, also of those not understood; `has_nameless`: a row had none. `gone`: what
    is proved deleted; `absent`: what is stored and was neither shown nor proved deleted, since when.
    `short`: sentences about answers that showed less than ClickUp counts or the mirror knows; `is_short`
    also says that an earlier read found that and nothing was asked again.
    """

    wanted: Wanted
    asked_at: datetime
    comments: list[Comment] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    has_nameless: bool = False
    gone: list[str] = field(default_factory=list)
    absent: dict[str, datetime] = field(default_factory=dict)
    short: list[str] = field(default_factory=list)
    is_short: bool = False

    def keep(self, comment_ids: Iterable[str], sentence: str) -> None:
        """These are not shown and not proved deleted, or the answer is short in another way."""
        since = self.wanted.known.absent_since
        self.absent |= {comment_id: since(comment_id, self.asked_at) for comment_id in comment_ids}
        self.short.append(sentence)
        self.is_short = True


async def fetch_comments(run: Run, task: Wanted, *, every_thread: bool) -> Read:
    """All comments of one task and the replies that may have changed. Raises ClickUpError."""
    found = Read(task, run.now())
    await _fetch_top(run, found)
    for comment in list(found.comments):
        count = comment.reply_count
        any_replies = count or task.known.thread(comment.clickup_comment_id).reply_ids
        if (every_thread and any_replies) or task.known.may_differ(comment.clickup_comment_id, count):
            await _fetch_replies(run, found, comment)
        else:
            _carry_over(found, comment)
    await _resolve_missing(run, found)
    return found


async def _fetch_top(run: Run, found: Read) -> None:
    """The task's own comments, page by page. A short page ends them, unless a known one is not shown yet."""
    task_id, position = found.wanted.task_id, _FIRST_PAGE
    while True:
        start, start_id = position
        answer = await run.fetch(wire.comments(task_id, start=start, start_id=start_id))
        rows = _listed(answer.content, f"the comments of task {task_id}")
        fresh, is_full = _take(run, found, rows, parent=None), len(rows) >= wire.COMMENT_PAGE
        if not fresh or not (is_full or _missing(found)):
            return
        following = next_page(rows)
        if following is None:
            if is_full:
                found.keep((), f"the comments of task {task_id}: a whole page has no row to go on from")
            return
        position = following


def _missing(found: Read) -> list[str]:
    """The task's own comments that are known and were not shown."""
    return sorted(found.wanted.known.threads.keys() - found.shown)


def _carry_over(found: Read, comment: Comment) -> None:
    """Of a thread that is not read again, what the last read of it found stands."""
    thread = found.wanted.known.thread(comment.clickup_comment_id)
    known = found.wanted.known.absent
    found.absent |= {one: known[one] for one in thread.reply_ids & known.keys()}
    found.is_short |= len(thread.reply_ids) < (comment.reply_count or 0)
    found.is_short |= not known.keys().isdisjoint(thread.reply_ids)


async def _fetch_replies(run: Run, found: Read, comment: Comment) -> None:
    """The thread under a comment; further pages while it shows fewer replies than the comment counts."""
    parent = comment.clickup_comment_id
    thread = found.wanted.known.thread(parent)
    try:
        shown = await _fetch_thread(run, found, parent, comment.reply_count)
    except NotFound:
        # The listing showed the comment a moment ago: two answers that do not agree prove nothing.
        shown = ShownThread(comment.reply_count, frozenset(), has_nameless=True)
    missing = thread.reply_ids - shown.ids
    if shown.is_whole:
        found.gone += missing
        return
    if shown.count is None and not shown.has_nameless:
        now, known = found.asked_at, found.wanted.known
        proved = {one for one in missing if known.is_proved_by_time(one, now)}
        found.gone += proved
        missing -= proved
    if missing or shown.lacks:
        said = "ClickUp does not say how many" if shown.count is None else f"ClickUp says {shown.count}"
        kept = "stored ones are kept and read again"
        found.keep(missing, f"the replies to comment {parent}: {said}, showed {len(shown.ids)}; {kept}")


async def _fetch_thread(run: Run, found: Read, parent: str, count: int | None) -> ShownThread:
    ids: set[str] = set()
    has_nameless, position = False, _FIRST_PAGE
    while True:
        start, start_id = position
        answer = await run.fetch(wire.replies(parent, start=start, start_id=start_id))
        rows = _listed(answer.content, f"the replies to comment {parent}")
        on_page = {identifier(mapping(row).get("id")) for row in rows}
        has_nameless |= None in on_page
        fresh = on_page - ids - {None}
        ids |= {one for one in fresh if one}
        _take(run, found, rows, parent=parent)
        expects_more = len(rows) >= wire.COMMENT_PAGE if count is None else len(ids) < count
        following = next_page(rows)
        if not fresh or not expects_more or following is None:
            return ShownThread(count, frozenset(ids), has_nameless)
        position = following


async def _resolve_missing(run: Run, found: Read) -> None:
    """Asks for the thread of each comment that is known and was not shown: 404 proves that it is deleted."""
    missing, task_id = _missing(found), found.wanted.task_id
    if not missing:
        return
    unproved, alive = (missing, set()) if found.has_nameless else await _ask_for_missing(run, found, missing)
    if unproved:
        many = pluralize(len(unproved), "comment") + " that the mirror knows"
        kept = "they may not be deleted, so they are kept and read again"
        found.keep(unproved, f"the comments of task {task_id}: ClickUp did not show {many}, and {kept}")
        found.absent |= dict.fromkeys(alive, found.asked_at)


async def _ask_for_missing(run: Run, found: Read, missing: list[str]) -> tuple[list[str], set[str]]:
    """Those that are not proved deleted, and those of them that are there all the same: after a few of the
    former no further one is asked for.
    """
    unproved: list[str] = []
    alive: set[str] = set()
    for comment_id in missing:
        is_gone = None if len(unproved) >= _MOST_UNCONFIRMED else await _is_gone(run, comment_id)
        if is_gone:
            found.gone.append(comment_id)
            continue
        unproved.append(comment_id)
        if is_gone is False:
            alive.add(comment_id)
    if alive:
        return unproved, alive
    proved = {one for one in unproved if found.wanted.known.is_proved_by_time(one, found.asked_at)}
    found.gone += proved
    return [one for one in unproved if one not in proved], alive


async def _is_gone(run: Run, comment_id: str) -> bool | None:
    """True after a 404 for its thread, False where that has replies; None where the answer says neither."""
    try:
        answer = await run.fetch(wire.replies(comment_id))
    except NotFound:
        return True
    except TokenRejected:
        raise
    except ClickUpError:
        return None
    return False if wire.listed(answer.content, "comments") else None


def _listed(content: Any, subject: str) -> list[Any]:
    listed = wire.listed(content, "comments")
    if listed is None:
        raise Transient(subject, "ClickUp's answer has no list of comments")
    return listed


def _take(run: Run, found: Read, rows: list[Any], *, parent: str | None) -> int:
    """Takes rows in and counts those with a new id."""
    fresh = 0
    for item in rows:
        comment_id = identifier(mapping(item).get("id"))
        if comment_id in found.shown:
            continue
        fresh += comment_id is not None
        found.has_nameless |= comment_id is None and parent is None
        found.shown |= {comment_id} if comment_id else set()
        try:
            found.comments.append(read_comment(found.wanted.task_id, mapping(item), parent=parent))
        except MalformedObject as error:
            run.skip(error)
    return fresh
