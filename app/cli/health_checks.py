"""Is everything in order between ClickUp, this machine and the database? Each finding says what to do."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from app.cli.render import moment
from app.clickup import Answer, ClickUp
from app.config import Settings
from app.context import resolve_database_url
from app.core.answers.formats import Formats
from app.core.clickup import wire
from app.core.clickup.models import Member
from app.core.clickup.people import read_members, read_person
from app.core.clickup.stamps import to_millis
from app.core.clickup.values import Json, mapping
from app.core.clickup.webhook import endpoint_of, read_webhooks
from app.core.clickup.webhook_health import REACH, describe_live_webhook
from app.core.errors import ClickUpError, NoConnectionLeft, NoPermission, SyncError
from app.core.finding import Finding
from app.core.installation import Installation
from app.core.roles import RoleRights, list_excesses
from app.core.schemas import Schemas, plain
from app.core.words import pluralize
from app.engine.members import choose_workspace, find_workspace, list_visible_workspaces
from app.jobs.connections import list_connections
from app.jobs.secret_findings import examine_account, examine_secret_keys, examine_settings
from app.jobs.workspace_token import list_tokens
from app.reports import Reports
from app.reports.sql import SqlReports, how_to_make_a_reader
from app.reports.sync_status import external_changes_sentence
from app.reports.webhooks import WebhookHealth
from app.sql.connection import check_connection, is_pooled_by_transaction
from app.sql.migrate import inspect, known_revisions
from app.supabase_db import Database

_MAX_SKEW_SECONDS = 5
_OLDEST_POSTGRES = 130_000


async def run_checks(settings: Settings) -> AsyncIterator[Finding]:
    """Every finding, in the order in which it makes sense to fix them."""
    for finding in (*examine_account(), *examine_settings(settings)):
        yield finding
    try:
        known = await list_tokens(settings)
    except SyncError as error:
        known = []
        yield Finding("token", "bad", str(error), "see the findings on the database, if there are any")
    for own in known:
        async with ClickUp.open(own) as clickup:
            async for finding in _examine_clickup(clickup, own, is_stored=own is not settings):
                yield finding
    async for finding in _examine_database(settings):
        yield finding


async def _examine_clickup(
    clickup: ClickUp, settings: Settings, *, is_stored: bool
) -> AsyncIterator[Finding]:
    try:
        owner = await clickup.fetch(wire.user())
    except ClickUpError as error:
        advice = "set a new token (ClickUp, Settings, Apps) in CLICKUP_API_TOKEN"
        if is_stored:
            advice = f"give a new one: `clickup-sync workspaces set-token {settings.clickup_team_id}`"
        yield Finding("token", "bad", f"{error.subject}: {error.reason}", advice)
        return
    person = read_person(mapping(owner.content).get("user"))
    yield Finding("token", "good", f"valid, user {person.name if person else '(no name)'}")
    yield _clock(owner)
    yield _zone(mapping(mapping(owner.content).get("user")), settings)
    try:
        async for finding in _examine_workspace(clickup, settings, person.id if person else ""):
            yield finding
    except SyncError as error:
        yield Finding("workspace", "bad", str(error), "correct the setting, or ask the workspace's owner")


def _clock(answer: Answer) -> Finding:
    skew = (datetime.now(UTC) - answer.server_now).total_seconds()
    if abs(skew) <= _MAX_SKEW_SECONDS:
        return Finding("clock", "good", f"within {_MAX_SKEW_SECONDS} s of ClickUp's")
    return Finding(
        "clock",
        "mind",
        f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} ClickUp's",
        "switch on NTP",
    )


def _zone(owner: Json, settings: Settings) -> Finding:
    if settings.timezone:
        return Finding("time zone", "good", f"{settings.timezone} (TIMEZONE)")
    name = owner.get("timezone")
    if name:
        return Finding("time zone", "good", f"{name} (the token owner's in ClickUp)")
    return Finding("time zone", "mind", "ClickUp has none, so UTC is used", "set TIMEZONE")


async def _examine_workspace(clickup: ClickUp, settings: Settings, owner_id: str) -> AsyncIterator[Finding]:
    answer = await clickup.fetch(wire.workspaces())
    workspace_id = choose_workspace(list_visible_workspaces(answer.content), settings.clickup_team_id)
    workspace = find_workspace(answer.content, workspace_id)
    members = [member for member in read_members(workspace) if isinstance(member, Member)]
    yield Finding("workspace", "good", f"{workspace.get('name')} ({workspace_id}), {len(members)} members")
    role = next((member.role for member in members if member.clickup_user_id == owner_id), None)
    yield _role(role)
    yield await _limit(clickup, workspace_id)
    yield await _others_time(clickup, workspace_id, [member.clickup_user_id for member in members], role)
    yield await _visible_places(clickup, workspace_id)
    if settings.public_url:
        yield await _webhook(clickup, workspace_id, endpoint_of(settings.public_url))


def _role(role: str | None) -> Finding:
    if role in ("owner", "admin"):
        return Finding("role", "good", role)
    advice = "the time of others is read task by task; use the token of an owner or admin to read all of it"
    return Finding("role", "mind", role or "unknown", advice)


async def _limit(clickup: ClickUp, workspace_id: str) -> Finding:
    try:
        plan = mapping((await clickup.fetch(wire.plan(workspace_id))).content).get("plan_name")
    except ClickUpError:
        plan = None
    throttle = clickup.throttle
    if throttle.limit is None:
        return Finding("rate limit", "mind", "ClickUp sends none", "nothing: answers with 429 are obeyed")
    return Finding(
        "rate limit",
        "good",
        f"{throttle.limit} requests a minute, {throttle.allowed_per_minute} of them used here"
        f"{f' (plan {plan})' if plan else ''}",
    )


async def _others_time(clickup: ClickUp, workspace_id: str, people: list[str], role: str | None) -> Finding:
    now = datetime.now(UTC)
    start, end = to_millis(now - timedelta(days=1)), to_millis(now)
    try:
        await clickup.fetch(wire.time_entries(workspace_id, start, end, people))
    except NoPermission as error:
        better = "" if role in ("owner", "admin") else "; an owner's or admin's token sees all"
        return Finding(
            "time entries",
            "mind",
            f"the token may not read the time of everybody at once: {error.reason}",
            f"no data is lost, but it costs more requests{better}",
        )
    except ClickUpError as error:
        return Finding("time entries", "bad", str(error), "run doctor again in a minute")
    return Finding("time entries", "good", f"of all {len(people)} members")


async def _visible_places(clickup: ClickUp, workspace_id: str) -> Finding:
    answers = [await clickup.fetch(wire.spaces(workspace_id, archived=flag)) for flag in (False, True)]
    counts = [len(wire.listed(answer.content, "spaces") or []) for answer in answers]
    if not any(counts):
        return Finding("spaces", "mind", "none is visible", "ask for an invitation to the spaces")
    return Finding("spaces", "good", f"{counts[0]} visible, {counts[1]} archived")


async def _webhook(clickup: ClickUp, workspace_id: str, endpoint: str) -> Finding:
    try:
        listed = read_webhooks((await clickup.fetch(wire.webhooks(workspace_id))).content)
    except ClickUpError as error:
        return Finding("webhook", "bad", str(error), "use the token of a person who may create webhooks")
    found = next((hook for hook in listed if hook.endpoint == endpoint), None)
    if found is None:
        advice = "the service registers one; `clickup-sync webhooks register` does it now, or says why not"
        return Finding("webhook", "mind", f"this token has none for {endpoint}", advice)
    is_healthy, said = describe_live_webhook(found)
    return Finding(
        "webhook", "good" if is_healthy else "bad", said, "" if is_healthy else REACH.format(endpoint)
    )


async def _examine_database(settings: Settings) -> AsyncIterator[Finding]:
    """One connection at a time, but for the question that needs two: a small database has no more."""
    try:
        url = await resolve_database_url(settings)
        await check_connection(url)
        async with Database.open(url, settings.schemas, connections=2) as database:
            server = (await database.ask("get_server"))[0]
        yield _version(server)
        yield await _connection(settings, url)
        yield _permissions(server, settings.schemas)
        schema = _schema(await asyncio.to_thread(inspect, url, settings.schemas), settings.schemas)
        yield schema
        if schema.verdict == "good":
            async with Database.open(url, settings.schemas, connections=2) as database:
                yield await examine_secret_keys(database, settings)
                for finding in await _connections(database, settings):
                    yield finding
                yield await _external_changes(database, settings.formats)
                yield await _reader(database)
                for finding in await _roles(database):
                    yield finding
                async for finding in _deliveries(database, settings):
                    yield finding
                for finding in await _refused(database, settings.formats):
                    yield finding
    except SyncError as error:
        yield Finding("database", "bad", str(error), "check DATABASE_URL, and that the server runs")


def _version(server: dict[str, Any]) -> Finding:
    place = f"PostgreSQL {server['version']}, database {server['database']}"
    if server["version_number"] < _OLDEST_POSTGRES:
        return Finding("database", "bad", place, "PostgreSQL 13 or newer is needed")
    return Finding("database", "good", place)


async def _connection(settings: Settings, url: str) -> Finding:
    if settings.database_url is None:
        return Finding("connection", "good", "the bundled server, under DATA_DIR")
    try:
        pooled = await is_pooled_by_transaction(url)
    except NoConnectionLeft:
        found = "only one more connection is available, so the check for a transaction pooler was skipped"
        return Finding("connection", "mind", found, "nothing, if other programs need the rest")
    if pooled:
        return Finding("connection", "good", "through a transaction pooler: nothing here needs a session")
    return Finding("connection", "good", "direct, or through a session pooler")


def _permissions(server: dict[str, Any], schemas: Schemas) -> Finding:
    role, tables, views = plain(server["role"]), plain(schemas.tables), plain(schemas.views)
    may = f"create tables in schema {schemas.tables}"
    if not server["has_schema"]:
        may = f"create schema {schemas.tables}"
    if not server["may_create"]:
        grant = f"GRANT CREATE ON SCHEMA {tables} TO {role}"
        if not server["has_schema"]:
            grant = f"CREATE SCHEMA {tables} AUTHORIZATION {role}"
        return Finding("permissions", "bad", f"{role} may not {may}", f"as the database's owner: {grant}")
    if not server["may_create_views"]:
        return Finding(
            "permissions",
            "bad",
            f"{role} may not create the views, in schema {schemas.views}",
            f"as the database's owner: CREATE SCHEMA {views} AUTHORIZATION {role}; where it is another "
            f"program's, set DATABASE_VIEWS_SCHEMA to another name",
        )
    return Finding("permissions", "good", f"{role} may {may}")


def _schema(found: Installation, schemas: Schemas) -> Finding:
    known = known_revisions()[-1]
    if found.obstacle:
        return Finding("schema", "bad", found.obstacle.found, found.obstacle.advice)
    if found.revision is None and found.elsewhere:
        return Finding(
            "schema",
            "mind",
            f"at revision none in schema {schemas.tables}; there is a mirror in {', '.join(found.elsewhere)}",
            f"set DATABASE_SCHEMA={found.elsewhere[0]} to use it; else the next sync creates a second one",
        )
    if found.revision == known and not found.is_old:
        return Finding("schema", "good", f"at revision {known}, in schema {schemas.tables}")
    return Finding("schema", "mind", f"at revision {found.revision or 'none'}", "the next sync updates it")


async def _connections(database: Database, settings: Settings) -> list[Finding]:
    """Whether each connected workspace has a token that can be used."""
    known = await list_connections(database, settings)
    errors = [
        Finding(
            "workspaces",
            "bad",
            f"{one.name} ({one.workspace_id}): {one.error}",
            f"give it another token: `clickup-sync workspaces set-token {one.workspace_id}`",
        )
        for one in known
        if one.error and one.state == "active"
    ]
    if errors or not known:
        return errors
    return [Finding("workspaces", "good", f"{pluralize(len(known), 'workspace')} connected")]


async def _refused(database: Database, formats: Formats) -> list[Finding]:
    """What ClickUp refused this token when it was last asked, of each workspace in the mirror."""
    reports = Reports(database)
    refused = [
        one
        for workspace in await reports.list_workspaces()
        for one in await reports.list_refused(workspace.workspace_id)
    ]
    if not refused:
        return [Finding("refusals", "good", "ClickUp refused no object")]
    return [
        Finding(
            "refusals",
            "mind",
            f"{one.what} since {moment(one.since, formats)}: {one.reason}",
            f"tried again from {moment(one.retry_at, formats)}, or at once by `clickup-sync sync --full`; "
            "to mirror it, share it with the token's owner in ClickUp",
        )
        for one in refused
    ]


async def _external_changes(database: Database, formats: Formats) -> Finding:
    subject, remedy = "changes by others", "run `clickup-sync sync --full`, which restores these rows"
    missing = await database.fetch("list_missing_triggers")
    if missing:
        tables = ", ".join(row["table_name"] for row in missing)
        return Finding(
            subject,
            "mind",
            f"are not recorded, because triggers are missing or disabled on {tables}",
            "run `clickup-sync sync --full`: it installs them again and compares every row",
        )
    rows = await database.fetch("list_external_changes", workspace_id=None)
    if rows:
        found = external_changes_sentence({row["table_name"]: row["total"] for row in rows})
        return Finding(subject, "mind", found, remedy)
    last = await database.fetch_one("get_last_restoration", workspace_id=None)
    if last is None:
        return Finding(subject, "good", "none: no other program changed a row")
    return Finding(
        subject,
        "good",
        f"none now; {formats.number(last['total'])} rows were restored by the {last['kind']} sync of "
        f"{moment(last['started_at'], formats)}",
    )


async def _reader(database: Database) -> Finding:
    if await SqlReports(database).has_reader():
        reader = plain(database.schemas.reader)
        return Finding("SQL of assistants", "good", f"answered with the rights of {reader}")
    advice = how_to_make_a_reader(database.schemas)
    return Finding("SQL of assistants", "mind", "the tool `query` cannot answer, all others can", advice)


async def _roles(database: Database) -> list[Finding]:
    """Which roles read the mirror, and which can do more than they should."""
    roles = [RoleRights(**row) for row in await database.ask("list_role_rights")]
    excesses = [
        Finding("roles", "mind", found, advice)
        for rights in roles
        for found, advice in list_excesses(rights, database.schemas)
    ]
    if excesses:
        return excesses
    readers = [plain(rights.role) for rights in roles if rights.readable]
    if not readers:
        return [Finding("roles", "good", "only the owner of the tables reads them")]
    return [Finding("roles", "good", f"{', '.join(readers)} can read the mirror, but no internal table")]


async def _deliveries(database: Database, settings: Settings) -> AsyncIterator[Finding]:
    """How the webhook is as the mirror knows it, of each workspace that these settings are for."""
    reports = Reports(database)
    for workspace in await reports.list_workspaces():
        if settings.clickup_team_id in (None, workspace.workspace_id):
            health = await reports.webhooks.get_health(workspace.workspace_id, settings.public_url)
            for finding in _of_webhook(health, settings.formats):
                yield finding


def _of_webhook(health: WebhookHealth, formats: Formats) -> Iterator[Finding]:
    for problem in health.problems:
        if problem.code == "not_registered":
            continue  # ClickUp itself was asked, and said so above.
        since = f" (since {moment(problem.since, formats)})" if problem.since else ""
        yield Finding("deliveries", "bad", f"{problem.message}{since}", problem.remedy)
    if health.is_used and not health.problems:
        last = moment(health.last_delivery_at, formats) if health.last_delivery_at else "none yet"
        refused = sum(one.last_day for one in health.refused)
        yield Finding(
            "deliveries",
            "good",
            f"the latest: {last}; {formats.number(refused)} refused in the last 24 hours",
        )


def is_healthy(findings: list[Finding]) -> bool:
    """True when nothing must be fixed."""
    return all(finding.verdict != "bad" for finding in findings)
