"""What one would write with dlt instead of this program: tasks, time entries and places, merged.

Run by `bench.against_dlt` with the Python of an environment of its own, in which dlt is. All is as dlt has
it by default: tasks page by page, one window of time entries, nested lists as tables of their own.

    python dlt_pipeline.py BASE_URL TOKEN TEAM_ID MEMBERS DATABASE_URL FOLDER
"""

import sys
from datetime import UTC, datetime, timedelta

import dlt
from dlt.sources.rest_api import RESTAPIConfig, rest_api_source

_WINDOW = timedelta(days=4 * 365)


def config(base_url: str, token: str, team_id: str, members: str) -> RESTAPIConfig:
    """The source. `members` are ids with commas: without them ClickUp shows the token owner's time alone."""
    now = datetime.now(UTC)
    start, end = (int(moment.timestamp() * 1000) for moment in (now - _WINDOW, now))
    one_page = {"type": "single_page"}
    return {
        "client": {
            "base_url": base_url,
            "auth": {"type": "api_key", "name": "Authorization", "api_key": token, "location": "header"},
        },
        "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
        "resources": [
            {
                "name": "tasks",
                "endpoint": {
                    "path": f"team/{team_id}/task",
                    "params": {"subtasks": "true", "include_closed": "true"},
                    "data_selector": "tasks",
                    "paginator": {"type": "page_number", "base_page": 0, "total_path": None},
                },
            },
            {
                "name": "time_entries",
                "endpoint": {
                    "path": f"team/{team_id}/time_entries",
                    "params": {"start_date": start, "end_date": end, "assignee": members},
                    "data_selector": "data",
                    "paginator": one_page,
                },
            },
            {
                "name": "spaces",
                "endpoint": {
                    "path": f"team/{team_id}/space",
                    "data_selector": "spaces",
                    "paginator": one_page,
                },
            },
            {
                "name": "folders",
                "endpoint": {
                    "path": "space/{resources.spaces.id}/folder",
                    "data_selector": "folders",
                    "paginator": one_page,
                },
            },
            {
                "name": "lists",
                "endpoint": {
                    "path": "folder/{resources.folders.id}/list",
                    "data_selector": "lists",
                    "paginator": one_page,
                },
            },
            {
                "name": "folderless_lists",
                "endpoint": {
                    "path": "space/{resources.spaces.id}/list",
                    "data_selector": "lists",
                    "paginator": one_page,
                },
            },
        ],
    }


def main() -> None:
    """One run of the pipeline."""
    base_url, token, team_id, members, database_url, folder = sys.argv[1:]
    pipeline = dlt.pipeline(
        "clickup",
        pipelines_dir=folder,
        destination=dlt.destinations.postgres(database_url),
        dataset_name="clickup",
    )
    pipeline.run(rest_api_source(config(base_url, token, team_id, members))).raise_on_failed_jobs()


if __name__ == "__main__":
    main()
