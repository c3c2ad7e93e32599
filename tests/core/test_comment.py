"""Comments and replies, and the way to the next page."""

from typing import Any

import pytest

from app.core.clickup.comment import next_page, read_comment
from app.core.clickup.models import Comment
from app.core.clickup.stamps import from_millis
from app.core.errors import MalformedObject

WIRE: dict[str, Any] = {
    "id": 458,
    "comment_text": "Please look\x00",
    "user": {"id": 1, "username": "Ada", "email": "ada@example.com"},
    "assignee": {"id": "2", "username": None, "email": "bob@example.com"},
    "assigned_by": {"id": 3, "username": "Cy"},
    "resolved": False,
    "date": "1700000000123",
    "reply_count": "2",
}


def test_a_comment_is_read() -> None:
    """Ids become text, an invited person is named by e-mail, the count comes as text."""
    assert read_comment("abc", WIRE) == Comment(
        clickup_comment_id="458",
        clickup_task_id="abc",
        parent_comment_id=None,
        text="Please look",
        author_id="1",
        author_name="Ada",
        assignee_id="2",
        assignee_name="bob@example.com",
        assigned_by_id="3",
        assigned_by_name="Cy",
        resolved=False,
        commented_at=from_millis(1_700_000_000_123),
        reply_count=2,
    )


def test_a_team_may_be_waited_for() -> None:
    """Beside a person or instead of one; a bare id is its own name."""
    team = read_comment("abc", WIRE | {"assignee": None, "group_assignee": {"id": "g1", "name": "Team A"}})
    assert (team.assignee_id, team.assignee_group_id, team.assignee_group_name) == (None, "g1", "Team A")
    both = read_comment("abc", WIRE | {"group_assignee": "g2"})
    assert (both.assignee_id, both.assignee_group_id, both.assignee_group_name) == ("2", "g2", "g2")
    for nobody in (None, {}, ""):
        assert read_comment("abc", WIRE | {"group_assignee": nobody}).assignee_group_id is None


def test_reactions_are_kept_and_counted() -> None:
    """By the sign they are, whether they come as objects or as names."""
    thumb = {"reaction": "1F44D", "date": "1", "user": {"id": 1}}
    read = read_comment("abc", WIRE | {"reactions": [thumb, "tada", thumb, None, {"reaction": None}]})
    assert read.reactions == [thumb, "tada", thumb, {"reaction": None}]
    assert read.reaction_counts == {"👍": 2, "tada": 1}


def test_blocks_are_kept_as_they_came() -> None:
    """But for what PostgreSQL cannot hold; a block nested without end costs itself alone."""
    deep: Any = "x"
    for _ in range(300):
        deep = [deep]
    blocks = [{"text": "a\x00", "n": 2**70}, {"text": "b", "attributes": deep}, {"type": "divider"}, 5]
    read = read_comment("abc", {"id": 1, "comment": blocks})
    assert read.blocks == [{"text": "a", "n": str(2**70)}, {"type": "divider"}, 5]
    assert read.text == "a[divider]"
    assert read.unreadable_fields.keys() == {"comment"}
    assert read_comment("abc", {"id": 1}).blocks == []


def test_a_bare_comment_is_read() -> None:
    """An id alone is a comment by nobody, waiting for nobody."""
    bare = read_comment("abc", {"id": "1", "assignee": None, "user": ""})
    assert (bare.text, bare.author_id, bare.assignee_id, bare.commented_at) == ("", None, None, None)
    assert (bare.resolved, bare.reply_count) == (False, None)


def test_a_reply_names_its_parent() -> None:
    """A reply can be assigned like any comment."""
    reply = read_comment("abc", WIRE, parent="400")
    assert reply.parent_comment_id == "400"
    assert reply.assignee_id == "2"


def test_blocks_stand_in_for_the_text() -> None:
    """Without `comment_text` the blocks' texts make the comment."""
    assert read_comment("abc", {"id": 1, "comment": [{"text": "Hi "}, {"text": "Bob"}]}).text == "Hi Bob"


@pytest.mark.parametrize(
    ("wrong", "field", "attribute", "left"),
    [
        ({"comment_text": {}}, "comment_text", "text", ""),
        ({"comment_text": {}, "comment": [{"text": "Hi"}]}, "comment_text", "text", "Hi"),
        ({"comment_text": None, "comment": [{"n": float("inf")}, {"text": "Hi"}]}, "comment", "text", "Hi"),
        ({"comment": {"text": "Hi"}}, "comment", "blocks", []),
        ({"group_assignee": [1]}, "group_assignee", "assignee_group_id", None),
        ({"reactions": "many"}, "reactions", "reactions", []),
        ({"date": "today"}, "date", "commented_at", None),
        ({"date": 253_402_214_400_000}, "date", "commented_at", None),
        ({"reply_count": "many"}, "reply_count", "reply_count", None),
        ({"reply_count": 2**31}, "reply_count", "reply_count", None),
        ({"resolved": "perhaps"}, "resolved", "resolved", False),
        ({"user": {"username": "Ada"}}, "user", "author_id", None),
        ({"assignee": ["Ada"]}, "assignee", "assignee_id", None),
    ],
)
def test_one_bad_field_costs_one_field(
    wrong: dict[str, Any], field: str, attribute: str, left: object
) -> None:
    """It is empty and named; the comment is kept."""
    comment = read_comment("abc", WIRE | wrong)
    assert getattr(comment, attribute) == left
    assert list(comment.unreadable_fields) == [field]
    assert comment.assigned_by_name == "Cy"


def test_without_an_id_there_is_no_comment() -> None:
    """Nothing can be said of a comment that has no id."""
    with pytest.raises(MalformedObject, match="it has no id") as caught:
        read_comment("abc", WIRE | {"id": None})
    assert (caught.value.kind, caught.value.object_id) == ("comment", "")


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([{"id": 9, "date": "1"}, {"id": 458, "date": "1700000000123"}], (1_700_000_000_123, "458")),
        ([{"id": "c", "date": 0}], (0, "c")),
        ([], None),
        ([{"id": "c"}], None),
        ([{"date": "1"}], None),
        ([{"id": "c", "date": "today"}], None),
        (["c"], None),
    ],
)
def test_the_next_page_begins_at_the_last_row(rows: list[Any], found: tuple[int, str] | None) -> None:
    """Date and id of the last row, both together, or None where there is no telling."""
    assert next_page(rows) == found
