"""What a checker of database schemas finds: only what is so on purpose.

The checks ask what those of Supabase's own checker ask, of both schemas of the mirror whichever is published.
"""

import re
from typing import Any

import pytest

from app.core.schemas import Schemas
from tests.docs.reading import QUERIES
from tests.engine.test_migrations import rows
from tests.roles.conftest import mirror_relations

_HERE = "relnamespace IN ('{tables}'::regnamespace, '{views}'::regnamespace)"
CHECKS = {
    "a foreign key without an index": f"""
        SELECT relname FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
        WHERE contype = 'f' AND {_HERE} AND NOT EXISTS (SELECT FROM pg_index AS i
            WHERE i.indrelid = c.oid AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)""",
    "a table without a primary key": f"""
        SELECT relname FROM pg_class AS c WHERE relkind = 'r' AND {_HERE}
        AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary)""",
    "two indexes that are the same": f"""
        SELECT relname FROM pg_class AS c JOIN pg_index AS i ON i.indrelid = c.oid WHERE {_HERE}
        GROUP BY relname, substring(pg_get_indexdef(indexrelid) FROM ' USING .*') HAVING count(*) > 1""",
    "row-level security is off": f"""
        SELECT relname FROM pg_class WHERE relkind = 'r' AND {_HERE} AND NOT relrowsecurity""",
    "a policy without row-level security": f"""
        SELECT relname FROM pg_policy JOIN pg_class AS c ON c.oid = polrelid
        WHERE {_HERE} AND NOT relrowsecurity""",
    "row-level security without a policy": f"""
        SELECT 'every table' FROM pg_class AS c WHERE relkind = 'r' AND {_HERE} AND relrowsecurity
        AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid) LIMIT 1""",
    "several policies for one role": f"""
        SELECT relname FROM pg_policy JOIN pg_class AS c ON c.oid = polrelid
        CROSS JOIN unnest(polroles) AS role WHERE {_HERE} AND polpermissive
        GROUP BY relname, polcmd, role HAVING count(*) > 1""",
    "a policy that asks who asks, row by row": f"""
        SELECT relname FROM pg_policy JOIN pg_class AS c ON c.oid = polrelid
        WHERE {_HERE} AND pg_get_expr(polqual, polrelid) ~ '(auth[.]|current_setting)'""",
    "a view with its owner's rights": f"""
        SELECT 'every view' FROM pg_class WHERE relkind = 'v' AND {_HERE}
        AND NOT coalesce('security_invoker=true' = ANY(reloptions), false) LIMIT 1""",
    "a function without a search path": """
        SELECT proname FROM pg_proc WHERE pronamespace IN ('{tables}'::regnamespace, '{views}'::regnamespace)
        AND NOT coalesce(array_to_string(proconfig, ',') ~ '^search_path=', false)""",
    "a search path that does not end with pg_temp": """
        SELECT proname FROM pg_proc WHERE pronamespace IN ('{tables}'::regnamespace, '{views}'::regnamespace)
        AND EXISTS (SELECT FROM unnest(proconfig) AS setting WHERE setting LIKE 'search_path=%'
            AND setting !~ '^search_path=pg_catalog, (.*, )?pg_temp$')""",
    "a function with its owner's rights": """
        SELECT proname FROM pg_proc WHERE pronamespace IN ('{tables}'::regnamespace, '{views}'::regnamespace)
        AND prosecdef""",
    "such a function that others may call": """
        SELECT proname FROM pg_proc CROSS JOIN LATERAL aclexplode(coalesce(proacl, acldefault('f', proowner)))
        WHERE pronamespace IN ('{tables}'::regnamespace, '{views}'::regnamespace) AND prosecdef
        AND grantee <> proowner""",
    "an extension among the tables": """
        SELECT extname FROM pg_extension
        WHERE extnamespace IN ('{tables}'::regnamespace, '{views}'::regnamespace)""",
    "a materialized view or a foreign table": f"""
        SELECT relname FROM pg_class WHERE relkind IN ('m', 'f') AND {_HERE}""",
    "a column that may hold a secret, for everybody": f"""
        SELECT relname || '.' || attname FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
        CROSS JOIN LATERAL aclexplode(relacl)
        WHERE {_HERE} AND attname ~ '(secret|password|token|hash|key|session)'
        AND grantee IN (0, 'anon'::regrole, 'authenticated'::regrole)""",
}
ON_PURPOSE = {
    # Nobody but the owner and readers sees a row until the owner makes a policy.
    "row-level security without a policy": {"every table"},
    # A view shows some columns of tables that whoever reads it may not read. Only readers may use the schema,
    # which no web API publishes; an invoker's view would need grants on the tables, and PostgreSQL 15.
    "a view with its owner's rights": {"every view"},
    # Only the owner may call them. Triggers of the user's fire within the first, and look for their objects
    # as always. The others become a part of the query that calls them, unless they have a search path.
    "a function without a search path": {
        "restore_external_changes", "past_instant", "past_value", "past_custom_fields",
    },
    # Four of triggers, which write what no editor of a row may write. One within which `query` is answered,
    # with the rights of a role that may do nothing else. Two that readers may call, which show views as they
    # were.
    "a function with its owner's rights": {
        "mark_data_write", "begin_task_reads", "record_external_change", "record_history", "answer",
        "tasks_at", "time_entries_at",
    },
    "such a function that others may call": {"tasks_at", "time_entries_at"},
}  # fmt: skip


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_finds_only_what_is_so_on_purpose(layout: tuple[str, Schemas], check: str) -> None:
    """Each with its reason, in a project of Supabase's whatever the schemas are called."""
    url, schemas = layout
    found = rows(url, CHECKS[check].format(tables=schemas.tables, views=schemas.views))
    assert {name for (name,) in found} == ON_PURPOSE.get(check, set())


def declared() -> dict[str, bool]:
    """Each table of the declaration, and whether readers may read it."""
    text = (QUERIES / "rights.sql").read_text(encoding="utf-8")
    return {name: readable == "true" for name, readable in re.findall(r"\('(\w+)', (true|false)\)", text)}


def test_every_table_is_declared_readable_or_internal(layout: tuple[str, Schemas]) -> None:
    """A new one is declared in `our_relations` of app/sql/queries/rights.sql; where in doubt, as internal."""
    url, schemas = layout
    prefix = f"{schemas.tables}."
    assert {f"{prefix}{name}" for name in declared()} == set(mirror_relations(url, schemas)["r"])


def test_every_function_is_declared(layout: tuple[str, Schemas]) -> None:
    """One that `our_functions` does not name keeps what default privileges give."""
    url, schemas = layout
    found = rows(
        url,
        "SELECT proname FROM pg_proc WHERE pronamespace IN"
        f" ('{schemas.tables}'::regnamespace, '{schemas.views}'::regnamespace)",
    )
    text = (QUERIES / "rights.sql").read_text(encoding="utf-8")
    listed = re.findall(r"'(\w+)'", text.partition("p.proname IN (")[2].partition(")")[0])
    assert {name for (name,) in found} == set(listed)


# Columns of readable tables whose names sound of secrets and that are none.
HARMLESS = {"workspaces.token_user_id", "workspaces.token_user_name", "workspaces.token_role"}


def test_no_readable_table_or_view_has_a_column_for_secrets(layout: tuple[str, Schemas]) -> None:
    """Secrets, keys, sessions and hashes belong into tables that are declared internal."""
    url, schemas = layout
    columns: list[tuple[Any, ...]] = rows(
        url,
        "SELECT relname, attname FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid AND attnum > 0"
        " WHERE attname ~ '(secret|password|token|hash|key|session|credential|certificate)' AND "
        + _HERE.format(tables=schemas.tables, views=schemas.views)
        + " AND relkind IN ('r', 'v')",
    )
    readable = {name for name, is_readable in declared().items() if is_readable}
    views = {name.partition(".")[2] for name in mirror_relations(url, schemas)["v"]}
    assert {f"{table}.{column}" for table, column in columns if table in readable | views} <= HARMLESS
