"""The job queue's schema, schedules, and runs whose own row is what their writes stand under."""

from pathlib import Path

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Runs the SQL beside this file; the queue's own schema is applied at the end of each migration."""
    sql = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
