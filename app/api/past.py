"""Answers about the past: the parameter `as_of`, and what an answer says of its precision."""

from typing import Annotated, Any

from fastapi import Depends, Query

from app.core.answers.fields import WhereNone, said
from app.core.answers.filters import describe
from app.reports.history import Precision


async def _as_of(
    as_of: Annotated[
        str | None,
        Query(
            description=describe("as_of", "the answer then has `precision`"),
            max_length=40,
            examples=["2026-11-20", "2026-11-20T17:00:00Z"],
        ),
    ] = None,
) -> None:
    """Declares the parameter of routes that answer about the past too; the context reads it."""


AS_OF: Any = Depends(_as_of)
AnswerPrecision = Annotated[
    Precision | None, WhereNone.LEFT_OUT, said("How exactly the past is known; only with `as_of`")
]
