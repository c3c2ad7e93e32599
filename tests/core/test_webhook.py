"""Exactly one webhook of ours, and nobody else's touched."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clickup.delivery import EVENTS
from app.core.clickup.webhook import Webhook, endpoint_of, plan_webhooks, read_webhooks

OURS = "https://mirror.example.com/webhooks/clickup"


def hook(webhook_id: str, endpoint: str = OURS, **details: Any) -> Webhook:
    wanted: dict[str, Any] = {"events": frozenset(EVENTS), "status": "active", "fail_count": 0, "secret": "s"}
    return Webhook(webhook_id, endpoint, **wanted | details)


def test_without_one_it_is_made() -> None:
    """Somebody else's for another address is no substitute, and stays."""
    plan = plan_webhooks([hook("x", "https://elsewhere.example.com/hook")], {}, OURS)
    assert (plan.keep, plan.delete) == (None, [])


def test_one_that_is_well_is_left_alone() -> None:
    """Failing is not suspended: ClickUp goes on delivering."""
    for status in ("active", "failing"):
        plan = plan_webhooks([hook("a", status=status)], {"a": "s"}, OURS)
        assert plan.keep and plan.keep.webhook_id == "a"
        assert (plan.revive, plan.delete) == (False, [])


@pytest.mark.parametrize("details", [{"status": "suspended"}, {"events": frozenset({"taskCreated"})}])
def test_one_that_sleeps_or_hears_too_little_is_revived(details: dict[str, Any]) -> None:
    """It stays the same webhook."""
    assert plan_webhooks([hook("a", **details)], {"a": "s"}, OURS).revive


def test_all_events_may_be_written_as_a_star() -> None:
    """Then nothing is missing."""
    assert not plan_webhooks([hook("a", events=frozenset({"*"}))], {"a": "s"}, OURS).revive


def test_duplicates_and_earlier_addresses_of_ours_go() -> None:
    """The one whose secret is known stays."""
    listed = [
        hook("a"),
        hook("b"),
        hook("c", "https://old.example.com/webhooks/clickup"),
        hook("d", "https://x.example.com"),
    ]
    plan = plan_webhooks(listed, {"b": "s", "c": "s"}, OURS)
    assert plan.keep and plan.keep.webhook_id == "b"
    assert sorted(plan.delete) == ["a", "c"]


def test_one_whose_secret_nobody_knows_is_made_anew() -> None:
    """Its deliveries could not be believed."""
    plan = plan_webhooks([hook("a", secret=None)], {}, OURS)
    assert (plan.keep, plan.delete) == (None, ["a"])


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.booleans(), st.booleans()), unique_by=lambda one: one[0]
    ),
    st.sets(st.sampled_from("abcdef")),
)
def test_whatever_is_listed_strangers_stay_and_one_of_ours_is_kept(
    listed: list[tuple[str, bool, bool]], own: set[str]
) -> None:
    """Only our own are deleted, and never the one that is kept."""
    hooks = [
        hook(name, OURS if at_ours else "https://x.example.com", secret="s" if secret else None)
        for name, at_ours, secret in listed
    ]
    plan = plan_webhooks(hooks, dict.fromkeys(own, "s"), OURS)
    strangers = {one.webhook_id for one in hooks if one.endpoint != OURS} - own
    assert not strangers & set(plan.delete)
    assert plan.keep is None or plan.keep.webhook_id not in plan.delete


def test_answers_are_read_whatever_their_shape() -> None:
    """A listing, a creation, and rubbish among it."""
    made = {"id": "a", "webhook": {"id": "a", "endpoint": OURS, "events": ["*"], "secret": "s",
                                   "health": {"status": "suspended", "fail_count": "7"}}}  # fmt: skip
    (one,) = read_webhooks(made)
    assert (one.status, one.fail_count, one.secret) == ("suspended", 7, "s")
    assert [each.webhook_id for each in read_webhooks({"webhooks": [made["webhook"], {}, 3]})] == ["a"]
    assert read_webhooks({"webhooks": []}) == []
    assert read_webhooks(None) == []


def test_the_address_is_below_the_public_url() -> None:
    """With or without a slash at its end."""
    assert endpoint_of("https://mirror.example.com/") == endpoint_of("https://mirror.example.com") == OURS
