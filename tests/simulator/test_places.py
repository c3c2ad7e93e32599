"""The hierarchy: what a walk shows, level by level, and what it hides."""

from typing import Any

import httpx2
import pytest

from app.simulator.server import RunningSimulator
from tests.simulator.reading import all_tasks, ids

Rows = list[dict[str, Any]]


def rows(http: httpx2.Client, path: str, archived: bool) -> Rows:
    answer = http.get(path, params={"archived": str(archived).lower()}).raise_for_status().json()
    return next(iter(answer.values()))


def both(http: httpx2.Client, path: str) -> Rows:
    """Active and archived; the two answers share nothing, and each row says which it is."""
    active, archived = rows(http, path, False), rows(http, path, True)
    assert {one["archived"] for one in active} <= {False}
    assert {one["archived"] for one in archived} <= {True}
    return active + archived


def walk(http: httpx2.Client, team_id: str) -> dict[str, set[str]]:
    """Every place by its kind, asking twice at each level."""
    spaces = both(http, f"/team/{team_id}/space")
    folders = [one for space in ids(spaces) for one in both(http, f"/space/{space}/folder")]
    lists = [one for space in ids(spaces) for one in both(http, f"/space/{space}/list")]
    lists += [one for folder in ids(folders) for one in both(http, f"/folder/{folder}/list")]
    found = {"spaces": ids(spaces), "folders": ids(folders), "lists": ids(lists)}
    assert all(len(kind) == len(set(kind)) for kind in found.values())
    return {kind: set(known) for kind, known in found.items()}


def test_the_walk_finds_all_that_is_walked(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Asked twice at each level, the hierarchy is the truth without the spaces that no walk shows."""
    truth = calm.world.truth()
    walked = {one for one, space in truth["spaces"].items() if space["walked"]}
    expected = {"spaces": walked} | {
        kind: {one for one, place in truth[kind].items() if place["space_id"] in walked}
        for kind in ("folders", "lists")
    }
    assert walk(reader, calm.team_id) == expected
    assert walked < truth["spaces"].keys()


@pytest.mark.parametrize("level", ["space", "folder", "folderless list", "list in a folder"])
def test_archived_places_come_only_when_asked_for(
    reader: httpx2.Client, calm: RunningSimulator, level: str
) -> None:
    """Without `archived=true` no level shows an archived place, with it nothing else; there are both."""
    world = calm.world
    old_folder = next(one for one in world.folders.values() if one.name == "Old folder")
    path = {
        "space": f"/team/{calm.team_id}/space",
        "folder": f"/space/{old_folder.space_id}/folder",
        "folderless list": f"/space/{old_folder.space_id}/list",
        "list in a folder": f"/folder/{old_folder.id}/list",
    }[level]
    active, archived = rows(reader, path, False), rows(reader, path, True)
    assert {one["archived"] for one in active} == {False}
    assert {one["archived"] for one in archived} == {True}
    assert next(iter(reader.get(path).json().values())) == active


def test_folderless_lists_carry_a_hidden_folder(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """A folder named `hidden` stands on every folderless list, here and on its tasks, and is no folder."""
    lists, first = calm.world.lists.values(), next(iter(calm.world.spaces))
    place = next(one for one in lists if one.space_id == first and not one.folder_id and not one.archived)
    row = next(one for one in rows(reader, f"/space/{place.space_id}/list", False) if one["id"] == place.id)
    assert (row["folder"]["name"], row["folder"]["hidden"]) == ("hidden", True)
    assert reader.get(f"/list/{place.id}").json()["folder"] == row["folder"]
    assert reader.get(f"/folder/{row['folder']['id']}").status_code == 404
    assert row["folder"]["id"] not in ids(rows(reader, f"/space/{place.space_id}/folder", False))


def test_lists_in_folders_name_them(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """A list in a folder names folder and space, and its folder is not hidden."""
    place = next(one for one in calm.world.lists.values() if one.folder_id and not one.archived)
    row = next(one for one in rows(reader, f"/folder/{place.folder_id}/list", False) if one["id"] == place.id)
    folder, space = calm.world.folders[str(place.folder_id)], calm.world.spaces[place.space_id]
    shown = row["folder"]
    assert (shown["id"], shown["name"], shown["hidden"]) == (folder.id, folder.name, False)
    assert (row["space"]["id"], row["space"]["name"]) == (space.id, space.name)


def test_folders_inline_their_active_lists_only(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """The lists inside a folder's answer are the active ones, whichever way the folder was asked for."""
    folder = next(one for one in calm.world.folders.values() if one.name == "Old folder")
    listed = rows(reader, f"/space/{folder.space_id}/folder", True)
    inlined = next(one for one in listed if one["id"] == folder.id)["lists"]
    assert [one["name"] for one in inlined] == ["Active list in an old folder"]
    assert reader.get(f"/folder/{folder.id}").json()["lists"] == inlined
    assert [one["name"] for one in rows(reader, f"/folder/{folder.id}/list", True)] == ["Old list"]


@pytest.mark.parametrize("kind", ["unwalked", "private"])
def test_hidden_spaces_are_401(reader: httpx2.Client, calm: RunningSimulator, kind: str) -> None:
    """A space that the hierarchy hides refuses itself, its folders and its lists, and the token lives on."""
    space = hidden_space(calm, kind)
    for path in (f"/space/{space}", f"/space/{space}/folder", f"/space/{space}/list"):
        answer = reader.get(path)
        assert (answer.status_code, answer.json()["ECODE"]) == (401, "OAUTH_027")
    assert space not in ids(both(reader, f"/team/{calm.team_id}/space"))
    assert reader.get("/user").status_code == 200


def hidden_space(sim: RunningSimulator, kind: str) -> str:
    spaces = sim.world.spaces.values()
    return next(one.id for one in spaces if (one.private if kind == "private" else not one.walked))


@pytest.mark.parametrize(("kind", "status"), [("unwalked", 200), ("private", 401)])
def test_only_private_spaces_hide_what_is_in_them(
    reader: httpx2.Client, calm: RunningSimulator, kind: str, status: int
) -> None:
    """Lists, folders and tasks of an unwalked space answer by their ids; those of a private one do not."""
    world, space = calm.world, hidden_space(calm, kind)
    place = next(one for one in world.lists.values() if one.space_id == space and one.folder_id)
    task = next(one for one in world.tasks.values() if one.list_id == place.id)
    paths = (
        f"/list/{place.id}",
        f"/list/{place.id}/task",
        f"/folder/{place.folder_id}",
        f"/folder/{place.folder_id}/list",
        f"/task/{task.id}",
        f"/task/{task.id}/comment",
        f"/task/{task.id}/time",
    )
    assert {reader.get(path).status_code for path in paths} == {status}


@pytest.mark.parametrize(
    ("path", "ecode"), [("/space/1", "PROJ_013"), ("/folder/1/list", "CAT_014"), ("/list/1", "SUBCAT_016")]
)
def test_unknown_places_are_404(reader: httpx2.Client, path: str, ecode: str) -> None:
    """A place that is not there is a 404 with a code of its kind."""
    answer = reader.get(path)
    assert (answer.status_code, answer.json()["ECODE"]) == (404, ecode)


def test_a_list_tells_its_statuses(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Asked for alone, archived or not, a list names the statuses of its space in their order."""
    for place in calm.world.lists.values():
        if calm.world.spaces[place.space_id].private:
            continue
        answer = reader.get(f"/list/{place.id}").json()
        assert (answer["name"], answer["archived"]) == (place.name, place.archived)
        true = calm.world.spaces[place.space_id].statuses
        assert [one["status"] for one in answer["statuses"]] == [one.name for one in true]


def test_renaming_shows_everywhere_at_once(http: httpx2.Client, sim: RunningSimulator) -> None:
    """A renamed folder has its new name in the walk, on its lists and on rows already given out."""
    place = next(one for one in sim.world.lists.values() if one.folder_id and not one.archived)
    task = sim.world.create_task(place.id)
    path = f"/list/{place.id}/task"
    before = next(one for one in http.get(path).json()["tasks"] if one["id"] == task.id)
    sim.world.rename_folder(str(place.folder_id), "Переименовано")
    after = next(one for one in http.get(path).json()["tasks"] if one["id"] == task.id)
    assert after["folder"]["name"] == "Переименовано" != before["folder"]["name"]
    assert after["date_updated"] == before["date_updated"]
    assert http.get(f"/list/{place.id}").json()["folder"]["name"] == "Переименовано"
    assert http.get(f"/folder/{place.folder_id}").json()["name"] == "Переименовано"


def test_a_list_moves_between_folders(http: httpx2.Client, sim: RunningSimulator) -> None:
    """A list taken out of its folder is folderless; it cannot leave its space."""
    place = next(one for one in sim.world.lists.values() if one.folder_id and not one.archived)
    sim.world.move_list(place.id, None)
    assert place.id in ids(rows(http, f"/space/{place.space_id}/list", False))
    assert place.id not in ids(rows(http, f"/folder/{place.folder_id}/list", False))
    elsewhere = next(one for one in sim.world.folders.values() if one.space_id != place.space_id)
    with pytest.raises(ValueError, match="within its space"):
        sim.world.move_list(place.id, elsewhere.id)


def test_a_new_space_is_as_good_as_any(http: httpx2.Client, sim: RunningSimulator) -> None:
    """It is walked, takes folders, lists and tasks, and its tasks have its statuses and custom fields."""
    space = sim.world.create_space("Neu")
    folder = sim.world.create_folder(space.id)
    place = sim.world.create_list(space.id, folder.id)
    task = sim.world.create_task(place.id)
    assert {"Neu"} < {one["name"] for one in rows(http, f"/team/{sim.team_id}/space", False)}
    assert ids(rows(http, f"/space/{space.id}/folder", False)) == [folder.id]
    row = http.get(f"/list/{place.id}/task").json()["tasks"][0]
    assert (row["id"], row["status"]["status"], row["status"]["type"]) == (task.id, "to do", "open")
    assert len(row["custom_fields"]) == len(sim.world.fields)


@pytest.mark.parametrize("kind", ["space", "folder"])
def test_a_deleted_place_takes_everything_along(
    http: httpx2.Client, sim: RunningSimulator, kind: str
) -> None:
    """It, its lists and their tasks are 404 and in no listing; the truth knows the tasks as deleted."""
    place = next(one for one in sim.world.lists.values() if one.folder_id)
    task, stray = (sim.world.create_task(place.id) for _ in range(2))
    elsewhere = next(one for one in sim.world.lists.values() if one.space_id != place.space_id)
    sim.world.move_task(stray.id, elsewhere.id)
    place_id = place.space_id if kind == "space" else str(place.folder_id)
    (sim.world.delete_space if kind == "space" else sim.world.delete_folder)(place_id)
    for path in (f"/{kind}/{place_id}", f"/list/{place.id}", f"/list/{place.id}/task", f"/task/{task.id}"):
        assert http.get(path).status_code == 404
    assert http.get(f"/task/{stray.id}").status_code == 200
    shown = ids(all_tasks(http, f"/team/{sim.team_id}/task"))
    truth = sim.world.truth()
    assert task.id in truth["deleted_tasks"]
    assert not set(shown) & set(truth["deleted_tasks"])
    assert place.id not in truth["lists"]
