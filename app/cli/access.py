"""`clickup-sync keys`, `sessions` and `links`: their options. What they do is in `credentials`."""

from typing import Annotated, Literal

import typer

from app.cli.options import Json

keys = typer.Typer(help="Create, list or revoke API keys.", no_args_is_help=True)
sessions = typer.Typer(help="List or end sessions of browsers on the page.", no_args_is_help=True)
links = typer.Typer(
    help="Create, list or revoke links that open one report without a key.", no_args_is_help=True
)

Expires = Annotated[str | None, typer.Option(metavar="TIME", help="Lifetime: 12h, 90d or 4w.")]
Which = Annotated[str, typer.Argument(metavar="ID|NAME", help="Id or name, as `list` shows it.")]


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Name of the key, shown in the log.")],
    scope: Annotated[
        Literal["read", "write", "admin"],
        typer.Option(help="`write` can also start a sync, `admin` also connect and remove workspaces."),
    ] = "read",
    expires: Expires = None,
    owner: Annotated[
        str | None,
        typer.Option(
            metavar="EMAIL|ID", help='The person that it belongs to ("me"): e-mail address or ClickUp id.'
        ),
    ] = None,
    workspace: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Limits it to this workspace; may be given several times."),
    ] = None,
) -> None:
    """Create a key and print its secret once."""
    from app.cli.credentials import make_key

    make_key(name, scope, expires, owner, workspace or [])


@keys.command("list")
def list_keys(json: Json = False) -> None:
    """List all keys, also those of API_KEYS, with their last use."""
    from app.cli.credentials import show_keys

    show_keys(json)


@keys.command("revoke")
def revoke_key(which: Which) -> None:
    """Revoke a key and end its page sessions."""
    from app.cli.credentials import revoke

    revoke("api_key", which)


@sessions.command("list")
def list_sessions(json: Json = False) -> None:
    """List browsers that are signed in to the page."""
    from app.cli.credentials import show_sessions

    show_sessions(json)


@sessions.command("end")
def end_session(
    session: Annotated[
        str | None, typer.Argument(metavar="ID", help="Id or name, as `list` shows it.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """End one session or all; these browsers must sign in again."""
    from app.cli.credentials import end_sessions

    end_sessions(session, all_)


@links.command("create")
def create_link(
    path: Annotated[
        str, typer.Option(help="Path and query that it opens, such as /timesheets?from=2026-01-01")
    ],
    name: Annotated[
        str | None, typer.Option(help="Name of the link, shown in the log (default: the path).")
    ] = None,
    expires: Expires = "30d",
) -> None:
    """Create a link that anybody can use to read this path, and print it once."""
    from app.cli.credentials import make_link

    make_link(path, name, expires)


@links.command("list")
def list_links(json: Json = False) -> None:
    """List all report links, with their path and last use."""
    from app.cli.credentials import show_links

    show_links(json)


@links.command("revoke")
def revoke_link(which: Which) -> None:
    """Revoke a link."""
    from app.cli.credentials import revoke

    revoke("report_link", which)
