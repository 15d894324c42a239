"""A mail is claimed when it is marked as being sent: what was claimed before waits again."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE outbox_mail SET state = 'queued', lease_token = NULL, lease_until = NULL"
        " WHERE state = 'leased'"
    )


def downgrade() -> None:
    """What is being sent was `sending` before as well."""
