"""How long random campaigns are: by themselves short; `make chaos` names their seeds."""

import os

_GIVEN = os.environ.get("CHAOS_SEEDS", "").split()
AT_LENGTH = bool(_GIVEN)


def seeds() -> list[int]:
    """One, or those that are asked for."""
    return [int(seed) for seed in _GIVEN] or [1]
