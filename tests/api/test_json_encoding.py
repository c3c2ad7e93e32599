"""Typed answers as JSON."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from app.api.json_encoding import to_json
from app.core.answers.fields import said


@dataclass(frozen=True, slots=True)
class Row:
    first: Annotated[date, said("The first day", name="from")]
    at: datetime | None
    points: Decimal | None
    id: UUID


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]


def test_instants_are_in_the_zone_and_numbers_as_they_are_stored() -> None:
    """Fields in their order by the names of answers, within lists too; microseconds where there are any."""
    at = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    rows = [
        Row(date(2026, 7, 1), at, Decimal(3), UUID(int=7)),
        Row(date(2026, 7, 2), at.replace(microsecond=5_000), Decimal("2.5"), UUID(int=7)),
        Row(date(2026, 7, 2), None, None, UUID(int=7)),
    ]
    text = to_json(Page(rows), ZoneInfo("Asia/Kolkata")).decode()
    shown = json.loads(text)["rows"]
    assert list(shown[0]) == ["from", "at", "points", "id"]
    assert [row["at"] for row in shown] == [
        "2026-07-02T04:00:00+05:30", "2026-07-02T04:00:00.005000+05:30", None,
    ]  # fmt: skip
    assert '"points":3,' in text and '"points":2.5,' in text
    assert b"22:30:00+00:00" in to_json(rows[0], ZoneInfo("UTC"))
