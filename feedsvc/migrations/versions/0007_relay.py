"""A mail server's breaker and bucket, shared by all processes; how far the last try of a mail got."""

import sqlalchemy as sa
from alembic import op

from feedsvc.db import UTCDateTime

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "outbox_mail", sa.Column("stage", sa.String(10), nullable=False, server_default="")
    )
    op.add_column("outbox_mail", sa.Column("crashes", Number, nullable=False, server_default="0"))
    op.create_table(
        "mail_relay",
        sa.Column("scope", sa.String(200), primary_key=True),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("until", UTCDateTime()),
        sa.Column("why", sa.String(300), nullable=False),
        sa.Column("faults", Number, nullable=False),
        sa.Column("doubts", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("refilled_at", UTCDateTime()),
    )


def downgrade() -> None:
    op.drop_table("mail_relay")
    op.drop_column("outbox_mail", "crashes")
    op.drop_column("outbox_mail", "stage")
