"""A server that holds its callers to ClickUp's published contract is mirrored like any other."""

from random import Random

import pytest

from app.core.errors import Transient
from app.simulator.model import Role
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror


async def test_a_strict_server_has_nothing_to_object_to(make_mirror: MakeMirror) -> None:
    """The first sync, a full one, a deep one and one of changes send no parameter and lack no header."""
    mirror = make_mirror(small_world(4))
    mirror.sim.desk.strict = True
    for kind in ("incremental", "incremental", "full", "deep"):
        await mirror.sync(kind)
        mirror.world.mutate(Random(2), 10)
    await mirror.sync("deep")
    assert mirror.differences() == []
    assert 422 not in mirror.sim.requests.by_status


async def test_a_members_token_keeps_to_the_contract_too(make_mirror: MakeMirror) -> None:
    """Also where time is read person by person and task by task."""
    mirror = make_mirror(small_world(3, owner_role=Role.MEMBER))
    mirror.sim.desk.strict = True
    await mirror.sync("incremental")
    assert 422 not in mirror.sim.requests.by_status


async def test_who_refuses_in_their_own_words_is_quoted(mirror: Mirror) -> None:
    """The run tells the status and how the answer began, so that people can find out who it was."""
    mirror.faults.add("proxy_page", "/team/*/task", times=None)
    with pytest.raises(Transient, match="HTTP 403, an HTML page titled 'Access denied'"):
        await mirror.sync("incremental", request_attempts=1)
    assert "HTTP 403" in mirror.last_run()["error"]
