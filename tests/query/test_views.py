"""The views are commented in the database, and the resource says the same."""

from typing import Any

import orjson
import pytest
from psycopg.rows import dict_row

from app.context import open_database
from app.mcp.request_context import Opened, context_of
from app.mcp.schema_resource import read_schema
from app.reports import Reports
from app.sql.loader import load_queries
from tests.conftest import Server
from tests.database import connect
from tests.engine.mirror import Mirror

PROMISED = """
    tasks employees memberships time_entries comments spaces folders lists workspaces task_assignees task_tags
    task_dependencies custom_field_values daily_snapshots changes status_periods runs freshness
"""


@pytest.fixture(scope="module")
def known(server: Server, template: str) -> list[dict[str, Any]]:
    with connect(server.url_of(template), row_factory=dict_row) as connection:
        return connection.execute(load_queries()["list_views"].encode()).fetchall()


def test_the_views_are_those_that_were_promised(known: list[dict[str, Any]]) -> None:
    """No more, no fewer."""
    assert {row["view"] for row in known} == set(PROMISED.split())


def test_each_view_and_column_has_a_meaning(known: list[dict[str, Any]]) -> None:
    """A sentence; nothing is left to guess from a name."""
    for row in known:
        assert row["meaning"] and row["meaning"].endswith("."), row
        assert row["column_meaning"] and row["column_meaning"].endswith("."), row


def test_null_is_explained_where_it_can_be(
    server: Server, template: str, known: list[dict[str, Any]]
) -> None:
    """A column that comes from one that may be NULL says what NULL means."""
    with connect(server.url_of(template)) as connection:
        may_be_null = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND is_nullable = 'YES'"
        ).fetchall()
    tables = {"freshness": "streams", "custom_field_values": "task_custom_fields"}
    for row in known:
        if (tables.get(row["view"], row["view"]), row["column"]) in may_be_null:
            assert "NULL: " in row["column_meaning"], f"{row['view']}.{row['column']}"


def test_no_view_has_what_is_nobodys_business(known: list[dict[str, Any]]) -> None:
    """No fingerprints, no secrets, no error texts, nothing of workers and webhooks."""
    columns = {row["column"] for row in known}
    assert not columns & {"fingerprint", "secret", "token_user_id", "error", "notes", "holder", "fence"}


async def test_the_resource_has_all_of_it(mirror: Mirror, known: list[dict[str, Any]]) -> None:
    """clickup://schema: views, columns with type and meaning, and the rules."""
    settings = mirror.settings()
    async with open_database(settings) as database:
        asked = await context_of(Opened(settings, database, Reports(database), is_local=True), None)
        document = orjson.loads(await read_schema(asked))
    assert len(document["rules"]) > 5
    for row in known:
        view = document["views"][row["view"]]
        assert view["meaning"] == row["meaning"]
        assert view["columns"][row["column"]] == f"{row['type']}. {row['column_meaning']}"
