"""Changes that nobody sees half done."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from app.simulator.store import Store

C = TypeVar("C", bound=Callable[..., Any])


def atomic(change: C) -> C:
    """The method is one edit, and holds the store's lock while it runs."""

    @wraps(change)
    def locked(store: Store, *args: Any, **kwargs: Any) -> Any:
        with store.lock:
            store.edits += 1
            return change(store, *args, **kwargs)

    return cast(C, locked)
