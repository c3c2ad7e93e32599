"""`clickup-sync keys`, `sessions` and `links`: their options. What they do is in `credentials`."""

from typing import Annotated, Literal

import typer

from app.cli.options import Json

keys = typer.Typer(help="Make, list or revoke keys of the API, the page and the tools.", no_args_is_help=True)
sessions = typer.Typer(help="List or end the browsers that are signed in to the page.", no_args_is_help=True)
links = typer.Typer(
    help="Make, list or revoke links that open one report without a key.", no_args_is_help=True
)

Expires = Annotated[
    str | None, typer.Option(metavar="TIME", help="When it ends by itself: 12h, 90d or 4w from now.")
]
Which = Annotated[str, typer.Argument(metavar="ID|NAME", help="Which one, as `list` shows it.")]


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Stands in the log, and so tells who asked.")],
    scope: Annotated[Literal["read", "write"], typer.Option(help="`write` may also start a sync.")] = "read",
    expires: Expires = None,
    owner: Annotated[
        str | None,
        typer.Option(metavar="EMAIL|ID", help='Whom it stands for: the person who is "me".'),
    ] = None,
) -> None:
    """Make a key, and print its secret: it is shown this once."""
    from app.cli.credentials import make_key

    make_key(name, scope, expires, owner)


@keys.command("list")
def list_keys(json: Json = False) -> None:
    """Show all keys, also those of API_KEYS, and when they were used last."""
    from app.cli.credentials import show_keys

    show_keys(json)


@keys.command("revoke")
def revoke_key(which: Which) -> None:
    """End a key, and the page sessions that were opened with it."""
    from app.cli.credentials import revoke

    revoke("api_key", which)


@sessions.command("list")
def list_sessions(json: Json = False) -> None:
    """Show the browsers that are signed in to the page."""
    from app.cli.credentials import show_sessions

    show_sessions(json)


@sessions.command("end")
def end_session(
    session: Annotated[
        str | None, typer.Argument(metavar="ID", help="Which one, as `list` shows it.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """End a session, or all: whoever has the cookie must sign in again."""
    from app.cli.credentials import end_sessions

    end_sessions(session, all_)


@links.command("create")
def create_link(
    path: Annotated[
        str, typer.Option(help="What it opens, with its query, such as /timesheets?from=2026-01-01")
    ],
    name: Annotated[str | None, typer.Option(help="Stands in the log (default: the path).")] = None,
    expires: Expires = "30d",
) -> None:
    """Make a link that opens this path for whoever has it, to read; it is shown this once."""
    from app.cli.credentials import make_link

    make_link(path, name, expires)


@links.command("list")
def list_links(json: Json = False) -> None:
    """Show all report links, what they open, and when they were used last."""
    from app.cli.credentials import show_links

    show_links(json)


@links.command("revoke")
def revoke_link(which: Which) -> None:
    """End a link: it opens nothing any more."""
    from app.cli.credentials import revoke

    revoke("report_link", which)
