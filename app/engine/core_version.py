"""Which code it is that makes rows of ClickUp's answers."""

from functools import cache
from hashlib import blake2b
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "core"


@cache
def core_version() -> str:
    """A digest of the files of `core/`: another one where any of them was changed."""
    digest = blake2b(digest_size=8)
    for file in sorted(_FOLDER.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
