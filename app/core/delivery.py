"""Webhook deliveries: whether ClickUp signed one, and which object it rings for.

A delivery carries no data. It has no time stamp and may be a replay, it comes at least once and in
no order (observed), so that all it may cause is a fresh read of what it names.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import orjson

from app.core.values import identifier, mapping

Mirrored = Literal["task", "space", "folder", "list"]
_KINDS: tuple[Mirrored, ...] = get_args(Mirrored)
_NAME = re.compile(r"[\w-]{1,100}", re.ASCII)

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

# Of these a listing of changed tasks does not show what happened.
UNLISTED = ("taskDeleted", "taskCommentPosted", "taskCommentUpdated", "taskTimeTrackedUpdated")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One call of a webhook. `subject_kind` is `none` where it names nothing that is mirrored."""

    webhook_id: str
    event: str
    subject_kind: Mirrored | Literal["none"]
    subject_id: str


@dataclass(frozen=True, slots=True)
class Doorbell:
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
        return self.kind == "task" and self.events.isdisjoint(UNLISTED)

    @property
    def rings_for_comments(self) -> bool:
        """Whether a comment was written or changed."""
        return not self.events.isdisjoint({"taskCommentPosted", "taskCommentUpdated"})

    @property
    def rings_for_time(self) -> bool:
        """Whether time was tracked."""
        return "taskTimeTrackedUpdated" in self.events


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


def read_delivery(body: bytes) -> Delivery:
    """What a signed body rings for; one that cannot be read rings for nothing."""
    try:
        content = mapping(orjson.loads(body))
    except orjson.JSONDecodeError:
        content = {}
    event = _name(content.get("event"))
    webhook_id = _name(content.get("webhook_id"))
    for kind in _KINDS:
        subject_id = _name(content.get(f"{kind}_id"))
        if subject_id and event in EVENTS and event.startswith(kind):
            return Delivery(webhook_id, event, kind, subject_id)
    return Delivery(webhook_id, event, "none", "")


def _name(value: object) -> str:
    """Ids and names of events are letters, digits, `-` and `_`; whatever else comes names nothing."""
    name = identifier(value) or ""
    return name if _NAME.fullmatch(name) else ""
