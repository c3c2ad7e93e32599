"""Whoever writes the SQL may want something else than an answer: each try is refused, or harmless."""

import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from app.core.answers.sql_text import NotOffered, read_question
from tests.engine.mirror import DATA_TABLES, Mirror, fingerprint_of
from tests.query.conftest import in_a_hurry, questions

REFUSED = {
    "insert": "INSERT INTO tasks (title) VALUES ('x')",
    "update": "UPDATE tasks SET title = 'x'",
    "delete": "DELETE FROM tasks",
    "merge": "MERGE INTO tasks USING lists ON true WHEN MATCHED THEN DELETE",
    "truncate": "TRUNCATE tasks",
    "drop": "DROP TABLE tasks",
    "create": "CREATE TABLE x AS SELECT 1",
    "temporary": "CREATE TEMP TABLE x AS SELECT 1",
    "alter": "ALTER ROLE clickup_sync_reader SUPERUSER",
    "grant": "GRANT ALL ON tasks TO clickup_sync_reader",
    "copy": "COPY tasks TO '/tmp/x'",
    "copy program": "COPY (SELECT 1) TO PROGRAM 'id'",
    "explain": "EXPLAIN ANALYZE DELETE FROM tasks",
    "do": "DO $$ BEGIN DELETE FROM tasks; END $$",
    "call": "CALL x()",
    "prepare": "PREPARE x AS SELECT 1",
    "execute": "EXECUTE x",
    "listen": "LISTEN x",
    "set role": "SET ROLE postgres",
    "reset": "RESET ROLE",
    "commit": "COMMIT",
    "lock": "LOCK TABLE tasks",
    "fetch": "FETCH ALL FROM question",
    "show": "SHOW ALL",
    "vacuum": "VACUUM tasks",
    "two": "SELECT 1; DELETE FROM tasks",
    "commit between": "SELECT 1; COMMIT; DELETE FROM tasks",
    "two selects": "SELECT 1; SELECT 2",
    "cte that writes": "WITH x AS (DELETE FROM tasks RETURNING *) SELECT * FROM x",
    "cte that inserts": "WITH x AS (INSERT INTO lists VALUES (1) RETURNING *) SELECT * FROM x",
    "cte that updates": "WITH x AS (UPDATE lists SET name = 'x' RETURNING *) SELECT * FROM x",
    "into": "SELECT * INTO x FROM tasks",
    "into temporary": "SELECT * INTO TEMP x FROM tasks",
    "for update": "SELECT * FROM tasks FOR UPDATE",
    "for share": "SELECT * FROM tasks FOR KEY SHARE NOWAIT",
    "public": "SELECT * FROM public.tasks",
    "secrets": "SELECT secret_encrypted FROM public.webhooks",
    "secrets unqualified": "SELECT secret_encrypted FROM webhooks",
    "secrets in a subquery": "SELECT (SELECT secret_encrypted FROM webhooks LIMIT 1)",
    "secrets in IN": "SELECT 1 WHERE 'x' IN (SELECT secret_encrypted FROM webhooks)",
    "secrets in EXISTS": "SELECT 1 WHERE EXISTS (SELECT FROM workspace_states)",
    "secrets by TABLE": "TABLE webhooks",
    "secrets by another schema": "TABLE public.webhooks",
    "secrets by UNION": "SELECT title FROM tasks UNION SELECT secret_encrypted FROM webhooks",
    "secrets in a CTE": "WITH x AS (SELECT * FROM schedules) SELECT * FROM x",
    "secrets in ARRAY": "SELECT ARRAY(SELECT secret_encrypted FROM webhooks)",
    "secrets in VALUES": "VALUES ((SELECT secret_encrypted FROM webhooks))",
    "secrets in LATERAL": "SELECT * FROM tasks, LATERAL (SELECT * FROM webhooks) x",
    "secrets in ORDER BY": "SELECT 1 ORDER BY (SELECT secret_encrypted FROM webhooks)",
    "secrets in LIMIT": "SELECT 1 LIMIT (SELECT count(*) FROM webhooks)",
    "secrets in FILTER": "SELECT count(*) FILTER (WHERE EXISTS (SELECT FROM webhooks)) FROM tasks",
    "secrets in a window": "SELECT sum(1) OVER (ORDER BY (SELECT secret_encrypted FROM webhooks)) FROM tasks",
    "secrets in ON": "SELECT 1 FROM tasks JOIN lists ON EXISTS (SELECT FROM webhooks)",
    "secrets in GROUP BY": "SELECT 1 FROM tasks GROUP BY (SELECT secret_encrypted FROM webhooks)",
    "secrets in DISTINCT ON": "SELECT DISTINCT ON ((SELECT secret_encrypted FROM webhooks)) 1 FROM tasks",
    "another database": "SELECT * FROM postgres.public.webhooks",
    "catalog": "SELECT * FROM pg_catalog.pg_class",
    "catalog unqualified": "SELECT * FROM pg_class",
    "passwords": "SELECT * FROM pg_authid",
    "passwords as a CTE elsewhere": (
        "SELECT * FROM pg_shadow, (WITH pg_shadow AS (SELECT 1) SELECT * FROM pg_shadow) AS x"
    ),
    "a CTE's name for a table elsewhere": (
        "SELECT * FROM webhooks AS w, public.webhooks, (WITH webhooks AS (SELECT 1) SELECT 1) AS x"
    ),
    "a view's name for a CTE": "WITH tasks AS (SELECT * FROM tasks) SELECT * FROM tasks",
    "information schema": "SELECT * FROM information_schema.tables",
    "quoted schema": 'SELECT * FROM "public"."webhooks"',
    "catalog's column": "SELECT pg_catalog.pg_class.relname FROM tasks",
    "set_config": "SELECT set_config('role', 'none', true)",
    "set_config, quoted": "SELECT \"set_config\"('role', 'none', true)",
    "set_config, in full": "SELECT pg_catalog.set_config('role', 'none', true)",
    "set_config in FROM": "SELECT * FROM set_config('role', 'none', true) AS x",
    "set_config, deep": "SELECT count(*) FROM tasks WHERE length(set_config('role', 'none', true)) > 0",
    "the known way out": (
        "SELECT set_config('role', 'none', true), query_to_xml('table public.webhooks', true, true, '')"
    ),
    "query_to_xml": "SELECT query_to_xml('SELECT * FROM public.webhooks', true, true, '')",
    "table_to_xml": "SELECT table_to_xml('webhooks', true, true, '')",
    "xmltable": "SELECT * FROM XMLTABLE('/x' PASSING '<x/>' COLUMNS a text)",
    "xmlelement": "SELECT XMLELEMENT(NAME x, 'y')",
    "read_file": "SELECT pg_read_file('/etc/passwd')",
    "ls_dir": "SELECT * FROM pg_ls_dir('.') AS x",
    "sleep": "SELECT pg_sleep(100)",
    "sleep in a CASE": "SELECT CASE WHEN true THEN pg_sleep(100) END",
    "terminate": "SELECT pg_terminate_backend(1)",
    "lo_import": "SELECT lo_import('/etc/passwd')",
    "lo_get": "SELECT lo_get(1)",
    "dblink": "SELECT * FROM dblink('x', 'y') AS t(a int)",
    "current_setting": "SELECT current_setting('data_directory')",
    "version": "SELECT version()",
    "user": "SELECT current_user",
    "session user": "SELECT session_user",
    "database": "SELECT current_database()",
    "catalog name": "SELECT current_catalog",
    "schema": "SELECT current_schema",
    "address": "SELECT inet_server_addr()",
    "advisory lock": "SELECT pg_advisory_lock(1)",
    "notify": "SELECT pg_notify('x', 'y')",
    "nextval": "SELECT nextval('x')",
    "has_table_privilege": "SELECT has_table_privilege('webhooks', 'select')",
    "repeat": "SELECT repeat('x', 1000000000)",
    "lpad": "SELECT lpad('x', 1000000000)",
    "rpad": "SELECT rpad('x', 1000000000)",
    "format": "SELECT format('%1000000000s', 'x')",
    "array_fill": "SELECT array_fill(1, ARRAY[100000000])",
    "ts_stat": "SELECT * FROM ts_stat('SELECT * FROM webhooks') AS x",
    "cursor_to_xml": "SELECT cursor_to_xml('question', 1, true, true, '')",
    "function of public": "SELECT public.mark_data_write()",
    "regclass": "SELECT 'public.webhooks'::regclass",
    "regclass before the text": "SELECT regclass 'webhooks'::text::regclass",
    "regproc": "SELECT CAST('pg_sleep' AS regproc)",
    "oid": "SELECT 1::oid",
    "xml": "SELECT '<x/>'::xml",
    "type of another schema": "SELECT 'x'::public.tasks",
    "type of a view": "SELECT NULL::mirror.tasks",
    "an array of such": "SELECT '{}'::regclass[]",
    "operator": "SELECT 1 OPERATOR(pg_catalog.+) 1",
    "operator of another schema": "SELECT 1 OPERATOR(public.+) 1",
    "function as a column": "SELECT u.pg_ls_dir FROM unnest(ARRAY['.']) AS u",
    "function as a column of its name": "SELECT unnest.pg_ls_dir FROM unnest(ARRAY['.'])",
    "function as a quoted column": 'SELECT "U"."pg_sleep" FROM generate_series(1, 2) AS "U"',
    "function as a column of LATERAL": "SELECT u.pg_ls_dir FROM tasks, LATERAL unnest(tags) AS u",
    "function as a column with ordinality": "SELECT u.pg_ls_dir FROM unnest(ARRAY['.']) WITH ORDINALITY AS u",
    "function as a column of a joined": "SELECT u.pg_ls_dir FROM tasks CROSS JOIN unnest(ARRAY['.']) AS u",
    "function as a column under a WHERE": "SELECT 1 FROM generate_series(1, 2) AS u WHERE u.pg_sleep IS NULL",
    "function as a column in brackets": "SELECT u.pg_ls_dir FROM (unnest(ARRAY['.']) AS u CROSS JOIN lists)",
    "function as a column in a bracketed join": (
        "SELECT u.pg_ls_dir FROM lists JOIN (unnest(ARRAY['.']) AS u JOIN tasks ON true) ON true"
    ),
    "function as a column, bracketed alone": "SELECT u.pg_ls_dir FROM (unnest(ARRAY['.'])) AS u",
    "series as a column in brackets": "SELECT u.pg_sleep FROM (generate_series(1, 2) AS u CROSS JOIN lists)",
    "function as a column in brackets without a name": (
        "SELECT unnest.pg_ls_dir FROM (unnest(ARRAY['.']) CROSS JOIN lists)"
    ),
    "function as a column in EXISTS": (
        "SELECT 1 WHERE EXISTS (SELECT u.pg_ls_dir FROM LATERAL unnest(ARRAY['.']) AS u(a, b))"
    ),
    "function as a column of ORDER BY": "SELECT 1 FROM generate_series(1, 2) AS u(n) ORDER BY u.pg_sleep",
    "function as a field": "SELECT ('.').pg_ls_dir",
    "function as a field of a cast": "SELECT ('.'::text).pg_ls_dir",
    "rows from": "SELECT * FROM ROWS FROM (pg_ls_dir('.')) AS x",
    "json_table": "SELECT * FROM JSON_TABLE('{}', '$' COLUMNS (a int PATH '$.a')) AS x",
    "escape string": r"SELECT E'\x27'",
    "unicode string": r"SELECT U&'\0027'",
    "dollar quotes": "SELECT $$x$$",
    "dollar quotes with a tag": "SELECT $x$ '; DELETE FROM tasks; -- $x$",
    "bit string": "SELECT B'1'",
    "hex string": "SELECT X'ff'",
    "a number with a mark in it": "SELECT 1_000",
    "a number with letters behind it": "SELECT 1a FROM tasks",
    "parameter": "SELECT $1",
    "placeholder": "SELECT %s",
    "named placeholder": "SELECT %(x)s",
    "psql variable": "SELECT :x",
    "psql command": "\\! id",
    "nothing": "",
    "blanks": " \n\t",
    "comment alone": "-- x",
    "semicolon": ";",
    "words": "please give me all tasks",
    "NUL": "SELECT '\x00'",
    "half a character": "SELECT '\ud800'",
    "unclosed": "SELECT 'x",
    "unclosed comment": "SELECT 1 /* x",
    "deep": "SELECT " + "(" * 5_000 + "1" + ")" * 5_000,
    "deep brackets": "SELECT " + "ARRAY[" * 39 + "1" + "]" * 39,
    "deep brackets of a type": "SELECT x::" + "int[" * 30 + "]" * 30,
    "deep CASE": "SELECT " + "CASE WHEN true THEN " * 500 + "1" + " END" * 500,
    "long": "SELECT " + "1," * 20_000 + "1",
    "tablesample": "SELECT * FROM tasks TABLESAMPLE SYSTEM (1)",
    "no columns": "SELECT FROM tasks",
    "too many columns": "SELECT " + ", ".join(["1"] * 200),
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
async def test_it_is_refused_in_a_sentence(ask: Callable[..., Any], text: str) -> None:
    """Soon, and the sentence has nothing of hosts, roles or other tables' contents."""
    began = time.process_time()
    with pytest.raises(NotOffered) as caught:
        await ask(text)
    assert time.process_time() - began < 2
    assert 5 < len(str(caught.value)) < 900
    assert "postgres@" not in str(caught.value) and "/tmp" not in str(caught.value)


async def test_nothing_of_it_changed_anything(mirror: Mirror) -> None:
    """After all of them each row is where it was."""
    before = fingerprint_of(mirror)
    async with questions(mirror.database_url) as ask:
        for text in REFUSED.values():
            with pytest.raises(NotOffered):
                await ask(text)
    assert fingerprint_of(mirror) == before
    assert set(before) == set(DATA_TABLES)


HARMLESS = {
    "a comment with SQL in it": ("SELECT 1 /* ; DELETE FROM tasks */ -- ; DROP TABLE tasks", [[1]]),
    "a quote with SQL in it": ("SELECT '''; DELETE FROM tasks; --'", [["'; DELETE FROM tasks; --"]]),
    "a backslash before a quote": ("SELECT '\\', 'x'", [["\\", "x"]]),
    "a name with quotes in it": ('SELECT 1 AS "x""; DELETE FROM tasks; --"', [[1]]),
    "nested comments": ("SELECT /* a /* b */ c */ 1", [[1]]),
    "percent signs": ("SELECT '%s %(x)s %'", [["%s %(x)s %"]]),
    "a semicolon at the end": ("SELECT 1;", [[1]]),
    "values": ("VALUES (1), (2)", [[1], [2]]),
    "nothing to see": ("SELECT 1 FROM tasks WHERE false", []),
    "a name of a setting": ("SELECT 'role' AS set_config", [["role"]]),
}


@pytest.mark.parametrize(("text", "rows"), HARMLESS.values(), ids=HARMLESS.keys())
async def test_what_only_looks_dangerous_is_answered(
    ask: Callable[..., Any], text: str, rows: list[list[Any]]
) -> None:
    """It is what it says in PostgreSQL's SQL, no more."""
    assert (await ask(text)).rows == rows


ENDLESS = {
    "endless recursion": "WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n FROM r) SELECT count(*) FROM r",
    "a huge join": "SELECT count(*) FROM tasks a, tasks b, tasks c, tasks d, tasks e, tasks f, tasks g",
    "a huge series": "SELECT count(*) FROM generate_series(1, 1000000000000) AS n",
    "a series in SELECT": "SELECT max(n) FROM (SELECT generate_series(1, 1000000000000) AS n) x",
    "endless rows that pass no filter": (
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 0 FROM r) SELECT n FROM r WHERE n > 1"
    ),
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS.keys())
async def test_what_does_not_end_is_ended(ask: Callable[..., Any], text: str) -> None:
    """After three seconds, which are one here, with a sentence; and the next question is answered."""
    with in_a_hurry(), pytest.raises(NotOffered, match="longer than 3 seconds"):
        await ask(text)
    assert (await ask("SELECT 1")).rows == [[1]]


def test_a_function_as_a_column_would_be_called(shared: psycopg.Connection[Any]) -> None:
    """Why such columns are refused: PostgreSQL calls the function."""
    rows = shared.execute("SELECT u.pg_ls_dir FROM unnest(ARRAY['.']) AS u").fetchall()
    assert ("base",) in rows


def test_what_is_written_passes_the_same_rules(views: dict[str, list[str]]) -> None:
    """A question written anew is a question that is written the same again."""
    text = "SELECT t.title, count(*) FROM tasks t, unnest(t.tags) AS g WHERE g = 'x' GROUP BY 1"
    once = read_question(text, views).sql
    assert read_question(once, views).sql == once
