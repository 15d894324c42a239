"""What readers choose, and what else they are told: notices of changes, and digests."""

import sqlalchemy as sa
from alembic import op

from feedsvc.db import UTCDateTime

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PLANNED, OPEN = sa.text("state = 'planned'"), sa.text("state = 'open'")


def upgrade() -> None:
    _choices()
    _notices()
    op.create_table(
        "digest_entry",
        sa.Column("mail_id", Number, _to("outbox_mail", "CASCADE"), primary_key=True),
        sa.Column("entry_id", Number, _to("entry", "CASCADE"), primary_key=True, index=True),
        sa.Column("why", sa.String(8), nullable=False),
    )


def downgrade() -> None:
    for table in ("digest_entry", "notice_item", "notice", "call_mute"):
        op.drop_table(table)
    for column in ("digest", "digested_until", "next_edition"):
        op.drop_column("subscription", column)
    for column in ("hour", "paused_until", "active_at", "renewal_sent_at"):
        op.drop_column("subscriber", column)


def _choices() -> None:
    op.add_column("subscriber", sa.Column("hour", Number, nullable=False, server_default="8"))
    op.add_column("subscriber", sa.Column("paused_until", UTCDateTime()))
    op.add_column("subscriber", sa.Column("active_at", UTCDateTime()))
    op.add_column("subscriber", sa.Column("renewal_sent_at", UTCDateTime()))
    op.execute("UPDATE subscriber SET active_at = confirmed_at")
    op.add_column(
        "subscription", sa.Column("digest", sa.String(7), nullable=False, server_default="")
    )
    op.add_column("subscription", sa.Column("digested_until", UTCDateTime()))
    op.add_column(
        "subscription",
        sa.Column("next_edition", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "call_mute",
        sa.Column("subscriber_id", Number, _to("subscriber", "CASCADE"), primary_key=True),
        sa.Column("call_id", Number, _to("call", "CASCADE"), primary_key=True, index=True),
        sa.Column("since", UTCDateTime(), nullable=False),
    )


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", Number, primary_key=True),
        sa.Column("key", sa.String(80), nullable=False, unique=True),
        sa.Column("call_id", Number, _to("call", "CASCADE"), nullable=False, index=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("first_event_id", Number, _to("call_event", "CASCADE")),
        sa.Column("last_event_id", Number, _to("call_event", "CASCADE")),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(6), nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
    )
    op.create_index("ix_notice_due", "notice", ["due_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "notice_item",
        sa.Column("id", Number, primary_key=True),
        sa.Column("notice_id", Number, _to("notice", "CASCADE"), nullable=False),
        sa.Column("subscriber_id", Number, _to("subscriber", "CASCADE"), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
        sa.Column("mail_id", Number, _to("outbox_mail", "SET NULL"), index=True),
        sa.Column("planned_at", UTCDateTime(), nullable=False),
        sa.UniqueConstraint("notice_id", "subscriber_id"),
    )
    op.create_index(
        "ix_notice_item_planned", "notice_item", ["subscriber_id"],
        sqlite_where=PLANNED, postgresql_where=PLANNED,
    )  # fmt: skip


def _to(table: str, on_delete: str) -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", ondelete=on_delete)
