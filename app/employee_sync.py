"""Syncs the workspace and its people. One answer contains all members, so who is absent has left."""

import asyncio

from app.clickup import Answer
from app.core.clickup import wire
from app.core.clickup.models import Member
from app.core.clickup.people import read_members, read_person
from app.core.clickup.values import Json, identifier, mapping, objects, plain_text
from app.core.errors import ClickUpError, MalformedObject, TokenRejected, Transient
from app.engine.members import find_workspace, members_of, store_members
from app.engine.refused_rows import Writer, store
from app.engine.run import Run
from app.sql.connection import as_json

# What other rows repeat of a person: a new name moves no `date_updated` anywhere.
_REFRESHED = ("refresh_employees_of_tasks", "refresh_names_of_time_entries", "refresh_names_of_comments")


async def sync_employees(run: Run) -> None:
    """Members as ClickUp lists them now; who left is marked, not deleted: their hours remain."""
    run.progress.begin("people", None)
    async with asyncio.TaskGroup() as group:
        user = group.create_task(run.fetch(wire.user()))
        workspaces = group.create_task(run.fetch(wire.workspaces()))
        plan_name = group.create_task(_plan_name(run))
    answer, owner = workspaces.result(), mapping(mapping(user.result().content).get("user"))
    workspace = find_workspace(answer.content, run.workspace_id) | {"plan_name": plan_name.result()}
    members = members_of(run, workspace)
    await _store(run, answer, workspace, members, owner)
    await _store_visible(run, answer)
    run.findings.counts["members"] = len(members)
    run.progress.advance("people", len(members))


async def _plan_name(run: Run, workspace_id: str | None = None) -> str | None:
    """None where it is not told, for whatever reason: a mere name ends no run. The known one then stays."""
    try:
        answer = await run.fetch(wire.plan(workspace_id or run.workspace_id))
    except TokenRejected:
        raise
    except ClickUpError as error:
        if isinstance(error, Transient):
            run.note(f"the name of the plan could not be read: {error}")
        return None
    return plain_text(mapping(answer.content).get("plan_name"))


async def _store(run: Run, answer: Answer, workspace: Json, members: list[Member], owner: Json) -> None:
    person = read_person(owner)
    role = next((member.role for member in members if person and member.clickup_user_id == person.id), None)

    async def body(writer: Writer) -> None:
        tx = writer.tx
        name = plain_text(workspace.get("name")) or run.workspace_id
        await tx.note("ensure_environment_connection", workspace_id=run.workspace_id, name=name)
        await tx.write(
            "upsert_workspace",
            workspace_id=run.workspace_id,
            name=name,
            color=plain_text(workspace.get("color")),
            avatar=plain_text(workspace.get("avatar")),
            plan_name=workspace["plan_name"],
            members_count=len(members),
            token_user_id=person.id if person else None,
            token_user_name=person.name if person else None,
            token_role=role,
            owner_time_zone=plain_text(owner.get("timezone")),
        )
        await store_members(run, writer, answer, members)
        for query in _REFRESHED:
            await tx.write(query, workspace_id=run.workspace_id)
        await tx.note(
            "complete_stream",
            workspace_id=run.workspace_id,
            stream="people",
            read_at=answer.asked_at,
            blind_spot=None,
        )

    await store(run, body)


async def _store_visible(run: Run, answer: Answer) -> None:
    """Every workspace the token can see; the plan of another one is asked once, and in a deep sync."""
    known = await run.context.database.fetch("list_visible_plans", workspace_id=run.workspace_id)
    plans = {row["visible_id"]: row["plan_name"] for row in known}
    teams = {identifier(team.get("id")): team for team in objects(mapping(answer.content).get("teams"))}
    rows = [await _visible(run, visible_id, team, plans) for visible_id, team in teams.items() if visible_id]
    async with run.transaction() as tx:
        await tx.note("upsert_visible_workspaces", workspace_id=run.workspace_id, rows=as_json(rows))
        await tx.note(
            "delete_hidden_workspaces",
            workspace_id=run.workspace_id,
            ids=[row["visible_id"] for row in rows],
        )


async def _visible(run: Run, visible_id: str, team: Json, plans: dict[str, str | None]) -> Json:
    is_due = visible_id != run.workspace_id and (visible_id not in plans or run.kind == "deep")
    plan_name = await _plan_name(run, visible_id) if is_due else None
    return {
        "visible_id": visible_id,
        "name": plain_text(team.get("name")) or visible_id,
        "color": plain_text(team.get("color")),
        "avatar": plain_text(team.get("avatar")),
        "plan_name": plan_name,
        "members_count": sum(not isinstance(member, MalformedObject) for member in read_members(team)),
    }
