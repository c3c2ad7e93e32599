"""What a run does."""

from typing import Literal

# What somebody may ask for: of each kind one run waits or is under way.
RequestableKind = Literal["incremental", "first", "full", "deep", "employees", "snapshot"]
RunKind = Literal[RequestableKind, "webhook", "verification"]
JobName = Literal[
    RequestableKind, "verification", "webhook_refetch", "webhook_check", "token_check", "retention",
    "disconnect", "erase",
]  # fmt: skip
