"""A proxy in between is known by the headers it adds; ordinary programs are not taken for one."""

import pytest

from app.http.local import reason_not_local

OF_PROXIES = """
    Forwarded Via X-Forwarded X-Forwarded-For X-Forwarded-Proto X-Forwarded_For X_Real_IP X-Real-IP
    X-Client-IP True-Client-IP Client-IP ClientIP WL-Proxy-Client-IP X-Remote-IP X-Remote-Addr
    X-Originating-IP X-Source-IP X-Cluster-Client-IP X-ProxyUser-Ip X-Imforwards X-Original-URL
    X-Original-Forwarded-For X-Original-Host CF-Connecting-IP CF-Ray CF-IPCountry Cf-Access-Jwt-Assertion
    CDN-Loop Max-Forwards Proxy-Connection X-Envoy-External-Address X-Envoy-Internal Fly-Client-IP
    Fly-Region Fastly-Client-IP Fastly-SSL X-Azure-ClientIP X-Azure-SocketIP X-Azure-Ref X-FD-HealthProbe
    X-ARR-LOG-ID X-MS-Client-Principal X-Amzn-Trace-Id X-Amzn-Oidc-Data X-Amz-Cf-Id
    CloudFront-Viewer-Address X-AppEngine-User-IP X-Cloud-Trace-Context X-Goog-Authenticated-User-Email
    X-Request-Start X-Queue-Start Akamai-Origin-Hop X-Akamai-Edgescape Incap-Client-IP X-Sucuri-ClientIP
    X-BlueCoat-Via X-Varnish X-Host X-Scheme X-Url-Scheme Front-End-Https X-Client-Cert X-Client-Port
    SSL-Client-Cert X-SSL-Client-Verify X-TLS-Version X-NF-Client-Connection-IP X-Vercel-IP-Country
    X-Railway-Request-Id rndr-id l5d-client-id X-Kong-Request-Id X-Traefik-Router Tailscale-User-Login
    Ngrok-Auth-User-Email X-Pomerium-Jwt-Assertion X-Auth-Request-User Remote-User Remote-Email
    Remote-Groups X-Remote-User X-WebAuth-User
"""
OF_PROGRAMS = """
    User-Agent Accept Accept-Encoding Accept-Language Accept-Charset Connection Keep-Alive Authorization
    X-API-Key X-Request-ID X-Correlation-ID If-None-Match If-Modified-Since Range TE Expect Content-Type
    Content-Length Transfer-Encoding Cookie Cache-Control Pragma Priority From Date Save-Data DNT Sec-GPC
    Sec-Fetch-Mode Sec-Fetch-Dest Sec-Fetch-User Sec-CH-UA Sec-CH-UA-Mobile Sec-CH-UA-Platform
    Upgrade-Insecure-Requests Purpose Sec-Purpose Alt-Used Service-Worker X-Requested-With X-CSRF-Token
    HX-Request HX-Current-URL HX-Target HX-Trigger Last-Event-ID Mcp-Protocol-Version Mcp-Session-Id
    Mcp-Method Mcp-Name traceparent tracestate baggage sentry-trace X-B3-TraceId X-Datadog-Trace-Id
    X-Stainless-Lang X-Stainless-Retry-Count X-Client-Info X-Client-Version Postman-Token Idempotency-Key
    X-Prometheus-Scrape-Timeout-Seconds X-Grafana-Org-Id Access-Control-Request-Method X-Goog-Api-Client
    X-MS-Client-Request-ID X-HTTP-Method-Override X-User-ID
"""


def is_local(header: str) -> bool:
    sent = [(b"host", b"localhost"), (header.lower().encode(), b"1")]
    return reason_not_local({"client": ("127.0.0.1", 1), "headers": sent, "scheme": "http"}) is None


@pytest.mark.parametrize("header", OF_PROXIES.split())
def test_any_sign_of_a_proxy_counts(header: str) -> None:
    """Content delivery networks, load balancers, meshes, login proxies: each by a header that it adds."""
    assert not is_local(header)


def test_ordinary_programs_are_served() -> None:
    """What curl, Python, browsers, the page, and clients of MCP send is no sign of a proxy."""
    assert [header for header in OF_PROGRAMS.split() if not is_local(header)] == []
