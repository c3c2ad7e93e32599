"""What one pass brought back, and which scopes were read to their end."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Coverage:
    """`seen`: ids in any listing, also of objects that could not be understood. `unread`: scopes that
    were not read to their end, so that absence from them says nothing. `prove`: tasks to ask for one
    by one, because listing and mirror contradict each other. `lists`: lists that were read themselves.
    """

    seen: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    prove: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)
