"""How much of the disk each kind of row takes, indexes included."""

from bench.scale.campaign import Campaign

# Tables whose rows come with a task, and tables that grow with time.
_OF_TASKS = (
    "tasks",
    "task_people",
    "task_tags",
    "task_dependencies",
    "task_reads",
    "time_entries",
    "comments",
)
_GROWING = {"runs": "run", "deliveries": "webhook delivery"}
_QUEUE = ("clickup_jobs.procrastinate_jobs", "clickup_jobs.procrastinate_events")
_MB = 1_000_000


def measure_storage(campaign: Campaign) -> None:
    """Sizes as they are after the campaign, with what vacuum has not removed yet."""
    server, report = campaign.server, campaign.report
    tasks = server.value("SELECT count(*) FROM tasks")
    report.add("bytes of a task, with its people, time and comments", _bytes(campaign, *_OF_TASKS) / tasks)
    for table, what in _GROWING.items():
        rows = server.value(f"SELECT count(*) FROM {table}")
        if rows:
            report.add(f"bytes of a {what}", _bytes(campaign, table) / rows)
    report.add("size of the job queue's tables", _bytes(campaign, *_QUEUE) / _MB, "MB")


def _bytes(campaign: Campaign, *tables: str) -> int:
    sizes = (
        "SELECT sum(pg_total_relation_size(name::regclass))::bigint FROM unnest(%(tables)s::text[]) AS name"
    )
    return int(campaign.server.value(sizes, tables=list(tables)))
