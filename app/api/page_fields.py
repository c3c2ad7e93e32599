"""What an answer says of the rows that are in it."""

from typing import Annotated

from app.core.answers.fields import said

Count = Annotated[int, said("How many rows are in this answer", 100)]
PageLimit = Annotated[int, said("How many were asked for", 100)]
PageOffset = Annotated[int, said("How many were passed over", 0)]
Total = Annotated[int, said("How many there are in all", 3000)]
ZoneName = Annotated[str, said("The zone of dates and times", "Europe/Berlin")]
NextCursor = Annotated[str | None, said("`cursor` of the next page; null at the end")]
