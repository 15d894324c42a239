"""When a reader changed zone or hour, until the planner has looked at what they may have missed."""

import sqlalchemy as sa
from alembic import op

from feedsvc.db import UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscriber", sa.Column("moved_at", UTCDateTime()))
    moved = sa.text("moved_at IS NOT NULL")
    op.create_index(
        "ix_subscriber_moved", "subscriber", ["id"], sqlite_where=moved, postgresql_where=moved
    )


def downgrade() -> None:
    op.drop_index("ix_subscriber_moved", "subscriber")
    op.drop_column("subscriber", "moved_at")
