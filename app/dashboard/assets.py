"""What the page loads: its own style and script, and htmx, which comes with an installed package.

Nothing of that package is imported: its files are found by its name alone.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from fastapi import APIRouter, HTTPException, Response

from app.http.sign_in import STATIC

router = APIRouter(include_in_schema=False)

_OWN = Path(__file__).parent / "static"
_HTMX = "django_htmx/static/django_htmx"
_SCRIPT, _STYLE, _PICTURE = "text/javascript", "text/css", "image/svg+xml"
_FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served. `version` tells it from what it was before."""

    content: bytes
    media_type: str

    @property
    def version(self) -> str:
        """A digest of the content."""
        return hashlib.blake2b(self.content, digest_size=6).hexdigest()


@cache
def load_assets() -> dict[str, Asset]:
    """All files by name, read once."""
    htmx = Path(str(distribution("django-htmx").locate_file(_HTMX)))
    files = {
        "page.css": (_OWN / "page.css", _STYLE),
        "page.js": (_OWN / "page.js", _SCRIPT),
        "icon.svg": (_OWN / "icon.svg", _PICTURE),
        "htmx.js": (htmx / "htmx-2.min.js", _SCRIPT),
        "htmx-sse.js": (htmx / "ext" / "hx-sse-2.min.js", _SCRIPT),
    }
    return {name: Asset(path.read_bytes(), media_type) for name, (path, media_type) in files.items()}


@cache
def address_of(name: str) -> str:
    """Where a file is loaded from: another address once it is another file."""
    return f"{STATIC}{name}?v={load_assets()[name].version}"


@router.get(STATIC + "{name}")
async def get_asset(name: str, v: str = "") -> Response:
    """One file; a browser that has this version asks no more."""
    asset = load_assets().get(name)
    if asset is None:
        raise HTTPException(404)
    cached = _FOR_GOOD if v == asset.version else "no-cache"
    return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": cached})
