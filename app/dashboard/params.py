"""What the page's addresses may say. Forms send empty fields too: they count as not said."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, model_validator

from app.core.answers.filters import MOST_VALUES
from app.http.params import Id


class Said(BaseModel):
    """Parameters of a page."""

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, given: dict[str, Any]) -> dict[str, Any]:
        filled = {name: _without_blanks(value) for name, value in given.items()}
        return {name: value for name, value in filled.items() if value not in ("", [], None)}


def _without_blanks(value: Any) -> Any:
    if isinstance(value, list):
        return [item for item in value if item != ""]
    return value.strip() if isinstance(value, str) else value


Ids = Annotated[tuple[Id, ...], Field(max_length=MOST_VALUES)]
CursorText = Annotated[str, Field(max_length=2_000)]
# A day or an instant, as `as_of` of the API.
AsOfText = Annotated[str, Field(max_length=40)]
