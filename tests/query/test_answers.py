"""What an answer holds, how much of it there may be, and what is said where there is none."""

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from app.core.answers.sql_text import NotOffered
from app.reports.sql import LONGEST_CELL, MOST_BYTES
from tests.engine.mirror import Mirror
from tests.query.conftest import questions

Ask = Callable[..., Any]


async def test_cells_are_what_json_can_say(ask: Ask) -> None:
    """Numbers, truth, NULL, texts, arrays and documents as such; instants in the zone that was asked for."""
    answered = await ask(
        "SELECT 1, 1.5, true, NULL, 'x', ARRAY[1, 2], jsonb_build_object('a', ARRAY['b']), date '2026-01-02',"
        " timestamptz '2026-01-01 12:00+00', interval '1 day 02:00', 'a'::varchar(5), '7'::json"
    )
    assert answered.rows == [
        [1, 1.5, True, None, "x", [1, 2], {"a": ["b"]}, "2026-01-02", "2026-01-01T13:00:00+01:00",
         "1 day 02:00:00", "a", 7]
    ]  # fmt: skip


async def test_days_are_those_of_the_zone(ask: Ask) -> None:
    """current_date, and the day of an instant, are days in Berlin."""
    answered = await ask("SELECT (timestamptz '2026-01-01 23:30+00')::date, current_date = now()::date")
    assert answered.rows == [["2026-01-02", True]]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("SELECT 12345678901234567890123", "12345678901234567890123"),
        ("SELECT 'NaN'::numeric", "NaN"),
        ("SELECT 'Infinity'::float8", "Infinity"),
        ("SELECT '1e400'::json", "1e400"),
        ("SELECT '\"\\ud800\"'::json", '"\\ud800"'),
        ("SELECT '" + "[" * 100 + "]" * 100 + "'::json", "[" * 100 + "]" * 100),
    ],
)
async def test_what_json_cannot_say_is_text(ask: Ask, text: str, cell: str) -> None:
    """Numbers beyond all readers, half characters, deep nesting: as PostgreSQL writes them."""
    answered = await ask(text)
    assert answered.rows == [[cell]]
    json.dumps(answered.rows, ensure_ascii=False).encode()


async def test_no_more_rows_than_asked_for(ask: Ask) -> None:
    """And it says whether there are more."""
    answered = await ask("SELECT n FROM generate_series(1, 1000) AS n", limit=10)
    assert [row[0] for row in answered.rows] == list(range(1, 11))
    assert answered.has_more
    answered = await ask("SELECT n FROM generate_series(1, 10) AS n", limit=10)
    assert len(answered.rows) == 10 and not answered.has_more


async def test_an_order_is_kept(ask: Ask) -> None:
    """Rows come as ORDER BY says."""
    answered = await ask("SELECT n FROM generate_series(1, 1000) AS n ORDER BY n DESC", limit=1000)
    assert [row[0] for row in answered.rows] == list(range(1000, 0, -1))


async def test_an_endless_series_gives_its_beginning(ask: Ask) -> None:
    """What need not be read to its end is not."""
    answered = await ask("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT n FROM r")
    assert len(answered.rows) == 100 and answered.has_more


async def test_a_huge_cell_is_cut(ask: Ask) -> None:
    """By the database: no more than is shown travels here."""
    answered = await ask("SELECT string_agg(n::text, ','), array_agg(n) FROM generate_series(1, 100000) AS n")
    text, array = answered.rows[0]
    assert text.startswith("1,2,3,") and text.endswith("…") and len(text) == LONGEST_CELL + 1
    assert array.startswith("[1,2,3,") and array.endswith("…")
    assert answered.cut == 2


@pytest.mark.parametrize("columns", [1, 20, 100])
async def test_an_answer_has_no_more_bytes_than_there_is_room_for(ask: Ask, columns: int) -> None:
    """Whatever stands in the cells, and however many there are."""
    wide = ", ".join(["string_agg(chr(128512), '')"] * columns)
    text = f"SELECT {wide} FROM generate_series(1, 3000) AS n, generate_series(1, 500) AS m GROUP BY m % 400"
    answered = await ask(text, limit=1000)
    size = len(json.dumps(answered.rows, ensure_ascii=False).encode())
    assert size <= MOST_BYTES + 10_000
    assert answered.has_more


async def test_numbers_that_shrink_are_not_taken_for_all(ask: Ask) -> None:
    """Digits that JSON's readers do not have take no room in the answer, but they do on the way to it."""
    third = "('0.' || string_agg('3', ''))::numeric + n"
    series = "generate_series(1, 900) AS n, generate_series(1, 900) AS m"
    answered = await ask(f"SELECT {third} FROM {series} GROUP BY n", limit=900)
    assert len(answered.rows) < 900 and answered.has_more


SENTENCES = {
    "SELECT titel FROM tasks": ("titel", "title"),
    "SELECT t.titel FROM tasks t": ("titel", "title"),
    "SELECT title FROM task": ("there is no view task", "tasks"),
    "SELECT coun(*) FROM tasks": ("function coun", "count"),
    "SELECT title + 1 FROM tasks": ("operator does not exist",),
    "SELECT list_name, count(*) FROM tasks": ("GROUP BY",),
    "SELECT 1 / 0": ("division by zero",),
    "SELECT 'x'::int": ("invalid input syntax",),
    "SELECT title FROM tasks WHERE": ("line 1",),
    "SELECT (SELECT title FROM tasks)": ("more than one row",),
    "SELECT date '2026-02-31'": ("out of range",),
    "SELECT now() AT TIME ZONE 'Nowhere'": ("time zone",),
    "SELECT title FROM tasks UNION SELECT 1, 2": ("same number of columns",),
    "SELECT title ~ '(' FROM tasks": ("regular expression",),
    "DELETE FROM tasks": ("DELETE", "only SELECT"),
    "SELECT workspace_id FROM tasks, lists": ("ambiguous",),
}


@pytest.mark.parametrize(("text", "said"), SENTENCES.items())
async def test_an_error_says_how_to_mend_it(ask: Ask, text: str, said: tuple[str, ...]) -> None:
    """What is wrong, and what is near."""
    with pytest.raises(NotOffered) as caught:
        await ask(text)
    for part in said:
        assert part in str(caught.value), str(caught.value)


async def test_open_is_what_it_is_everywhere(mirror: Mirror) -> None:
    """`is_open` counts what all interfaces count: nothing deleted, done, or archived with its place."""
    mirror.rows("UPDATE lists SET archived = true WHERE list_id = (SELECT min(list_id) FROM lists)")
    expected = mirror.value(
        "SELECT count(*) FROM tasks t LEFT JOIN lists l USING (list_id) LEFT JOIN folders f ON f.folder_id ="
        " t.folder_id LEFT JOIN spaces s ON s.space_id = t.space_id WHERE NOT t.is_deleted AND NOT t.archived"
        " AND l.archived IS NOT TRUE AND f.archived IS NOT TRUE AND s.archived IS NOT TRUE"
        " AND t.status_type IS DISTINCT FROM 'done' AND t.status_type IS DISTINCT FROM 'closed'"
    )
    async with questions(mirror.database_url) as ask:
        assert (await ask("SELECT count(*) FROM tasks WHERE is_open")).rows == [[expected]]


async def test_views_show_each_row_once(ask: Ask, shared: psycopg.Connection[Any]) -> None:
    """No join of a view loses a row or brings one twice."""
    pairs = {
        "tasks": "tasks", "employees": "employees", "time_entries": "time_entries", "comments": "comments",
        "task_assignees": "task_people WHERE relation = 'assignee'", "task_tags": "task_tags",
        "custom_field_values": "task_custom_fields", "task_dependencies": "task_dependencies",
        "spaces": "spaces", "folders": "folders", "lists": "lists", "workspaces": "workspaces",
        "runs": "runs", "freshness": "streams", "daily_snapshots": "daily_snapshots",
    }  # fmt: skip
    for view, table in pairs.items():
        expected = shared.execute(f"SELECT count(*) FROM public.{table}".encode()).fetchall()
        assert (await ask(f"SELECT count(*) FROM {view}")).rows == [list(row) for row in expected], view
