"""Readers' own feeds, by the digests of their addresses."""

import sqlalchemy as sa
from alembic import op

import feedsvc.db

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "private_feed",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", Number, nullable=True),
        sa.Column("created_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name=op.f("fk_private_feed_subscriber_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_private_feed")),
        sa.UniqueConstraint("subscriber_id", name=op.f("uq_private_feed_subscriber_id")),
    )


def downgrade() -> None:
    op.drop_table("private_feed")
