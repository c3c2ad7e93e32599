"""The same two answers the plain way, to compare with: a query, dictionaries, and FastAPI's own JSON."""

import os
from typing import Any

import psycopg
from fastapi import FastAPI, HTTPException
from psycopg.rows import dict_row

application = FastAPI()


def _rows(query: str, *params: Any) -> list[dict[str, Any]]:
    with psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row) as connection:
        return connection.execute(query.encode(), params).fetchall()


@application.get("/tasks")
def list_tasks(limit: int = 100, offset: int = 0) -> dict[str, Any]:
    """A page, newest change first."""
    rows = _rows("SELECT * FROM tasks ORDER BY date_updated DESC LIMIT %s OFFSET %s", limit, offset)
    return {"count": len(rows), "limit": limit, "offset": offset, "tasks": rows}


@application.get("/tasks/{task_id}")
def get_task(task_id: str) -> dict[str, Any]:
    """One task."""
    rows = _rows("SELECT * FROM tasks WHERE clickup_task_id = %s", task_id)
    if not rows:
        raise HTTPException(404)
    return rows[0]
