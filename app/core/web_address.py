"""Addresses of the web in the settings, and who could read what is sent to them. Pure."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

# Programs differ in what they make of these, and so in which host they see.
_NO_URL_LETTER = re.compile(r"[\\\s\x00-\x1f\x7f]")


def web_address(url: str) -> str:
    """An http or https address without a slash at its end. Raises ValueError, without the address."""
    text = url.strip()
    parts = _split(text)
    if parts is None or parts.scheme not in ("http", "https") or _NO_URL_LETTER.search(text):
        raise ValueError("it is not an http or https address")
    if "@" in parts.netloc:
        raise ValueError("it contains a user or password, which would be shown: remove them")
    return text.rstrip("/")


def _split(text: str) -> SplitResult | None:
    """The parts; None where there is no host, or the host or the port is none."""
    try:
        parts = urlsplit(text)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def travels_in_clear(url: str) -> bool:
    """Whether what is sent to this address can be read on the way: http to another machine."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether it is a name or an address of this machine alone."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
