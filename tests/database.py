"""How tests reach PostgreSQL themselves, beside the product."""

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tests.threads import runs_the_product

# Longer than any lock is held by a product that works, also on a slow machine.
_LOCK_TIMEOUT = "-c lock_timeout=60s"


def connect(url: str, *, options: str = "", **more: Any) -> psycopg.Connection[Any]:
    """A connection that blocks its thread, though never for ever: a lock that does not come is an error.

    Raises AssertionError on a thread whose event loop runs the product: a transaction of the product there
    could not go on and free what this connection waits for.
    """
    assert not runs_the_product(), "this blocks the product, which runs on this thread: ask in another one"
    given = conninfo_to_dict(url).get("options") or ""
    return psycopg.connect(url, options=f"{given} {options} {_LOCK_TIMEOUT}".strip(), **more)
