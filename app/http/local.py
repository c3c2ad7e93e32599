"""Without keys only programs on this machine are served: what tells that a caller is none of them.

A service on 127.0.0.1 is not private by that alone. A reverse proxy on the machine makes everybody look
local; and a web page of anybody, opened here in a browser, can ask too. A page need not read an answer to
start a sync, and its server's name may be made to lead to this machine (DNS rebinding).
"""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from app.http.addresses import is_loopback

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
# Headers that proxies, load balancers, content delivery networks and login proxies add. By parts of names,
# because each vendor has its own. Not `X-Request-ID` and `traceparent`: ordinary programs send these too.
_PROXY_HEADERS = re.compile(
    r"""
    (.*-)?via|cdn-loop|front-end-https|rndr-id|x-varnish|x-(request|queue)-start|x-cloud-trace-context
    | .*(forward|proxy|proxied|original|loadbalanc|cluster).*  # X-Forwarded-For, Max-Forwards
    | (.*-)?([a-z]*client|remote|real|connecting|user|source|src|peer|host|imp)-?ip(v?[46])?
    | (.*-)?ip(address)?
    | (.*-)?(client|remote|real|source|peer|host)-?(addr|address|host|port|user|cert|dn|verify|proto)(-.*)?
    | remote-(email|groups|name)
    | x-(scheme|host|port|proto|protocol|url-scheme|uri|server-(name|port|addr)|script-name|(ssl|tls)(-.*)?)
    | (ssl|tls)-.*
    | x-goog-(authenticated|iap)-.*|x-ms-client-principal.*
    | (x-)?(akamai|amzn|appengine|arr|auth-request|authentik|authenticated|azure|cdn|cf|cloudfront|edge|envoy
      | fastly|fly|fd|heroku|incap|istio|iap|kong|l5d|linkerd|ngrok|nf|nginx|pomerium|railway|render|sucuri
      | surrogate|tailscale|traefik|vercel|webauth)-.*
    | x-amz-cf-.*
    """,
    re.VERBOSE,
)
# No page can say that its browser is another program: to set this header it would have to ask beforehand.
_BROWSERS = ("Mozilla/", "Opera/")


def reason_not_local(scope: Scope, origins: tuple[str, ...] = ()) -> str | None:
    """What tells that the caller is not a program on this machine; None where nothing does.

    A page of another origin is a stranger too, also of another port of this machine; but for `origins`.
    """
    client = scope.get("client")
    if not client or not is_loopback(client[0]):
        return "this request comes from another machine"
    if scope.get("http_version") == "1.0":
        return "this request came as HTTP/1.0, as from a reverse proxy"
    if any(_is_of_proxy(name) for name, _ in scope["headers"]):
        return "this request came through a proxy"
    headers = Headers(scope=scope)
    host = headers.getlist("host")
    if len(host) != 1 or _without_port(host[0]) not in _LOCAL_NAMES:
        return "this request is addressed to another name than localhost"
    if _is_of_other_page(scope, headers, origins):
        return "this request was sent by a page of another website"
    return None


def may_be_of_other_page(headers: Headers) -> bool:
    """Whether a browser asks and does not say for which page: it may look, and change nothing."""
    says = any(name in headers for name in ("sec-fetch-site", "origin", "referer"))
    return not says and headers.get("user-agent", "").startswith(_BROWSERS)


def _is_of_proxy(name: bytes) -> bool:
    return _PROXY_HEADERS.fullmatch(name.decode("latin-1").replace("_", "-")) is not None


def _is_of_other_page(scope: Scope, headers: Headers, origins: tuple[str, ...]) -> bool:
    """Whether a browser says so. `Sec-Fetch-Site: none`: a person typed the address, or had a bookmark."""
    own = {f"{scope['scheme']}://{headers['host']}", *origins}
    if (origin := headers.get("origin")) is not None:
        return origin not in own
    if (site := headers.get("sec-fetch-site")) is not None:
        return site not in ("none", "same-origin")
    referer = headers.get("referer")
    return referer is not None and _origin(referer) not in own


def _origin(address: str) -> str | None:
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}"


def _without_port(host: str) -> str:
    name, colon, port = host.strip().lower().rpartition(":")
    return name if colon and (port.isdigit() or not port) else host.strip().lower()
