"""Secrets of webhooks encrypted, and the plain ones gone from the table's file too."""

from pathlib import Path

from alembic import context, op
from sqlalchemy import text

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Reads the plain secrets, runs the SQL beside this file, and writes the secrets encrypted."""
    connection = op.get_bind()
    plain = [tuple(row) for row in connection.execute(text("SELECT webhook_id, secret FROM webhooks"))]
    sql = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    connection.exec_driver_sql(sql)
    encrypted = context.config.attributes["encrypt_webhook_secrets"](dict(plain))
    for webhook_id, secret in encrypted.items():
        connection.execute(
            text("UPDATE webhooks SET secret_encrypted = :secret WHERE webhook_id = :webhook_id"),
            {"secret": secret, "webhook_id": webhook_id},
        )
    connection.exec_driver_sql("DELETE FROM webhooks WHERE secret_encrypted = ''")
