"""Comments of tables and columns: `app/sql/comments/`, which is applied after every migration."""

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Has nothing of its own to do."""
