"""Webhook deliveries: whether ClickUp signed one, and which objects it names.

No mirrored value comes from a delivery. It has no time stamp and may be a replay, it comes at least once and
in no order (observed), so that all it causes in the mirror is a fresh read of what it names. What it tells of
changes is history (`history_item.py`).
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import orjson

from app.core.clickup.values import Json, identifier, mapping, objects

# What costs less to read goes first: where several are named, it is what the event is about.
Mirrored = Literal["task", "list", "folder", "space"]
Subject = tuple[Mirrored, str]
_KINDS: tuple[Mirrored, ...] = get_args(Mirrored)
# Why a delivery is not accepted. The first three name a webhook of ours, so they are ClickUp's own.
RefusalReason = Literal["body_changed", "signature_wrong", "signature_missing", "unknown_webhook", "unsigned"]
_NAME = re.compile(r"[\w-]{1,100}", re.ASCII)
# More objects than this are named by no delivery that was ever seen.
_MOST_SUBJECTS = 50

# What a mirror must know of; goals and key results it does not keep (names: ClickUp docs).
EVENTS = (
    "taskCreated",
    "taskUpdated",
    "taskDeleted",
    "taskPriorityUpdated",
    "taskStatusUpdated",
    "taskAssigneeUpdated",
    "taskDueDateUpdated",
    "taskTagUpdated",
    "taskMoved",
    "taskCommentPosted",
    "taskCommentUpdated",
    "taskTimeEstimateUpdated",
    "taskTimeTrackedUpdated",
    "listCreated",
    "listUpdated",
    "listDeleted",
    "folderCreated",
    "folderUpdated",
    "folderDeleted",
    "spaceCreated",
    "spaceUpdated",
    "spaceDeleted",
)

# ClickUp sends names that are in no document, and misspelt ones (observed: taskTagsUpdated). So what an event
# is about is told by the words in its name. These patterns mean the same to Python and to PostgreSQL.
_COMMENTS, _TIME = "comment|repl(y|ies)|thread", "time(?!estimate)"
# What happened is not shown by a listing of changed tasks.
UNLISTED = f"delet|remov|{_COMMENTS}|{_TIME}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One call of a webhook. `subjects`: kind and id of what it names that may be mirrored."""

    webhook_id: str
    event: str
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class PendingObject:
    """One object to read afresh, for all the deliveries that named it up to `last_delivery`.

    `events`: their names, which tell what beside the object itself may have changed.
    """

    kind: Mirrored
    subject_id: str
    events: frozenset[str]
    last_delivery: int

    @property
    def is_listed(self) -> bool:
        """Whether a listing of changed tasks would show what happened."""
        return self.kind == "task" and not self._speaks_of(UNLISTED)

    @property
    def concerns_comments(self) -> bool:
        """Whether a comment was written or changed."""
        return self._speaks_of(_COMMENTS)

    @property
    def concerns_time(self) -> bool:
        """Whether time was tracked."""
        return self._speaks_of(_TIME)

    def _speaks_of(self, words: str) -> bool:
        return any(re.search(words, event, re.IGNORECASE) for event in self.events)


def find_signer(body: bytes, signature: str, secrets: Mapping[str, str]) -> str | None:
    """The webhook, by id, whose secret makes `signature` (hex) the HMAC-SHA256 of the raw body.

    Compared in constant time, and with every secret, so that the time tells nothing.
    """
    given = signature.strip().lower().encode("utf-8", "replace")
    matching = [
        webhook_id
        for webhook_id, secret in secrets.items()
        if hmac.compare_digest(hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode(), given)
    ]
    return matching[0] if matching else None


def explain_refusal(
    body: bytes, signature: str, secrets: Mapping[str, str]
) -> tuple[RefusalReason, str | None]:
    """Why none of the secrets signed the body, and which of these webhooks, by id, it names all the same.

    An id is looked for in the raw bytes: what changed a body on the way leaves the ids in it.
    """
    named = next((webhook_id for webhook_id in secrets if webhook_id.encode() in body), None)
    if not signature.strip():
        return ("signature_missing" if named else "unsigned"), named
    if named is None:
        return "unknown_webhook", None
    # ClickUp writes JSON without spaces, as does orjson.
    is_reformatted = find_signer(_compact(body), signature, {named: secrets[named]})
    return ("body_changed" if is_reformatted else "signature_wrong"), named


def _compact(body: bytes) -> bytes:
    try:
        return orjson.dumps(orjson.loads(body))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return b""


def read_delivery(body: bytes) -> Delivery:
    """What a signed body names, whatever its event is called; one that cannot be read names nothing."""
    try:
        content = mapping(orjson.loads(body))
    except orjson.JSONDecodeError:
        content = {}
    event = read_name(content.get("event"))
    own = find_named(content, event)
    subjects = [own] if own else list(dict.fromkeys(_nested(content, event)))[:_MOST_SUBJECTS]
    return Delivery(read_name(content.get("webhook_id")), event, tuple(subjects))


def find_named(part: Json, event: str) -> Subject | None:
    """What `task_id`, `list_id` and so on name; first of the kind with which the event's name begins."""
    for kind in sorted(_KINDS, key=lambda kind: not event.startswith(kind)):
        if subject_id := read_name(part.get(f"{kind}_id")) or read_name(mapping(part.get(kind)).get("id")):
            return kind, subject_id
    return None


def _nested(content: Json, event: str) -> Iterator[Subject]:
    """What is named further inside, where the delivery itself names nothing.

    The shapes of `history_items` are those of ClickUp's own examples, in which an item of a place names
    it in `parent_id`, and one of a task's comment the task in `comment.parent`.
    """
    kind = next((kind for kind in _KINDS if event.startswith(kind)), None)
    payload = mapping(content.get("payload"))
    yield from _either(find_named(payload, event), kind, payload.get("id"))
    for item in objects(content.get("history_items")):
        place = kind if kind != "task" else None
        yield from _either(find_named(item, event), place, item.get("parent_id"))
        yield from _either(None, "task", mapping(item.get("comment")).get("parent"))


def _either(named: Subject | None, kind: Mirrored | None, value: object) -> Iterator[Subject]:
    if named:
        yield named
    elif kind and (subject_id := read_name(value)):
        yield kind, subject_id


def read_name(value: object) -> str:
    """Ids and names of events are letters, digits, `-` and `_`; whatever else comes names nothing."""
    name = identifier(value) or ""
    return name if _NAME.fullmatch(name) else ""
