"""What a run does."""

from typing import Literal

# What somebody may ask for: of each kind one run waits or is under way.
RequestableKind = Literal["incremental", "first", "full", "deep", "employees", "snapshot"]
RunKind = Literal[RequestableKind, "webhook", "verification"]
MaintenanceKind = Literal["verification", "webhook_refetch", "webhook_check", "token_check", "retention"]
JobName = Literal[RequestableKind, MaintenanceKind, "disconnect", "erase"]
