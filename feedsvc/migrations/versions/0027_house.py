"""What is decided in the admin about the site, codes for the first visit, and numbers of its use."""

import sqlalchemy as sa
from alembic import op

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decision",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    op.create_table(
        "setup_code",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "feed_poll",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("program", sa.String(40), primary_key=True),
        sa.Column("format", sa.String(10), primary_key=True),
        sa.Column("polls", Number, nullable=False),
        sa.Column("subscribers", Number, nullable=False),
    )
    op.create_table(
        "lost_search",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("words", sa.String(80), primary_key=True),
        sa.Column("asked", Number, nullable=False),
    )
    op.create_table(
        "mail_week",
        sa.Column("week", sa.Date(), primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("sent", Number, nullable=False),
        sa.Column("bounced", Number, nullable=False),
        sa.Column("failed", Number, nullable=False),
    )


def downgrade() -> None:
    for name in ("mail_week", "lost_search", "feed_poll", "setup_code", "decision"):
        op.drop_table(name)
