"""The key that encrypts secrets is set, or made once and kept where nobody else reads it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.adapters.secret_keys import add_secret_key, describe_source, ensure_secret_keys, read_secret_keys
from app.config import Settings, given_settings
from app.core.errors import SettingsError
from tests.cli import command

KEY, OTHER = "0f1e2d3c4b5a6978" * 4, "9a8b7c6d5e4f3021" * 4
AS_ROOT = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root")


def settings_in(folder: Path, **settings: Any) -> Settings:
    return given_settings(clickup_api_token="pk_1_X", data_dir=folder, **settings)


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    """Also with a file mode mask that would let everybody read; no draft is left beside it."""
    settings = settings_in(tmp_path / "data")
    assert read_secret_keys(settings).keys == ()
    before = os.umask(0)
    try:
        made = ensure_secret_keys(settings)
    finally:
        os.umask(before)
    (file,) = (tmp_path / "data").iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("secret.key", 0o600)
    assert ensure_secret_keys(settings) == read_secret_keys(settings) == made
    assert describe_source(settings) == str(file)


_MAKE = """
import sys
from pathlib import Path
from app.config import given_settings
from app.adapters.secret_keys import ensure_secret_keys
settings = given_settings(clickup_api_token="pk_1_X", data_dir=Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
print(ensure_secret_keys(settings).first_id)
"""


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    """Whoever makes it first; the others use that one."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _MAKE, str(tmp_path)],
            env=command.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout and process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    ids = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert ids == {read_secret_keys(settings_in(tmp_path)).first_id}


def test_a_new_key_encrypts_and_the_earlier_ones_stay(tmp_path: Path) -> None:
    """For processes that still have only these, and for what they encrypted."""
    settings = settings_in(tmp_path)
    first = ensure_secret_keys(settings)
    both = add_secret_key(settings)
    assert both.keys[1:] == first.keys and both.first_id not in first.ids
    assert add_secret_key(settings).keys[1:] == both.keys == read_secret_keys(settings_in(tmp_path)).keys[1:]


def test_a_key_that_is_set_counts_alone(tmp_path: Path) -> None:
    """The first of several encrypts, and no file is made."""
    settings = settings_in(tmp_path, secret_key=f" {KEY} , {OTHER} ")
    keys = ensure_secret_keys(settings)
    assert [key.text for key in keys.keys] == [KEY, OTHER]
    assert describe_source(settings) == "SECRET_KEY" and list(tmp_path.iterdir()) == []
    assert KEY not in repr(settings) + str(settings.model_dump())


def _spoil(file: Path, how: str) -> None:
    if how == "open":
        file.chmod(0o640)
    elif how == "link":
        file.rename(file.with_name("elsewhere"))
        file.symlink_to(file.with_name("elsewhere"))
    elif how == "folder":
        file.unlink()
        file.mkdir()
    elif how == "pipe":
        file.unlink()
        os.mkfifo(file)
    else:
        file.write_text(how)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("open", "can be read by others: run chmod 600"),
        ("link", "cannot be stored in"),
        ("folder", "Is a directory"),
        ("pipe", "is not a file"),
        ("", "is empty"),
        ("hunter2", "32 characters or more"),
        (f"{KEY}\n{KEY[:10]}", "32 characters or more"),
    ],
)
def test_a_file_that_is_no_safe_place_is_refused(tmp_path: Path, how: str, said: str) -> None:
    """With its path and what to do; a key is never replaced by itself."""
    settings = settings_in(tmp_path)
    ensure_secret_keys(settings)
    _spoil(tmp_path / "secret.key", how)
    for read in (read_secret_keys, ensure_secret_keys):
        with pytest.raises(SettingsError, match=said) as caught:
            read(settings)
        assert "secret.key" in str(caught.value) and "hunter2" not in str(caught.value)


@AS_ROOT
def test_a_file_that_somebody_else_put_there_is_refused(tmp_path: Path) -> None:
    """He would know the key."""
    ensure_secret_keys(settings_in(tmp_path))
    os.chown(tmp_path / "secret.key", 12345, 12345)
    with pytest.raises(SettingsError, match="belongs to another user"):
        read_secret_keys(settings_in(tmp_path))


@AS_ROOT
def test_a_key_that_root_makes_belongs_to_the_folders_owner(tmp_path: Path) -> None:
    """A command by root does not shut the service out."""
    os.chown(tmp_path, 12345, 12345)
    made = ensure_secret_keys(settings_in(tmp_path))
    assert (tmp_path / "secret.key").stat().st_uid == 12345
    assert read_secret_keys(settings_in(tmp_path)) == made


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """What to do stands there: another place, or SECRET_KEY."""
    (tmp_path / "data").write_text("a file")
    with pytest.raises(SettingsError, match="or set SECRET_KEY"):
        ensure_secret_keys(settings_in(tmp_path / "data"))


@pytest.mark.parametrize("wrong", ["hunter2", f"{KEY},", f"{KEY},hunter2", "a" * 64])
def test_a_setting_that_is_no_key_is_refused(wrong: str) -> None:
    """In the words of every wrong setting, and without the key."""
    with pytest.raises(Exception, match="openssl rand -hex 32") as caught:
        settings_in(Path("data"), secret_key=wrong)
    assert "hunter2" not in str(caught.value) and KEY not in str(caught.value)
