"""What overdue means, once for the view and the reports of any day."""

from pathlib import Path

from alembic import op

from app.sql.loader import load_part

revision = "0034"
down_revision = "0033"

_MIRRORS_DAY = "(now() AT TIME ZONE coalesce(w.rendered_zone, 'UTC'))::date"


def upgrade() -> None:
    """Runs the SQL beside this file, with the definition of overdue in its place."""
    sql = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    is_late = load_part("is_late").replace("{today}", _MIRRORS_DAY)
    op.get_bind().exec_driver_sql(sql.replace("{is_late}", is_late))
