"""Whether ClickUp's deliveries arrive: what speaks against it, and what to do about each.

Polling goes on without webhooks, so none of this makes the mirror wrong; it makes it slower than it was
meant to be, and nobody would notice.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from app.core.clickup.delivery import RefusalReason
from app.core.clickup.webhook import Webhook
from app.core.words import pluralize

CheckOutcome = Literal["in_force", "owned_by_other", "refused"]
ProblemCode = Literal[
    "not_registered", "owned_by_other", "registration_refused", "suspended", "failing", "deliveries_refused",
    "silent",
]  # fmt: skip
# ClickUp's code for "a webhook has this address already", also when it is another user's (observed).
ADDRESS_TAKEN_CODE = "OAUTH_171"
ADDRESS_TAKEN_REMEDY = (
    "Run `clickup-sync webhooks list` and `clickup-sync webhooks remove ID` with that person's token; "
    "or use that token here; or set PUBLIC_URL to another address that leads here"
)
# So many looks by the clock must have found changes of which no delivery told, and the first so long ago:
# a delivery may be late, and some changes send none (observed).
SILENT_AFTER_LOOKS, SILENT_AFTER = 3, timedelta(minutes=15)

REACH = "Check that ClickUp can reach {} from the internet: name, certificate, firewall, proxy"

# What refused deliveries have in common, and what to do; those that name our webhook are ClickUp's.
_FROM_CLICKUP: dict[RefusalReason, tuple[str, str]] = {
    "body_changed": (
        "the body was reformatted on the way, so the signature does not match",
        "Let the proxy pass the body of POST requests on unchanged",
    ),
    "signature_wrong": (
        "the signature does not match: the body was changed on the way, or another secret signs",
        "Let the proxy pass the body on unchanged. If it does, run `clickup-sync webhooks remove` and then "
        "`clickup-sync webhooks register`, which makes a new secret",
    ),
    "signature_missing": (
        "the header X-Signature is missing",
        "Let the proxy pass the header X-Signature on",
    ),
}
_FROM_ANYBODY: dict[RefusalReason, str] = {
    "unknown_webhook": "they are signed, but not by a webhook that this mirror registered",
    "unsigned": "they have no signature and name no webhook of this mirror",
}
_IN_WORDS: dict[RefusalReason, str] = {
    **{reason: words for reason, (words, _) in _FROM_CLICKUP.items()},
    **_FROM_ANYBODY,
}


@dataclass(frozen=True, slots=True)
class WebhookProblem:
    """One reason why deliveries do not arrive, since when as far as that is known, and what to do."""

    code: Annotated[ProblemCode, Field(description="Which one", examples=["deliveries_refused"])]
    since: Annotated[datetime | None, Field(description="Since when, as far as that is known")]
    message: Annotated[str, Field(description="What happens")]
    remedy: Annotated[str, Field(description="What to do")]


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """A webhook that this mirror registered, as ClickUp said it was at `checked_at`."""

    endpoint: Annotated[str, Field(description="Where ClickUp delivers to")]
    status: Annotated[str, Field(description="active, failing or suspended", examples=["active"])]
    fail_count: Annotated[int, Field(description="Events it lost in a row", examples=[0])]
    revived_at: Annotated[
        datetime | None, Field(description="When it was last revived; null where it never was")
    ]
    checked_at: Annotated[datetime, Field(description="When ClickUp was last asked about it")]
    last_delivery_at: Annotated[datetime | None, Field(description="When it last delivered")]


@dataclass(frozen=True, slots=True)
class WebhookCheck:
    """How the latest look after the webhook ended, and since when it ends like that."""

    endpoint: str
    outcome: CheckOutcome
    reason: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class RefusedDeliveries:
    """Deliveries refused for one reason: `last_day` in the last 24 hours.

    `since_accepted` of them came after the latest one that was accepted, the first of these at `since`.
    """

    reason: Annotated[RefusalReason, Field(description="Why", examples=["signature_wrong"])]
    last_day: Annotated[int, Field(description="How many in the last 24 hours", examples=[30])]
    since_accepted: Annotated[
        int, Field(description="How many since the latest accepted delivery", examples=[30])
    ]
    since: Annotated[
        datetime | None, Field(description="When the first of these came; null where there is none")
    ]
    last_at: Annotated[datetime, Field(description="When the latest came")]

    @property
    def words(self) -> str:
        """The reason in words."""
        return _IN_WORDS[self.reason]


@dataclass(frozen=True, slots=True)
class WebhookFacts:
    """What is known. `endpoint`: where ClickUp should deliver to, None where nobody wants it to.

    `unannounced`: when the first looks began that found changes since the latest accepted delivery.
    """

    endpoint: str | None
    webhooks: Sequence[StoredWebhook]
    check: WebhookCheck | None
    refused: Sequence[RefusedDeliveries]
    unannounced: Sequence[datetime]


def find_webhook_problems(facts: WebhookFacts, now: datetime) -> list[WebhookProblem]:
    """Every reason why deliveries do not arrive, what causes the others first; empty when all is well."""
    wanted = [one for one in facts.webhooks if facts.endpoint in (None, one.endpoint)]
    problems = [*_registration(facts, wanted), *_refusals(facts.refused)]
    causes_are_known = bool(problems)
    for webhook in wanted:
        problems += _health(webhook, is_explained=causes_are_known)
    if wanted and not problems:
        problems += _silence(facts, wanted[0].endpoint, now)
    return problems


def describe_live_webhook(webhook: Webhook) -> tuple[bool, str]:
    """Whether ClickUp delivers to it as it says now, in words."""
    if webhook.status == "active" and not webhook.fail_count:
        return True, f"active, delivers to {webhook.endpoint}"
    lost = f"{pluralize(webhook.fail_count, 'event')} lost in a row"
    return False, f"{webhook.status}, {lost}, delivers to {webhook.endpoint}"


def _registration(facts: WebhookFacts, wanted: Sequence[StoredWebhook]) -> Iterator[WebhookProblem]:
    endpoint, check = facts.endpoint, facts.check
    if endpoint is None:
        return
    if check is None or check.endpoint != endpoint or check.outcome == "in_force":
        if not wanted:
            yield WebhookProblem(
                "not_registered",
                None,
                f"No webhook is registered for {endpoint} yet",
                "The service registers one at its next check (WEBHOOK_CHECK_SECONDS); "
                "`clickup-sync webhooks register` does it now",
            )
    elif not any(_delivered_since(one, check.since) for one in wanted):
        yield _refused_registration(check)


def _refused_registration(check: WebhookCheck) -> WebhookProblem:
    if check.outcome == "owned_by_other":
        return WebhookProblem(
            "owned_by_other",
            check.since,
            f"ClickUp does not register a webhook for {check.endpoint}, because another person's token has "
            "one there",
            ADDRESS_TAKEN_REMEDY,
        )
    return WebhookProblem(
        "registration_refused",
        check.since,
        f"ClickUp refuses the webhook for {check.endpoint}: {check.reason}",
        "Use the token of an owner or admin of the workspace, then run `clickup-sync webhooks register`",
    )


def _refusals(refused: Iterable[RefusedDeliveries]) -> Iterator[WebhookProblem]:
    """Those that are ClickUp's, after the latest accepted one; one problem, of the most frequent reason."""
    ours = [one for one in refused if one.reason in _FROM_CLICKUP and one.since_accepted]
    if not ours:
        return
    words, remedy = _FROM_CLICKUP[max(ours, key=lambda one: one.since_accepted).reason]
    total = pluralize(sum(one.since_accepted for one in ours), "delivery", "deliveries")
    since = min(one.since for one in ours if one.since)
    yield WebhookProblem(
        "deliveries_refused",
        since,
        f"{total} from ClickUp refused and none accepted since: {words}",
        remedy,
    )


def _health(webhook: StoredWebhook, *, is_explained: bool) -> Iterator[WebhookProblem]:
    reach = REACH.format(webhook.endpoint)
    if webhook.status == "suspended":
        yield WebhookProblem(
            "suspended", webhook.checked_at, "ClickUp has suspended the webhook and delivers nothing", reach
        )
    elif webhook.revived_at and not _delivered_since(webhook, webhook.revived_at):
        yield WebhookProblem(
            "suspended",
            webhook.revived_at,
            "ClickUp had suspended the webhook, because its deliveries failed; it was revived, and no "
            "delivery was accepted since then",
            reach,
        )
    elif (webhook.status != "active" or webhook.fail_count) and not (
        is_explained or _delivered_since(webhook, webhook.checked_at)
    ):
        yield WebhookProblem(
            "failing",
            webhook.checked_at,
            f"ClickUp could not deliver the last {pluralize(webhook.fail_count, 'event')}",
            reach,
        )


def _silence(facts: WebhookFacts, endpoint: str, now: datetime) -> Iterator[WebhookProblem]:
    looks = facts.unannounced
    if len(looks) < SILENT_AFTER_LOOKS or now - min(looks) < SILENT_AFTER:
        return
    message = "Polling finds changes, but no delivery from ClickUp was accepted since"
    meanwhile = [one for one in facts.refused if one.since_accepted]
    if meanwhile:
        most = max(meanwhile, key=lambda one: one.since_accepted)
        total = pluralize(sum(one.since_accepted for one in meanwhile), "request")
        message += f". {total} refused meanwhile: {most.words}"
    yield WebhookProblem(
        "silent",
        min(looks),
        message,
        REACH.format(endpoint),
    )


def _delivered_since(webhook: StoredWebhook, instant: datetime) -> bool:
    return webhook.last_delivery_at is not None and webhook.last_delivery_at > instant
