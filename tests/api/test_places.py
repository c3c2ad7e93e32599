"""Spaces, folders and lists over HTTP, with how many live tasks each has."""

from collections import Counter
from typing import Any

import pytest

from app.api.places import Folders, Lists, Spaces
from tests.api.reading import Json, Reader, typed

SHAPES: dict[str, Any] = {"space": Spaces, "folder": Folders, "list": Lists}


def known(reader: Reader, kind: str) -> Json:
    """The source's places of a kind, but for those that it hides."""
    truth = reader.mirror.world.truth()
    return {
        key: place
        for key, place in truth[f"{kind}s"].items()
        if truth["spaces"][place.get("space_id", key)]["walked"]
    }


@pytest.mark.parametrize("kind", ["space", "folder", "list"])
async def test_places_are_as_the_source_has_them(reader: Reader, kind: str) -> None:
    """Each with its name, where it stands, and how many tasks stand in it that are not deleted."""
    answer = await reader.get(f"/{kind}s")
    typed(SHAPES[kind], answer)
    places = {place[f"{kind}_id"]: place for place in answer[f"{kind}s"]}
    tasks = Counter(task[f"{kind}_id"] for task in reader.mirror.world.truth()["tasks"].values())
    wanted = known(reader, kind)
    assert places.keys() == wanted.keys() != set()
    assert answer["count"] == len(places)
    for key, place in wanted.items():
        assert {name: places[key][name] for name in place if name in places[key]} == {
            name: value for name, value in place.items() if name in places[key]
        }
        assert places[key]["tasks"] == tasks[key]


async def test_spaces_and_folders_say_what_stands_in_them(reader: Reader) -> None:
    """Folders and lists that are not deleted."""
    lists, folders = known(reader, "list"), known(reader, "folder")
    for space in (await reader.get("/spaces"))["spaces"]:
        mine = [one for one in lists.values() if one["space_id"] == space["space_id"]]
        assert space["lists"] == len(mine)
        assert space["folders"] == sum(one["space_id"] == space["space_id"] for one in folders.values())
    for folder in (await reader.get("/folders"))["folders"]:
        assert folder["lists"] == sum(one["folder_id"] == folder["folder_id"] for one in lists.values())


async def test_lists_know_whether_they_are_put_away(own: Reader) -> None:
    """Archived themselves, or with the folder or space they stand in."""
    lists = known(own, "list")
    folder = next(one["folder_id"] for one in lists.values() if one["folder_id"])
    own.mirror.rows("UPDATE folders SET archived = true WHERE folder_id = %s", folder)
    answer = await own.get("/lists", place=folder)
    assert answer["count"] > 0
    assert all(one["is_put_away"] for one in answer["lists"])
    found = {one["list_id"]: one["is_put_away"] for one in (await own.get("/lists"))["lists"]}
    assert all(found[key] for key, one in lists.items() if one["put_away"])


async def test_places_filter_by_what_they_stand_in(reader: Reader) -> None:
    """Those of one or several spaces; of a space and a folder within it the lists of the folder."""
    lists = known(reader, "list")
    spaces = sorted({one["space_id"] for one in lists.values()})
    for chosen in (spaces[:1], spaces[:2]):
        for kind in ("folder", "list"):
            answer = await reader.get(f"/{kind}s", place=chosen)
            mine = {key for key, one in known(reader, kind).items() if one["space_id"] in chosen}
            assert {one[f"{kind}_id"] for one in answer[f"{kind}s"]} == mine
    folder = next(one for one in lists.values() if one["folder_id"])
    both = await reader.get("/lists", place=[folder["folder_id"], folder["space_id"]])
    assert both["count"] == sum(one["folder_id"] == folder["folder_id"] for one in lists.values())


@pytest.mark.parametrize("kind", ["space", "folder", "list"])
async def test_archived_and_deleted_filter(own: Reader, kind: str) -> None:
    """Only archived ones or none of them; deleted ones are left out unless they are asked for."""
    first, second = list(known(own, kind))[:2]
    own.mirror.rows(f"UPDATE {kind}s SET archived = {kind}_id = %s", first)
    own.mirror.rows(f"UPDATE {kind}s SET is_deleted = {kind}_id = %s", second)

    async def found(**params: Any) -> set[str]:
        return {one[f"{kind}_id"] for one in (await own.get(f"/{kind}s", **params))[f"{kind}s"]}

    everything = set(known(own, kind))
    assert await found(archived=True) == {first}
    assert await found(archived=False, deleted="include") == everything - {first}
    assert await found() == everything - {second}
    assert await found(deleted="only") == {second}
    assert await found(deleted="include") == everything


async def test_unknown_places_are_told_from_empty_ones(own: Reader) -> None:
    """A 404 that names what is not known; a folder without lists has none."""
    assert "no place 'nowhere'" in await own.unknown("/folders", place="nowhere")
    assert "no folder 'nowhere'" in await own.unknown("/lists", place="folder:nowhere")
    folder = next(iter(known(own, "folder")))
    own.mirror.rows("DELETE FROM lists")
    assert await own.get("/lists", place=folder) == {"count": 0, "lists": []}


async def test_a_place_that_only_tasks_know_is_known(own: Reader) -> None:
    """A space that the hierarchy hides has tasks all the same."""
    task = next(iter(own.mirror.world.truth()["tasks"]))
    own.mirror.rows("UPDATE tasks SET space_id = 'hidden' WHERE clickup_task_id = %s", task)
    assert (await own.get("/lists", place="hidden"))["count"] == 0


async def test_wrong_parameters_are_named(reader: Reader) -> None:
    """Each with its reason."""
    assert await reader.refused("/spaces", "archived", archived="perhaps")
    assert await reader.refused("/folders", "deleted", deleted="yes")
    assert await reader.refused("/lists", "place", place="\x00")
    assert await reader.refused("/lists", "place", place="x" * 101)


async def test_an_answer_that_did_not_change_is_a_304(own: Reader) -> None:
    """Until a place is renamed."""
    for path in ("/spaces", "/folders", "/lists"):
        tag = {"If-None-Match": (await own.ask(path)).headers["etag"]}
        assert (await own.ask(path, tag)).status_code == 304
        own.mirror.rows(f"UPDATE {path[1:]} SET name = 'renamed'")
        assert (await own.ask(path, tag)).status_code == 200
