"""The members of a workspace: one answer brings all of them, and their absence is proof."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from app.clickup import Answer
from app.core.clickup import wire
from app.core.clickup.models import Member
from app.core.clickup.people import read_members
from app.core.clickup.values import Json, identifier, mapping, objects, plain_text
from app.core.errors import InvalidRequest, MalformedObject
from app.core.visible_text import visible
from app.engine.refused_rows import Writer, store
from app.engine.run import Run
from app.sql.connection import as_json
from app.supabase_db import Transaction


async def reread_members(run: Run) -> list[str]:
    """The ids of those who are members now, after one request; who left meanwhile is marked."""
    answer = await run.fetch(wire.workspaces())
    members = members_of(run, find_workspace(answer.content, run.workspace_id))
    await store(run, lambda writer: store_members(run, writer, answer, members))
    return [member.clickup_user_id for member in members]


def list_visible_workspaces(answer: Any) -> dict[str, str]:
    """Names of the workspaces that the token sees, by id."""
    teams = objects(mapping(answer).get("teams"))
    return {
        team_id: plain_text(team.get("name")) or team_id
        for team in teams
        if (team_id := identifier(team.get("id")))
    }


def choose_workspace(seen: Mapping[str, str], wanted: str | None) -> str:
    """The id of the wanted workspace, or of the token's only one. `seen`: names by id.

    Raises InvalidRequest, which lists those there are.
    """
    listed = ", ".join(visible(f"{workspace_id} ({name})") for workspace_id, name in seen.items())
    if not seen:
        raise InvalidRequest("the token sees no workspace: ask for an invitation, or use another token")
    if wanted is None and len(seen) == 1:
        return next(iter(seen))
    if wanted is None:
        raise InvalidRequest(
            "the token sees several workspaces: choose one by its id, in CLICKUP_TEAM_ID or with --team-id: "
            f"{listed}"
        )
    if wanted not in seen:
        raise InvalidRequest(f"the token does not see workspace {wanted[:100]}. It sees: {listed}")
    return wanted


def find_workspace(answer: Any, workspace_id: str) -> Json:
    """ClickUp's object of this workspace. Raises InvalidRequest where the token does not see it."""
    wanted = choose_workspace(list_visible_workspaces(answer), workspace_id)
    teams = objects(mapping(answer).get("teams"))
    return next(team for team in teams if identifier(team.get("id")) == wanted)


def members_of(run: Run, workspace: Json) -> list[Member]:
    """The members in a workspace of ClickUp's answer; one that cannot be read is skipped with a note."""
    members: dict[str, Member] = {}
    for member in read_members(workspace):
        if isinstance(member, MalformedObject):
            run.skip(member)
        else:
            members[member.clickup_user_id] = member
    return list(members.values())


async def store_members(run: Run, writer: Writer, answer: Answer, members: list[Member]) -> None:
    """An empty list proves nothing: then nobody is marked."""
    if members:
        ids = [member.clickup_user_id for member in members]
        await writer.tx.fetch("lock_people", workspace_id=run.workspace_id, ids=ids)
        await writer.write("member", members, partial(_write_members, run))
        await writer.tx.write(
            "mark_members_left",
            workspace_id=run.workspace_id,
            asked_at=answer.asked_at,
            ids=ids,
        )
        await writer.tx.write("refresh_employees", workspace_id=run.workspace_id)
        await writer.tx.note("delete_obsolete_refusals", workspace_id=run.workspace_id)


async def _write_members(run: Run, tx: Transaction, members: list[Member]) -> list[str]:
    rows, written = as_json(members), set[str]()
    for query in ("upsert_employees", "upsert_memberships"):
        found = await tx.write_returning(query, workspace_id=run.workspace_id, rows=rows)
        written.update(row["clickup_user_id"] for row in found)
    return sorted(written)
