"""Readers' hours: occasions for a zone and an hour; due dates; leaner items."""

import sqlalchemy as sa
from alembic import op

from feedsvc.db import UTCDateTime

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'open'")
PLANNED, MAILED = sa.text("state = 'planned'"), sa.text("mail_id IS NOT NULL")
OLD_KEY = ["key_date_id", "deadline_at", "days", "zone"]
ITEM_KEY = ["key_date_id", "deadline_at", "days", "subscriber_id"]
OLD_ITEM_KEY = ["subscriber_id", "key_date_id", "deadline_at", "days"]


def upgrade() -> None:
    _due_dates()
    _occasions()
    with op.batch_alter_table("reminder_item") as table:
        table.drop_constraint("fk_reminder_item_occasion_id", type_="foreignkey")
        table.drop_constraint(_name("uq_reminder_item", OLD_ITEM_KEY), type_="unique")
        table.create_unique_constraint(_name("uq_reminder_item", ITEM_KEY), ITEM_KEY)
        for column in ("occasion_id", "key_date_id", "mail_id"):
            table.drop_index(f"ix_reminder_item_{column}")
        table.create_index("ix_reminder_item_subscriber_id", ["subscriber_id"])
        table.create_index(
            "ix_reminder_item_mail_id", ["mail_id"], sqlite_where=MAILED, postgresql_where=MAILED
        )
    op.create_index("ix_subscription_offset_days", "subscription_offset", ["days"])
    op.drop_index("ix_subscriber_zone", "subscriber")
    op.create_index("ix_subscriber_place", "subscriber", ["zone", "hour", "id"])
    for column in ("filter", "entry"):
        op.drop_index(f"ix_subscription_{column}", "subscription")
        op.create_index(
            f"ix_subscription_{column}", "subscription", [f"{column}_id", "subscriber_id"]
        )


def downgrade() -> None:
    for column in ("filter", "entry"):
        op.drop_index(f"ix_subscription_{column}", "subscription")
        op.create_index(f"ix_subscription_{column}", "subscription", [f"{column}_id", "id"])
    op.drop_index("ix_subscription_offset_days", "subscription_offset")
    op.drop_index("ix_subscriber_place", "subscriber")
    op.create_index("ix_subscriber_zone", "subscriber", ["zone"])
    # What was told in other hours than one has no place in the old key.
    first = "SELECT min(id) FROM occasion GROUP BY key_date_id, deadline_at, days, zone"
    op.execute(f"DELETE FROM reminder_item WHERE occasion_id NOT IN ({first})")  # noqa: S608
    op.execute(f"DELETE FROM occasion WHERE id NOT IN ({first})")  # noqa: S608
    with op.batch_alter_table("reminder_item") as table:
        table.drop_index("ix_reminder_item_mail_id")
        table.drop_index("ix_reminder_item_subscriber_id")
        table.drop_constraint(_name("uq_reminder_item", ITEM_KEY), type_="unique")
        table.create_unique_constraint(_name("uq_reminder_item", OLD_ITEM_KEY), OLD_ITEM_KEY)
        for column in ("occasion_id", "key_date_id", "mail_id"):
            table.create_index(f"ix_reminder_item_{column}", [column])
        table.create_foreign_key(
            "fk_reminder_item_occasion_id", "occasion", ["occasion_id"], ["id"], ondelete="CASCADE"
        )
    with op.batch_alter_table("occasion") as table:
        table.drop_constraint(_name("uq_occasion", [*OLD_KEY, "hour"]), type_="unique")
        table.create_unique_constraint(_name("uq_occasion", OLD_KEY), OLD_KEY)
        table.create_index("ix_occasion_deadline_at", ["deadline_at"])
        for column in ("hour", "followed_by", "cursor", "turn"):
            table.drop_column(column)
    op.drop_table("reader_hour")
    op.drop_table("due_date")


def _due_dates() -> None:
    op.create_table(
        "due_date",
        sa.Column("id", Number, primary_key=True),
        sa.Column("key_date_id", Number, _to("key_date"), nullable=False),
        sa.Column("call_id", Number, _to("call"), nullable=False, index=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(7), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.UniqueConstraint("key_date_id", "at"),
    )
    op.create_index("ix_due_date_state", "due_date", ["state", "at"])
    op.create_table(
        "reader_hour",
        sa.Column("zone", sa.String(60), primary_key=True),
        sa.Column("hour", Number, primary_key=True, autoincrement=False),
        sa.Column("looked_until", UTCDateTime(), nullable=False),
    )
    # What the planner knows already: a date of which an occasion stands, stood itself.
    op.execute(
        "INSERT INTO due_date (key_date_id, call_id, at, state, reason)"
        " SELECT key_date_id, call_id, deadline_at,"
        " CASE WHEN min(CASE WHEN state = 'void' AND reason <> 'late' THEN 1 ELSE 0 END) = 0"
        " THEN 'stands' ELSE 'fallen' END, max(reason)"
        " FROM occasion GROUP BY key_date_id, call_id, deadline_at"
    )
    op.execute("UPDATE due_date SET reason = '' WHERE state = 'stands'")


def _occasions() -> None:
    with op.batch_alter_table("occasion") as table:
        table.add_column(sa.Column("hour", Number, nullable=False, server_default="8"))
        table.add_column(sa.Column("followed_by", UTCDateTime()))
        table.add_column(sa.Column("cursor", Number, nullable=False, server_default="0"))
        table.add_column(sa.Column("turn", Number, nullable=False, server_default="1"))
        table.drop_index("ix_occasion_deadline_at")
        table.drop_constraint(_name("uq_occasion", OLD_KEY), type_="unique")
        table.create_unique_constraint(_name("uq_occasion", [*OLD_KEY, "hour"]), [*OLD_KEY, "hour"])
    op.execute("UPDATE occasion SET followed_by = due_at")
    with op.batch_alter_table("occasion") as table:
        table.alter_column("followed_by", existing_type=UTCDateTime(), nullable=False)


def _name(prefix: str, columns: list[str]) -> str:
    return f"{prefix}_{'_'.join(columns)}"


def _to(table: str) -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
