"""`python -m bench.questions`: ten questions that people ask, put to a running MCP server; prints Markdown.

Its answers stand in docs/mcp.md, as the demo's workspace gives them, but for the days.
"""

import json
import sys
from typing import Any
from urllib.request import Request, urlopen

URL = "http://127.0.0.1:8001/mcp"
_SQL = "SELECT list_name, count(*) AS open_tasks FROM tasks WHERE is_open GROUP BY 1 ORDER BY 2 DESC LIMIT 3"
QUESTIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("Which spaces do we have?", "get_spaces", {}),
    ("What is overdue in Engineering, worst first?", "list_attention",
     {"condition": "overdue", "place": ["Engineering"], "limit": 2}),
    ("How much does Robert still have to do?", "get_workload", {"person": ["Robert"]}),
    ("Who worked how long in the last seven days?", "get_time_report", {"group_by": "person"}),
    ("What did Ada work on, day by day?", "get_timesheet", {"person": "Ada Lovelace"}),
    ("What is being worked on right now?", "get_running_timers", {}),
    ("Which comments wait for Zoë?", "list_waiting_comments", {"person": ["Zoë"]}),
    ("How was last week, beside the week before?", "get_weekly_digest", {"date": "last week"}),
    ("How good are our estimates, by space?", "get_estimate_accuracy",
     {"group_by": "space", "from": "2026-01-01"}),
    ("In which lists is most work open?", "query", {"sql": _SQL}),
)  # fmt: skip
# What stands in every answer, addresses, and what is another one in each mirror or at each time.
_LEFT_OUT = (
    "as_of", "age", "is_fresh", "is_complete", "gaps", "zone", "note", "url", "employee_id", "next_cursor",
)  # fmt: skip
_MOST_ROWS, _LONGEST, _WIDTH = 2, 60, 100


def ask(url: str, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """One lone POST; the structured content of its answer."""
    message = {
        "jsonrpc": "2.0",
        "method": "tools/call",
        "params": {"name": tool, "arguments": arguments},
        "id": 1,
    }
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    with urlopen(Request(url, json.dumps(message).encode(), headers), timeout=30) as answer:
        result = json.load(answer)["result"]
    if result["isError"]:
        raise SystemExit(f"{tool}: {result['content'][0]['text']}")
    content: dict[str, Any] = result["structuredContent"]
    return content


def shorten(value: Any) -> Any:
    """The same with two rows of each list and short texts."""
    if isinstance(value, dict):
        return {name: shorten(one) for name, one in value.items() if name not in _LEFT_OUT}
    if isinstance(value, list) and len(value) > _MOST_ROWS and not isinstance(value[0], str):
        return [*map(shorten, value[:_MOST_ROWS]), f"… and {len(value) - _MOST_ROWS} more"]
    if isinstance(value, list):
        return [shorten(one) for one in value]
    return f"{value[:_LONGEST]}…" if isinstance(value, str) and len(value) > _LONGEST else value


def lay_out(value: Any, depth: int = 0) -> str:
    """JSON with whatever fits into a line on one line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + depth <= _WIDTH or not isinstance(value, dict | list):
        return line
    inner = " " * (depth + 1)
    if isinstance(value, list):
        parts, ends = [lay_out(one, depth + 1) for one in value], "[]"
    else:
        parts, ends = [f"{json.dumps(name)}: {lay_out(one, depth + 1)}" for name, one in value.items()], "{}"
    joined = f",\n{inner}".join(parts)
    return f"{ends[0]}\n{inner}{joined}\n{' ' * depth}{ends[1]}"


def main() -> None:
    """Asks them all of the server at the address that is given, or on this machine."""
    url = sys.argv[1] if len(sys.argv) > 1 else URL
    for number, (question, tool, arguments) in enumerate(QUESTIONS, 1):
        answer = lay_out(shorten(ask(url, tool, arguments)))
        call = f"`{tool}` with `{json.dumps(arguments, ensure_ascii=False)}`" if arguments else f"`{tool}`"
        print(f"### {number}. {question}\n\n{call}\n\n```json\n{answer}\n```\n")


if __name__ == "__main__":
    main()
