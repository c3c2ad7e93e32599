"""What the answer to a sync that is asked for looks like."""

from typing import Annotated

from app.api.run_shapes import Run
from app.api.task_shapes import said


class Sync(Run):
    """The run that does what is asked."""

    joined: Annotated[bool, said("It waited or was under way already when it was asked for")]
