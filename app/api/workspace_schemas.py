"""What is asked and answered about connected workspaces."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from app.api.task_schemas import Text, said
from app.http.params import Id
from app.jobs.connections import ConnectionState, TokenKind

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Token = Annotated[SecretStr, Field(min_length=8, max_length=500)]


class NewWorkspace(BaseModel):
    """A workspace to connect."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[Token, said("A personal token of ClickUp; stored encrypted, and never shown")]
    team_id: Annotated[Id | None, said("Which workspace; none: the token's only one", "9000003")] = None
    name: Annotated[Name | None, said("Its name here; none: ClickUp's", "Agency")] = None


class WorkspaceChange(BaseModel):
    """What to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[Literal["active", "paused"] | None, said("`paused`: not synced for now")] = None
    name: Annotated[Name | None, said("Another name", "Agency")] = None
    token: Annotated[Token | None, said("Another personal token, which must see this workspace")] = None


class Workspace(BaseModel):
    """One connected workspace. Instants are ISO 8601 in the mirror's zone, with the offset."""

    model_config = ConfigDict(extra="forbid")

    workspace_id: Annotated[str, said("ClickUp's id of the workspace", "9000003")]
    name: Annotated[str, said("Its name here", "Agency")]
    state: Annotated[ConnectionState, said("`paused`: not synced for now; `removing`: being removed")]
    token_kind: Annotated[TokenKind, said("`environment`: CLICKUP_API_TOKEN of the service")]
    error: Annotated[Text, said("Why its token cannot be used; null where nothing is wrong")]
    token_set_at: Annotated[datetime, said("When the token was given")]
    token_rejected_at: Annotated[datetime | None, said("Since when ClickUp rejects the token")]
    added_by: Annotated[Text, said("Who connected it; null for `environment`", "admin")]
    created_at: Annotated[datetime, said("When it was connected")]


class Workspaces(BaseModel):
    """Connected workspaces, by name."""

    model_config = ConfigDict(extra="forbid")

    count: Annotated[int, said("How many are in this answer", 2)]
    workspaces: list[Workspace]
