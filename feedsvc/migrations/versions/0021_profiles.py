"""What a filter's description of the reader rules out, beside what else the filter asks."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "stored_filter", sa.Column("profile", sa.Text(), nullable=False, server_default="")
    )


def downgrade() -> None:
    """Before, such a filter would have found everything: nobody may be mailed that."""
    stored = sa.table("stored_filter", sa.column("id"), sa.column("profile"))
    row = sa.table("subscription", sa.column("filter_id"))
    described = sa.select(stored.c.id).where(stored.c.profile != "")
    op.execute(sa.delete(row).where(row.c.filter_id.in_(described)))
    op.execute(sa.delete(stored).where(stored.c.profile != ""))
    op.drop_column("stored_filter", "profile")
