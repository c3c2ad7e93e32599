"""`clickup-sync workspaces`: their options. What they do is in `connected_workspaces`."""

from typing import Annotated

import typer

from app.cli.options import Json

workspaces = typer.Typer(
    help="Connect workspaces, each with its own token; pause or remove them.", no_args_is_help=True
)

WorkspaceId = Annotated[str, typer.Argument(metavar="ID", help="ClickUp's id, as `list` shows it.")]
TokenStdin = Annotated[
    bool, typer.Option("--token-stdin", help="Read the token from standard input; else it is asked for.")
]


@workspaces.command("add")
def add_workspace(
    token_stdin: TokenStdin = False,
    team_id: Annotated[
        str | None, typer.Option(metavar="ID", help="Which workspace (default: the token's only one).")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Its name here (default: ClickUp's).")] = None,
) -> None:
    """Connect a workspace with a personal token, which is stored encrypted."""
    from app.cli.connected_workspaces import connect_workspace

    connect_workspace(token_stdin, team_id, name)


@workspaces.command("connect")
def connect_by_oauth(
    public_url: Annotated[
        str | None, typer.Option(help="Where browsers reach the service (default: PUBLIC_URL).")
    ] = None,
    team_id: Annotated[
        str | None, typer.Option(metavar="ID", help="Connect only this one (default: all that are chosen).")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Its name here (default: ClickUp's).")] = None,
) -> None:
    """Print the address on which a user of ClickUp lets this mirror in, by OAuth."""
    from app.cli.connected_workspaces import begin_connecting

    begin_connecting(public_url, team_id, name)


@workspaces.command("list")
def list_workspaces(json: Json = False) -> None:
    """Show the connected workspaces, and what is wrong with a token."""
    from app.cli.connected_workspaces import show_workspaces

    show_workspaces(json)


@workspaces.command("pause")
def pause_workspace(workspace_id: WorkspaceId) -> None:
    """Sync a workspace no more for now; its data stays."""
    from app.cli.connected_workspaces import set_state

    set_state(workspace_id, "paused")


@workspaces.command("resume")
def resume_workspace(workspace_id: WorkspaceId) -> None:
    """Sync a workspace again that was paused."""
    from app.cli.connected_workspaces import set_state

    set_state(workspace_id, "active")


@workspaces.command("set-token")
def set_token(workspace_id: WorkspaceId, token_stdin: TokenStdin = False) -> None:
    """Replace a workspace's token; services need no restart."""
    from app.cli.connected_workspaces import set_workspace_token

    set_workspace_token(workspace_id, token_stdin)


@workspaces.command("remove")
def remove_workspace(
    workspace_id: WorkspaceId,
    keep_data: Annotated[bool, typer.Option("--keep-data", help="Keep what is mirrored.")] = False,
    erase_data: Annotated[
        bool, typer.Option("--erase-data", help="Delete every row of the workspace in every table.")
    ] = False,
) -> None:
    """Disconnect a workspace; its webhooks at ClickUp are removed."""
    from app.cli.connected_workspaces import disconnect_workspace

    disconnect_workspace(workspace_id, keep_data, erase_data)
