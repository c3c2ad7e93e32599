"""The parameters of the API, the tools and the page: each has one name, meaning and form everywhere."""

import re
from collections.abc import Collection
from dataclasses import dataclass

# How many values one filter takes, how long each may be, and how long words that are searched for.
MOST_VALUES, LONGEST_VALUE, LONGEST_SEARCH = 100, 100, 500
# How long name and value of a custom field may be together.
LONGEST_FIELD_VALUE = 500
# Days that a question may look ahead or back: for tasks that need attention, and for the workload.
MOST_ATTENTION_DAYS, MOST_WORKLOAD_DAYS = 3_650, 366
# Days, weeks or months into which a timesheet is divided; what is not divided may be of any number of days.
MOST_PARTS = 400

_LINK = re.compile(r"\[([^]]*)]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What it means, and how its value is written. `in_docs`: what the schema of an interface says itself.

    `is_list`: several values mean any of them.
    """

    meaning: str
    form: str = ""
    in_docs: str = ""
    is_list: bool = False

    @property
    def value(self) -> str:
        """What the documentation says of its value."""
        most = f"up to {MOST_VALUES}" if self.is_list else ""
        return "; ".join(filter(None, (self.form, self.in_docs, most)))


_PERSON = "`id` in the mirror, ClickUp id, e-mail or name"
_PLACE = "ClickUp id or name; where several have the name, `list:`, `folder:` or `space:` before it"
_TASK = "ClickUp id, custom id or URL"
_NAME = "as in ClickUp"
_DAY = "date"
_ONLY = "`true`: only these, `false`: only others"
_BOTH = "default: both"

FILTERS: dict[str, Parameter] = {
    "q": Parameter(
        "Words, or beginnings of words, that are all in title or description; the first twelve count",
        in_docs=f"{LONGEST_SEARCH} characters",
    ),
    "status": Parameter("Tasks in this status", _NAME, is_list=True),
    "status_type": Parameter(
        "Tasks with this type of status: `open` is not started, `custom` is in progress",
        in_docs="`open`, `custom`, `done`, `closed`",
        is_list=True,
    ),
    "priority": Parameter(
        "Tasks of this priority", in_docs="`urgent`, `high`, `normal`, `low`", is_list=True
    ),
    "tag": Parameter("Tasks with this tag", _NAME, is_list=True),
    "assignee": Parameter("Tasks assigned to this person", _PERSON, is_list=True),
    "person": Parameter("What this person worked, should answer or has to do", _PERSON, is_list=True),
    "team": Parameter(
        "Comments that wait for this team; `person` does not match teams",
        "id or name in ClickUp",
        is_list=True,
    ),
    "place": Parameter(
        "In this space, folder or list; of a place and one within it the inner one counts",
        _PLACE,
        is_list=True,
    ),
    "task_id": Parameter("Of this task", _TASK, is_list=True),
    "parent": Parameter("Tasks directly below this one", _TASK, is_list=True),
    "due_from": Parameter("Tasks due on this day or later", in_docs=_DAY),
    "due_to": Parameter("Tasks due on this day or earlier", in_docs=_DAY),
    "updated_since": Parameter("Tasks changed in ClickUp at this time or later", "date, or time with offset"),
    "from": Parameter("The first day; default: six days before the last", in_docs=_DAY),
    "to": Parameter("The last day, included; default: today", in_docs=_DAY),
    "date": Parameter("The day; of a week any of its days; default: today", in_docs=_DAY),
    "days": Parameter("How many days to look ahead or back", in_docs="number"),
    "as_of": Parameter(
        "As it was at this instant, or at the end of this day; see [history](history.md)",
        in_docs="date, or time with offset; not in the future",
    ),
    "since": Parameter("Changes that happened then or later", "date, or time with offset"),
    "until": Parameter(
        "Changes that happened on this day or earlier, or before this time", "date, or time with offset"
    ),
    "user": Parameter("Changes that this person made", _PERSON, is_list=True),
    "field": Parameter(
        "Changes of this field, as `due_at`; `custom_fields` is all custom ones, `custom_fields.Budget` one",
        is_list=True,
    ),
    "object": Parameter(
        "Changes of these",
        in_docs="`task`, `time_entry`, `comment`, `person`, `space`, `folder`, `list`",
        is_list=True,
    ),
    "operation": Parameter(
        "What was done", in_docs="`created`, `changed`, `deleted`, `restored`", is_list=True
    ),
    "open": Parameter("[Open](reports.md#task-states) tasks", _ONLY, _BOTH),
    "overdue": Parameter("[Overdue](reports.md#task-states) tasks: open, and due before today", _ONLY, _BOTH),
    "unassigned": Parameter(
        "[Unassigned](reports.md#task-states) tasks: to no person and no team", _ONLY, _BOTH
    ),
    "archived": Parameter("Archived themselves, and not only what they are in", _ONLY, _BOTH),
    "deleted": Parameter(
        "Deleted in ClickUp, of time its task: without, only, or with them",
        in_docs="`exclude` (default, but of `/time-entries`), `only`, `include`",
    ),
    "with_time": Parameter("Tasks with tracked time", in_docs="tools: `true`; API: `/tasks/with-time`"),
    "with_comments": Parameter(
        "Tasks with a comment to answer", in_docs="tools: `true`; API: `/tasks/with-comments`"
    ),
    "running": Parameter("Running timers", _ONLY, _BOTH),
    "active": Parameter("People who are here", _ONLY, f"{_BOTH}, of the tools `true`"),
    "condition": Parameter(
        "[What needs attention](reports.md#what-needs-attention)",
        in_docs="`overdue`, `at_risk`, `stale`, `blocked`, `untracked`",
    ),
    "group_by": Parameter(
        "What each row is of; `all`: one row",
        in_docs="`person`, `task`, `list`, `space`, `all`, `status`, `status_type`",
    ),
    "per": Parameter(
        f"How each row is divided, into up to {MOST_PARTS} parts; `total`: not at all, any number of days",
        in_docs="`day`, `week`, `month`, `total`",
    ),
    "custom_field": Parameter(
        "Tasks with this value of a custom field, `Name=value`, as people read it",
        in_docs=f"{LONGEST_FIELD_VALUE} characters",
    ),
    "edited_since": Parameter(
        "Time edited since; default: the end of the last day", in_docs="date, or time with offset"
    ),
    "unit": Parameter("What is summed", in_docs="`tasks`, `points`, `estimate`"),
}
# How an answer is given, and not what it is about.
FORMS: dict[str, Parameter] = {
    "workspace_id": Parameter("ClickUp's id of the workspace; needed only where there are several"),
    "zone": Parameter("IANA name of the zone of days and instants; default: the mirror's"),
    "sort": Parameter("The order; a leading - is descending"),
    "limit": Parameter("Rows on a page"),
    "cursor": Parameter("`next_cursor` of the page before, with the same other parameters"),
    "offset": Parameter("Skips this many rows"),
    "after": Parameter(
        "`after` of an earlier answer, `beginning` or `now`: what became known since then, oldest first"
    ),
}
# What parameters were called before, and what they are called since, in one step or several.
RENAMED = {
    "words": "q", "statuses": "status", "status_types": "status_type", "priorities": "priority",
    "tags": "tag", "assignees": "assignee", "people": "person", "person": "assignee",
    "teams": "team", "task": "task_id",
    "space_id": "place", "folder_id": "place", "list_id": "place", "places": "place",
    "due_after": "due_from", "due_before": "due_to", "updated_from": "updated_since",
    "from_day": "from", "to_day": "to", "since": "from", "day": "date", "week": "date",
    "group": "group_by", "by": "group_by", "with_waiting_comments": "with_comments",
}  # fmt: skip
# What `days` means to the reports that have it.
DAYS_OF_ATTENTION = (
    "at_risk: due within so many (3); stale: untouched for so many (14); untracked: done in the last so many "
    "(30)"
)
DAYS_OF_WORKLOAD = "due within so many, tracked in the last so many"
# Time entries are not cut at the days that are asked for, and have no usual ones.
FROM_OF_ENTRIES = Parameter("The first day; entries that reach into it count; default: any day", in_docs=_DAY)
TO_OF_ENTRIES = Parameter("The last day, included; default: any day", in_docs=_DAY)
# The one that an answer is about.
ONE_PERSON, ONE_TASK = Parameter("The person", _PERSON), Parameter("The task", _TASK)


def renamed(name: str, known: Collection[str]) -> str | None:
    """What a parameter is called now, where one of `known` was called so before."""
    now = RENAMED.get(name)
    return now if now is None or now in known else renamed(now, known)


def describe(one: str | Parameter, *more: str) -> str:
    """The description of a parameter, by its name, in every interface; `more`: what one of them adds."""
    known = one if isinstance(one, Parameter) else (FILTERS | FORMS)[one]
    meaning = _LINK.sub(r"\1", known.meaning) + (f" ({known.form})" if known.form else "")
    return "; ".join([meaning, *(["several mean any of them"] if known.is_list else []), *more])
