"""Each request has an id, by which its answer and its lines in the log are found."""

import re
from secrets import token_hex

from starlette.types import Scope

_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


def request_id_of(scope: Scope) -> str:
    """The caller's, if it is a sane one: it stands in the log and in the answer."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            return str(value, "ascii")
    return token_hex(16)
