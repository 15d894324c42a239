"""Numbers of large calls that are counted ahead, and the indexes by which their rows are found."""

import sqlalchemy as sa
from alembic import op

from feedsvc.db import JSONValue, UTCDateTime

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

PARTIAL = (
    ("ix_occasion_done", "occasion", ["due_at", "call_id"], "state = 'done'"),
    (
        "ix_reminder_item_void",
        "reminder_item",
        ["key_date_id", "deadline_at", "days", "subscriber_id"],
        "state = 'void'",
    ),
)


def upgrade() -> None:
    op.create_table(
        "told_count",
        sa.Column(
            "call_id", Number, sa.ForeignKey("call.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("counted_at", UTCDateTime(), nullable=False),
        sa.Column("numbers", JSONValue(), nullable=False),
    )
    for name, table, columns, where in PARTIAL:
        op.create_index(
            name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    op.drop_index("ix_digest_entry_entry_id", "digest_entry")
    op.create_index("ix_digest_entry_entry", "digest_entry", ["entry_id", "mail_id"])


def downgrade() -> None:
    op.drop_index("ix_digest_entry_entry", "digest_entry")
    op.create_index("ix_digest_entry_entry_id", "digest_entry", ["entry_id"])
    for name, table, _columns, _where in PARTIAL:
        op.drop_index(name, table)
    op.drop_table("told_count")
