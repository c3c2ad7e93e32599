"""What speaks against the arrival of ClickUp's deliveries, told by data alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.clickup.delivery import explain_refusal
from app.core.clickup.webhook_health import (
    RefusedDeliveries,
    StoredWebhook,
    WebhookCheck,
    WebhookFacts,
    find_webhook_problems,
)
from tests.core.test_delivery import sign

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://mirror.example.com/webhooks/clickup"
WELL = StoredWebhook(URL, "active", 0, None, NOW - timedelta(minutes=1), NOW - timedelta(hours=1))


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def facts(**known: Any) -> WebhookFacts:
    standard: dict[str, Any] = {
        "endpoint": URL,
        "webhooks": [WELL],
        "check": None,
        "refused": [],
        "unannounced": [],
    }
    return WebhookFacts(**standard | known)


def refused(reason: Any, count: int = 30, since: datetime | None = None) -> RefusedDeliveries:
    return RefusedDeliveries(reason, count, count, since or ago(50), ago(1))


def codes(**known: Any) -> list[str]:
    return [problem.code for problem in find_webhook_problems(facts(**known), NOW)]


def test_all_is_well() -> None:
    """A webhook that is active, and nothing refused; without PUBLIC_URL nothing is wanted either."""
    assert codes() == []
    assert codes(check=WebhookCheck(URL, "in_force", None, ago(5))) == []
    assert codes(endpoint=None, webhooks=[]) == []


def test_none_is_registered() -> None:
    """Also where there is one for another address, and where an earlier address was refused."""
    assert codes(webhooks=[]) == ["not_registered"]
    assert codes(webhooks=[replace(WELL, endpoint="https://old.example.com")]) == ["not_registered"]
    old = WebhookCheck("https://old.example.com", "refused", "no", ago(5))
    assert codes(webhooks=[], check=old) == ["not_registered"]


@pytest.mark.parametrize(
    ("outcome", "code", "word"),
    [
        ("owned_by_other", "owned_by_other", "another person's token"),
        ("refused", "registration_refused", "no!"),
    ],
)
def test_clickup_refuses_to_register(outcome: Any, code: str, word: str) -> None:
    """Since then, in plain words; not where its deliveries arrive all the same, whoever made it."""
    check = WebhookCheck(URL, outcome, "no!", ago(5))
    (problem,) = find_webhook_problems(facts(webhooks=[], check=check), NOW)
    assert (problem.code, problem.since) == (code, ago(5))
    assert word in problem.message and problem.remedy
    assert codes(check=check) == [code]
    assert codes(check=check, webhooks=[replace(WELL, last_delivery_at=ago(1))]) == []


def test_a_suspended_webhook_stays_a_problem_until_a_delivery_arrives() -> None:
    """To have revived it proves nothing."""
    assert codes(webhooks=[replace(WELL, status="suspended")]) == ["suspended"]
    revived = replace(WELL, revived_at=ago(30))
    assert codes(webhooks=[revived]) == ["suspended"]
    assert codes(webhooks=[replace(revived, last_delivery_at=None)]) == ["suspended"]
    assert codes(webhooks=[replace(revived, last_delivery_at=ago(29))]) == []


def test_a_failing_webhook_is_one_until_a_delivery_arrives() -> None:
    """And is no second problem where it is known why."""
    failing = replace(WELL, status="failing", fail_count=7)
    (problem,) = find_webhook_problems(facts(webhooks=[failing]), NOW)
    assert problem.code == "failing" and "7 events" in problem.message and URL in problem.remedy
    assert codes(webhooks=[replace(failing, last_delivery_at=NOW)]) == []
    assert codes(webhooks=[failing], refused=[refused("body_changed")]) == ["deliveries_refused"]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("body_changed", "reformatted on the way"),
        ("signature_wrong", "changed on the way, or another secret"),
        ("signature_missing", "X-Signature is missing"),
    ],
)
def test_refused_deliveries_of_clickup_are_a_problem(reason: str, words: str) -> None:
    """How many, why, and since when; not once one is accepted."""
    (problem,) = find_webhook_problems(facts(refused=[refused(reason)]), NOW)
    assert (problem.code, problem.since) == ("deliveries_refused", ago(50))
    assert "30 deliveries" in problem.message and words in problem.message and problem.remedy
    accepted = replace(refused(reason), since_accepted=0, since=None)
    assert codes(refused=[accepted]) == []


def test_the_most_frequent_reason_is_told() -> None:
    """With the time of the first, whatever its reason."""
    both = [refused("body_changed", 3, ago(90)), refused("signature_missing", 5)]
    (problem,) = find_webhook_problems(facts(refused=both), NOW)
    assert problem.since == ago(90)
    assert "8 deliveries" in problem.message and "X-Signature" in problem.message


@pytest.mark.parametrize("reason", ["unsigned", "unknown_webhook"])
def test_what_anybody_posts_is_no_problem(reason: str) -> None:
    """A scanner does not make the mirror look broken, however often it comes."""
    assert codes(refused=[refused(reason, 1_000_000)]) == []


def test_silence_while_polling_finds_changes_is_a_problem() -> None:
    """After several looks and some time; a delivery may be late, and some changes send none."""
    looks = [ago(20), ago(19), ago(18)]
    (problem,) = find_webhook_problems(facts(unannounced=looks), NOW)
    assert (problem.code, problem.since) == ("silent", ago(20))
    assert URL in problem.remedy
    assert codes(unannounced=looks[:2]) == []
    assert codes(unannounced=[ago(14), ago(13), ago(12)]) == []
    assert codes(unannounced=looks, webhooks=[]) == ["not_registered"]


def test_silence_tells_what_was_refused_meanwhile() -> None:
    """It may be what ClickUp sent."""
    looks = [ago(20), ago(19), ago(18)]
    (problem,) = find_webhook_problems(facts(unannounced=looks, refused=[refused("unknown_webhook", 4)]), NOW)
    assert problem.code == "silent"
    assert "4 requests refused meanwhile" in problem.message and "not by a webhook" in problem.message
    assert codes(unannounced=looks, refused=[refused("signature_wrong")]) == ["deliveries_refused"]


BODY = b'{"event":"taskUpdated","task_id":"t","webhook_id":"ours","text":"\xc3\xa9/<b>"}'
SECRETS = {"other": "x", "ours": "s3cret"}
SIGNED = sign("s3cret", BODY)


@pytest.mark.parametrize(
    ("body", "signature", "expected"),
    [
        (BODY.replace(b":", b": "), SIGNED, ("body_changed", "ours")),
        (BODY + b"\n", SIGNED, ("body_changed", "ours")),
        (BODY.replace(b"<b>", b""), SIGNED, ("signature_wrong", "ours")),
        (BODY, sign("another", BODY), ("signature_wrong", "ours")),
        (b"webhook ours, no JSON", SIGNED, ("signature_wrong", "ours")),
        (BODY, "nonsense", ("signature_wrong", "ours")),
        (BODY, "", ("signature_missing", "ours")),
        (BODY, "  ", ("signature_missing", "ours")),
        (BODY.replace(b"ours", b"theirs"[:4]), SIGNED, ("unknown_webhook", None)),
        (b"", SIGNED, ("unknown_webhook", None)),
        (b"\xff\x00", SIGNED, ("unknown_webhook", None)),
        (b"", "", ("unsigned", None)),
        (b'{"webhook_id":"x"}', "", ("unsigned", None)),
    ],
    ids=str,
)
def test_why_a_delivery_is_refused(body: bytes, signature: str, expected: tuple[str, str | None]) -> None:
    """What names our webhook is ClickUp's own; everything else anybody may have posted."""
    assert explain_refusal(body, signature, SECRETS) == expected
