"""The filters of the API, the tools and the page: each has one name, one meaning and one form everywhere."""

from dataclasses import dataclass

# How many values one filter takes, how long each may be, and how long words that are searched for.
MOST_VALUES, LONGEST_VALUE, LONGEST_SEARCH = 100, 100, 500
# How long name and value of a custom field may be together.
LONGEST_FIELD_VALUE = 500
# Days that a question may look ahead or back: for tasks that need attention, and for the workload.
MOST_ATTENTION_DAYS, MOST_WORKLOAD_DAYS = 3_650, 366


@dataclass(frozen=True, slots=True)
class Filter:
    """What passes it, and how its value is written."""

    meaning: str
    form: str


_PERSON = f"id of `/employees`, ClickUp id, e-mail or name; up to {MOST_VALUES}"
_PLACE = f"ClickUp id or name, or `list:Invoices`; up to {MOST_VALUES}"
_TASK = f"ClickUp id, custom id or URL; up to {MOST_VALUES}"
_NAME = f"as in ClickUp; up to {MOST_VALUES}"
_DAY = "date"
_YES_NO = "`true`: only these, `false`: only others; default: both"

FILTERS: dict[str, Filter] = {
    "q": Filter(
        "Words, or beginnings of words, that are all in title or description; the first twelve count",
        f"{LONGEST_SEARCH} characters",
    ),
    "status": Filter("Tasks in this status", _NAME),
    "status_type": Filter("Tasks with this type of status", "`open`, `custom`, `done`, `closed`"),
    "priority": Filter("Tasks of this priority", "`urgent`, `high`, `normal`, `low`"),
    "tag": Filter("Tasks with this tag", _NAME),
    "assignee": Filter("Tasks assigned to this person", _PERSON),
    "person": Filter("What this person worked, should answer or has to do", _PERSON),
    "team": Filter("Comments that wait for this team; `person` does not match teams", _NAME),
    "place": Filter(
        "In this space, folder or list; of a place and one within it the inner one counts", _PLACE
    ),
    "task_id": Filter("Of this task", _TASK),
    "parent": Filter("Tasks directly below this one", _TASK),
    "due_from": Filter("Tasks due on this day or later", _DAY),
    "due_to": Filter("Tasks due on this day or earlier", _DAY),
    "updated_since": Filter("Tasks changed in ClickUp since", "date, or time with offset"),
    "from": Filter("The first day; default: six days before the last", _DAY),
    "to": Filter("The last day, included; default: today", _DAY),
    "date": Filter("The day, or any day of the week; default: today", _DAY),
    "days": Filter("How many days to look ahead or back", "number"),
    "open": Filter("[Open](reports.md#task-states) tasks", _YES_NO),
    "overdue": Filter("[Overdue](reports.md#task-states) tasks", _YES_NO),
    "unassigned": Filter("[Unassigned](reports.md#task-states) tasks", _YES_NO),
    "archived": Filter("Archived ones", _YES_NO),
    "deleted": Filter(
        "Deleted in ClickUp: without, only, or with them", "`exclude` (default), `only`, `include`"
    ),
    "with_time": Filter("Tasks with tracked time", "tools: `true`; API: `/tasks/with-time`"),
    "with_comments": Filter("Tasks with a comment to answer", "tools: `true`; API: `/tasks/with-comments`"),
    "running": Filter("Running timers", _YES_NO),
    "active": Filter("People who are here", f"{_YES_NO}, of the tools `true`"),
    "condition": Filter(
        "[What needs attention](reports.md#what-needs-attention)",
        "`overdue`, `at_risk`, `stale`, `blocked`, `untracked`",
    ),
    "custom_field": Filter(
        "Tasks with this value of a custom field",
        f"`Name=value`, as people read it; {LONGEST_FIELD_VALUE} characters",
    ),
    "edited_since": Filter(
        "Time edited since; default: the end of the last day", "date, or time with offset"
    ),
    "unit": Filter("What is summed", "`tasks`, `points`, `estimate`"),
    "group_by": Filter(
        "What each row is of", "`person`, `task`, `list`, `space`, `all`, `status`, `status_type`"
    ),
    "per": Filter("How each row is divided", "`day`, `week`, `month`, `total`"),
}
