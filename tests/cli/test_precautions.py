"""A command that runs as root is warned of, and pages make a file of settings that is closed to others."""

import os
import re
from pathlib import Path

import pytest

from tests.cli import command
from tests.docs.reading import read


@pytest.mark.parametrize("word", ["serve", "doctor"])
def test_root_is_warned_in_one_line(tmp_path: Path, word: str) -> None:
    """Also where the database does not answer."""
    settings = {"clickup_api_token": "pk_1_X", "database_url": "postgresql://me:x@127.0.0.1:1/x"}
    done = command.run(tmp_path, word, clickup_base_url="http://127.0.0.1:1", **settings)
    assert (done.stdout + done.stderr).count("runs as root") == (1 if os.geteuid() == 0 else 0)


@pytest.mark.parametrize("page", ["README.md", ".env.example"])
def test_pages_make_the_env_file_closed(page: str) -> None:
    """What is copied from them lets no other user read the token that is filled in."""
    assert re.search(r"install -m 600 \.env\.example \.env", read(page))
    assert "cp .env.example" not in read(page)
