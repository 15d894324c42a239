"""The desk: drafts in review, slots for what is not saved yet, and who is editing."""

import sqlalchemy as sa
from alembic import op

from feedsvc.db import JSONValue, UTCDateTime

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entry", sa.Column("review", sa.String(8), nullable=False, server_default=""))
    op.add_column("entry", sa.Column("review_at", UTCDateTime()))
    op.create_table(
        "desk_slot",
        sa.Column(
            "account_id", Number, sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("place", sa.String(40), primary_key=True),
        sa.Column("entry_id", Number, sa.ForeignKey("entry.id", ondelete="CASCADE"), index=True),
        sa.Column("saved_at", UTCDateTime(), nullable=False, index=True),
        sa.Column("fields", JSONValue(), nullable=False),
    )
    op.create_table(
        "desk_presence",
        sa.Column(
            "entry_id", Number, sa.ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column(
            "account_id", Number, sa.ForeignKey("account.id", ondelete="CASCADE"),
            primary_key=True, index=True,
        ),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("desk_presence")
    op.drop_table("desk_slot")
    op.drop_column("entry", "review_at")
    op.drop_column("entry", "review")
