"""The way of one request: logged, delayed, checked against the limit, struck by faults, answered."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from app.simulator.contract import ContractBroken, check_contract
from app.simulator.corrupt import corrupt, spoils
from app.simulator.faults import Action, Rule
from app.simulator.odd_values import with_odd_values
from app.simulator.ratelimit import Allowance
from app.simulator.request import Ask, Json, Refusal, bad_input, not_yours
from app.simulator.state import SimulatorState
from app.simulator.worlds import Worlds

PREFIX = "/api/v2"
Handler = Callable[[SimulatorState, Ask], Any]

_FIREWALL = b"<!DOCTYPE html><html><head><title>Access denied</title></head><body>Blocked.</body></html>"
_HTML = b"<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Answer:
    """`whole` is False when the connection breaks in the middle of the body."""

    status: int
    body: bytes
    headers: dict[str, str]
    html: bool = False
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Door:
    """One route as an ASGI application. `handler` answers with JSON data or with JSON bytes."""

    worlds: Worlds
    pattern: str
    handler: Handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, answered from the workspace of its token."""
        request = Request(scope, receive)
        token, _ = _token(request.headers.get("authorization", ""))
        desk = self.worlds.find(token)
        if desk is None:
            await _send(_refused(_unknown_token(token), {}), time.time_ns() // 1_000_000, send)
        else:
            await _Visit(desk, self.pattern, self.handler)(request, send)


@dataclass(frozen=True, slots=True)
class _Visit:
    """A request to one workspace."""

    desk: SimulatorState
    pattern: str
    handler: Handler

    async def __call__(self, request: Request, send: Send) -> None:
        """From its log line to the last byte of its answer."""
        path, query = request.url.path.removeprefix(PREFIX), _query(request)
        self.desk.requests.asked(request.method, self.pattern, _target(request))
        strokes = self.desk.faults.match_fault(request.method, path, query)
        await self._delay(strokes)
        if "reset" in strokes and self.desk.connections.reset(_client(request.scope)):
            return
        try:
            answer = await self._answer(request, query, strokes)
        except ClientDisconnect:
            return
        self.desk.requests.answered(answer.status)
        await _send(answer, self.desk.world.clock.now_ms() if self.desk.dated else None, send)

    async def _delay(self, strokes: dict[Action, Rule]) -> None:
        seconds = self.desk.latency_ms / 1_000
        if "slow" in strokes:
            seconds += strokes["slow"].amount
        if seconds > 0:
            await asyncio.sleep(seconds)

    async def _answer(
        self, request: Request, query: dict[str, tuple[str, ...]], strokes: dict[Action, Rule]
    ) -> Answer:
        headers: dict[str, str] = {}
        # What stands before ClickUp answers without knowing the token or its budget.
        if "proxy_page" in strokes:
            return Answer(int(strokes["proxy_page"].amount) or 403, _FIREWALL, headers, html=True)
        if "empty" in strokes:
            return Answer(int(strokes["empty"].amount) or 401, b"", headers)
        try:
            token, oauth = _token(request.headers.get("authorization", ""))
            allowance = self._spend(token, strokes)
            headers = allowance.headers()
            if not allowance.allowed:
                raise Refusal(429, "Rate limit reached", "APP_002")
            user_id = self._user(token)
            _refuse(strokes)
            if self.desk.strict:
                check_contract(request.method, self.pattern, query, request.headers)
            ask = Ask(user_id, oauth, request.path_params, query, await _body(request), _lag(strokes))
            return self._answered(ask, strokes, headers)
        except ContractBroken as broken:
            return Answer(422, orjson.dumps(broken.details()), headers)
        except Refusal as refusal:
            return _refused(refusal, headers)

    def _spend(self, token: str, strokes: dict[Action, Rule]) -> Allowance:
        if "rate_limit" in strokes:
            return self.desk.rate.refuse(strokes["rate_limit"].amount)
        return self.desk.rate.spend(token, 1 + self.desk.foreign_cost)

    def _user(self, token: str) -> int:
        world = self.desk.world
        user_id = world.tokens.get(token)
        if user_id is None or token in world.dead_tokens:
            raise _unknown_token(token)
        if world.people[user_id].left:
            raise Refusal(401, "Oauth token not found", "OAUTH_019")
        return user_id

    def _answered(self, ask: Ask, strokes: dict[Action, Rule], headers: dict[str, str]) -> Answer:
        if "ignore_page" in strokes:
            ask = replace(ask, query={**ask.query, "page": ("0",)})
        with self.desk.world.lock:
            content = self.handler(self.desk, ask)
        body = content if isinstance(content, bytes) else orjson.dumps(content)
        body = with_odd_values(self.desk.world, body)
        if spoils(strokes):
            spoilt = corrupt(orjson.loads(body), strokes, self.desk.faults.random, ask)
            body = orjson.dumps(spoilt)
        return Answer(200, body, headers, whole="cut" not in strokes)


def _unknown_token(token: str) -> Refusal:
    if not token:
        return Refusal(401, "Authorization Header Required", "OAUTH_017")
    return Refusal(401, "Token invalid", "OAUTH_025")


def _refused(refusal: Refusal, headers: dict[str, str]) -> Answer:
    html = refusal.status >= 500
    body = _HTML if html else orjson.dumps({"err": refusal.err, "ECODE": refusal.ecode})
    return Answer(refusal.status, body, headers, html)


def _target(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def _client(scope: Scope) -> tuple[str, int]:
    host, port = scope.get("client") or ("", 0)
    return host, port


def _query(request: Request) -> dict[str, tuple[str, ...]]:
    """Both `name[]=a` and `name[0]=a` fill `name[]`."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(request.url.query, keep_blank_values=True):
        stem, bracket, index = name.partition("[")
        key = f"{stem}[]" if bracket and index.removesuffix("]").isdigit() else name
        found[key] = (*found.get(key, ()), value)
    return found


def _token(given: str) -> tuple[str, bool]:
    """The token, empty when there is none, and whether it came as an OAuth one."""
    scheme, _, rest = given.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip(), True
    return given.strip(), False


async def _body(request: Request) -> Json:
    raw = await request.body()
    if not raw:
        return {}
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise bad_input("Body is not JSON") from None
    if not isinstance(body, dict):
        raise bad_input("Body must be an object")
    return body


def _refuse(strokes: dict[Action, Rule]) -> None:
    if "dead_token" in strokes:
        raise Refusal(401, "Oauth token not found", strokes["dead_token"].ecode or "OAUTH_019")
    if "no_permission" in strokes:
        refusal = not_yours()
        raise Refusal(refusal.status, refusal.err, strokes["no_permission"].ecode or refusal.ecode)
    if "error" in strokes:
        rule = strokes["error"]
        raise Refusal(int(rule.amount) or 500, "Something went wrong", rule.ecode or "ITEMV2_003")
    if "reset" in strokes:
        raise Refusal(502, "Connection lost", "APP_005")
    if "ok_with_error" in strokes:
        raise Refusal(200, "Internal error", "APP_001")


def _lag(strokes: dict[Action, Rule]) -> int:
    return round(strokes["lag"].amount * 1_000) if "lag" in strokes else 0


async def _send(answer: Answer, now_ms: int | None, send: Send) -> None:
    kind = "text/html" if answer.html else "application/json; charset=utf-8"
    headers = answer.headers | {
        "content-type": kind,
        "content-length": str(len(answer.body)),
    }
    if now_ms is not None:
        headers["date"] = formatdate(now_ms / 1_000, usegmt=True)
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    if answer.whole:
        await send({"type": "http.response.body", "body": answer.body})
    else:
        # Ending without the rest makes the server close the connection in the middle of the body.
        half = answer.body[: len(answer.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
