"""Registering, listing, reviving and deleting webhooks."""

from urllib.parse import urlsplit

from app.simulator.request import Ask, Json, Refusal, bad_input
from app.simulator.routes_places import known_workspace
from app.simulator.state import SimulatorState
from app.simulator.webhooks import EVENTS, Webhook


def create(desk: SimulatorState, ask: Ask) -> Json:
    """A new webhook and the secret it signs with; not at an address of another user's (observed)."""
    known_workspace(desk.world, ask)
    endpoint, events = _endpoint(ask), _events(ask)
    if any(one.endpoint == endpoint and one.user_id != ask.user_id for one in desk.webhooks.known.values()):
        raise Refusal(400, "Webhook configuration already exists", "OAUTH_171")
    return _answer(desk, desk.webhooks.register(ask.user_id, endpoint, events))


def listing(desk: SimulatorState, ask: Ask) -> Json:
    """Only those of this user (source: ClickUp docs)."""
    known_workspace(desk.world, ask)
    mine = [one for one in desk.webhooks.known.values() if one.user_id == ask.user_id]
    return {"webhooks": [_shape(desk, one) for one in mine]}


def update(desk: SimulatorState, ask: Ask) -> Json:
    """`status: active` revives a suspended webhook (source: ClickUp docs)."""
    webhook = _known(desk, ask)
    endpoint = _endpoint(ask) if "endpoint" in ask.body else webhook.endpoint
    events = _events(ask) if "events" in ask.body else webhook.events
    webhook.endpoint, webhook.events = endpoint, events
    if ask.body.get("status") == "active":
        webhook.revive()
    return _answer(desk, webhook)


def delete(desk: SimulatorState, ask: Ask) -> Json:
    """Nothing is delivered any more."""
    del desk.webhooks.known[_known(desk, ask).id]
    return {}


def _known(desk: SimulatorState, ask: Ask) -> Webhook:
    webhook = desk.webhooks.known.get(ask.path["webhook_id"])
    if webhook is None or webhook.user_id != ask.user_id:
        raise Refusal(404, "Webhook not found", "WEBHOOK_004")
    return webhook


def _endpoint(ask: Ask) -> str:
    endpoint = ask.body.get("endpoint")
    if not isinstance(endpoint, str) or not _is_address(endpoint):
        raise bad_input("Endpoint must be a URL")
    return endpoint


def _is_address(endpoint: str) -> bool:
    try:
        address = urlsplit(endpoint)
    except ValueError:
        return False
    return address.scheme in ("http", "https") and bool(address.netloc)


def _events(ask: Ask) -> frozenset[str]:
    """`*` stands for all of them (source: ClickUp docs)."""
    events = ask.body.get("events")
    wanted = [events] if isinstance(events, str) else events
    if not isinstance(wanted, list) or not wanted:
        raise bad_input("Events must be a list")
    if "*" in wanted:
        return EVENTS
    if not all(isinstance(name, str) and name in EVENTS for name in wanted):
        raise bad_input("Event type not found")
    return frozenset(wanted)


def _answer(desk: SimulatorState, webhook: Webhook) -> Json:
    return {"id": webhook.id, "webhook": _shape(desk, webhook)}


def _shape(desk: SimulatorState, webhook: Webhook) -> Json:
    """Here the ids of the user and the workspace are numbers (source: ClickUp docs)."""
    return {
        "id": webhook.id,
        "userid": webhook.user_id,
        "team_id": int(desk.world.workspace.id),
        "endpoint": webhook.endpoint,
        "client_id": "",
        "events": sorted(webhook.events),
        "task_id": None,
        "list_id": None,
        "folder_id": None,
        "space_id": None,
        "health": {"status": webhook.status, "fail_count": webhook.fail_count},
        "secret": webhook.secret,
    }
