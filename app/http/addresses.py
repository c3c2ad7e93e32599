"""Addresses of callers: which are this machine, and which belong together."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.types import Scope


def is_loopback(address: str) -> bool:
    """Whether an address, or the name localhost, is this machine and no other."""
    parsed = parse_address(address)
    return parsed.is_loopback if parsed else address.lower() == "localhost"


def network_of(scope: Scope) -> str:
    """Whose failures are counted together: an address, of IPv6 the 64 bits that one customer is given."""
    client = scope.get("client")
    address = parse_address(client[0]) if client else None
    return network(address) if address else str(None)


def network(address: IPv4Address | IPv6Address) -> str:
    """The address, or of IPv6 its 64 bits that one customer is given."""
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), 64), strict=False))
    return str(address)


@lru_cache(maxsize=256)
def parse_address(address: str) -> IPv4Address | IPv6Address | None:
    """None for what is no address; an IPv4 address that is written as IPv6 is IPv4."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed
