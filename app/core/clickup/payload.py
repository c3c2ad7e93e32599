"""Whether a task's payload still says what it said when its row was made."""

from hashlib import blake2b

import orjson

from app.core.clickup.task_row import Names
from app.core.clickup.values import Json, identifier, mapping


def digest_payload(wire: Json, names: Names, code: str) -> str | None:
    """A digest of all that makes a row: the payload, the names that it leaves out, the code that reads it.

    It takes a small part of the time of reading the task. None where it cannot be made.
    """
    space, kind = identifier(mapping(wire.get("space")).get("id")), identifier(wire.get("custom_item_id"))
    zones = [zone and zone.key for zone in (names.zone, names.owner_zone)]
    outside = [code, *zones, names.spaces.get(space or ""), names.types.get(kind or "")]
    try:
        return blake2b(orjson.dumps([wire, outside]), digest_size=16).hexdigest()
    except TypeError:  # nested too deep
        return None
