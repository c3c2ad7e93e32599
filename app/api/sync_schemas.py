"""What the answer to a sync that is asked for looks like."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.run_schemas import Run
from app.api.task_schemas import said

SyncKind = Literal["incremental", "full", "deep"]


class SyncBody(BaseModel):
    """The parameters of a sync, which may stand in the body instead of the address."""

    model_config = ConfigDict(extra="forbid")

    wait: Annotated[bool | None, said("As the parameter `wait`", True)] = None
    timeout: Annotated[int | None, Field(ge=0, le=3_600, description="As the parameter `timeout`")] = None


class TaskSyncBody(SyncBody):
    """The same, and which tasks are read."""

    kind: Annotated[SyncKind | None, said("As the parameter `kind`", "incremental")] = None
    full: Annotated[bool | None, said("As the parameter `full`")] = None
    deep: Annotated[bool | None, said("As the parameter `deep`")] = None


class Sync(Run):
    """The run that does what is asked."""

    joined: Annotated[bool, said("It was waiting or running already when it was requested")]
