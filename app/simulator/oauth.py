"""ClickUp's part of OAuth: the page that lets an app in, and the exchange of its code for a token.

The token's owner agrees at once, for every workspace that it sees. With several simulated workspaces the page
has a link for each.
"""

from html import escape
from secrets import token_hex
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from app.simulator.state import SimulatorState
from app.simulator.worlds import Worlds

AUTHORIZE, _TOKEN = "/authorize", "/api/v2/oauth/token"
# What an app is given when it is registered.
CLIENT_ID, CLIENT_SECRET = "SIMULATEDCLIENT", "simulated-client-secret"


def oauth_routes(worlds: Worlds) -> list[BaseRoute]:
    """The two paths, over codes that each count once."""
    codes = dict[str, SimulatorState]()

    async def authorize(request: Request) -> Response:
        asked = request.query_params
        if asked.get("client_id") != CLIENT_ID or not asked.get("redirect_uri"):
            return _refusal(400, "Client not found", "OAUTH_010")
        try:
            desk = worlds.choose(asked.get("world"))
        except ValueError:
            return _choice(worlds, request)
        code = token_hex(8)
        codes[code] = desk
        query = urlencode({"code": code} | ({"state": asked["state"]} if "state" in asked else {}))
        return RedirectResponse(f"{asked['redirect_uri']}?{query}", 302)

    async def exchange(request: Request) -> Response:
        body = orjson.loads(await request.body() or b"{}")
        if (body.get("client_id"), body.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _refusal(401, "Client secret invalid", "OAUTH_011")
        desk = codes.pop(str(body.get("code")), None)
        if desk is None:
            return _refusal(400, "Code not found", "OAUTH_014")
        token = desk.world.oauth_token_for(desk.world.owner().id)
        return Response(orjson.dumps({"access_token": token}), media_type="application/json")

    return [Route(AUTHORIZE, authorize, methods=["GET"]), Route(_TOKEN, exchange, methods=["POST"])]


def _choice(worlds: Worlds, request: Request) -> Response:
    links = (
        f'<li><a href="{escape(str(request.url.include_query_params(world=world.workspace.id)))}">'
        f"{escape(world.workspace.name)}</a></li>"
        for world in worlds.list_worlds()
    )
    title = "Choose a workspace"
    return HTMLResponse(
        f"<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1><ul>{''.join(links)}</ul></html>"
    )


def _refusal(status: int, err: str, ecode: str) -> Response:
    return Response(orjson.dumps({"err": err, "ECODE": ecode}), status, media_type="application/json")
