"""What a run does."""

from typing import Literal

# What somebody may ask for: of each kind one run waits or is under way.
RequestableKind = Literal["changes", "first", "full", "deep", "employees", "daily"]
RunKind = Literal[RequestableKind, "tasks", "verify"]
JobName = Literal[
    RequestableKind, "verify", "webhook_refetch", "webhook_check", "token_check", "retention",
    "disconnect", "erase",
]  # fmt: skip
