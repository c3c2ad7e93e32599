"""What the answer to a sync that is asked for looks like."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from app.api.run_schemas import Run
from app.api.task_schemas import said

SyncKind = Literal["incremental", "full", "deep"]


class SyncBody(BaseModel):
    """What may stand in the body instead of the address."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[SyncKind | None, said("As the parameter `kind`", "incremental")] = None


class Sync(Run):
    """The run that does what is asked."""

    joined: Annotated[bool, said("It was waiting or running already when it was requested")]
