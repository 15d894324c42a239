"""What an editor is told to look at again: texts that lag behind others, addresses that are dead."""

import sqlalchemy as sa
from alembic import op

from feedsvc.db import UTCDateTime

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("translation", sa.Column("stale_since", UTCDateTime()))
    op.create_table(
        "checked_link",
        sa.Column("url", sa.String(1000), primary_key=True),
        sa.Column("checked_at", UTCDateTime(), nullable=False),
        sa.Column("status", Number),
        sa.Column("trouble", sa.String(20), nullable=False),
        sa.Column("failures", Number, nullable=False),
        sa.Column("failing_since", UTCDateTime()),
    )
    op.create_index("ix_checked_link_checked_at", "checked_link", ["checked_at"])


def downgrade() -> None:
    op.drop_index("ix_checked_link_checked_at", "checked_link")
    op.drop_table("checked_link")
    op.drop_column("translation", "stale_since")
