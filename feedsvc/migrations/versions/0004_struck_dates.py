"""Dates that calendars strike; when one came back; when a call was given another title."""

import sqlalchemy as sa
from alembic import op

import feedsvc.db

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "key_date",
        sa.Column("restored_at", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
    )
    op.add_column(
        "call",
        sa.Column("retitled_at", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_call_event_listing", "call_event", ["at", "id"])
    op.create_table(
        "struck_date",
        sa.Column("id", Number, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("local_time", sa.Time(), nullable=True),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("precision", sa.String(length=8), nullable=False),
        sa.Column("certainty", sa.String(length=10), nullable=False),
        sa.Column("is_deadline", sa.Boolean(), nullable=False),
        sa.Column("utc_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("labels", feedsvc.db.JSONValue(), nullable=False),
        sa.Column("sequence", Number, nullable=False),
        sa.Column("call_uid", sa.String(length=36), nullable=False),
        sa.Column("called_off_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("titles", feedsvc.db.JSONValue(), nullable=False),
        sa.Column("slugs", feedsvc.db.JSONValue(), nullable=False),
        sa.Column("published_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("names", feedsvc.db.JSONValue(), nullable=False),
        sa.Column("applicants", feedsvc.db.JSONValue(), nullable=False),
        sa.Column("deadline_model", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("award_max", feedsvc.db.Amount(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_struck_date")),
        sa.UniqueConstraint("uid", name=op.f("uq_struck_date_uid")),
    )
    with op.batch_alter_table("struck_date", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_struck_date_call_uid"), ["call_uid"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_struck_date_called_off_at"), ["called_off_at"], unique=False
        )


def downgrade() -> None:
    op.drop_table("struck_date")
    op.drop_index("ix_call_event_listing", "call_event")
    with op.batch_alter_table("key_date", schema=None) as batch_op:
        batch_op.drop_column("restored_at")
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.drop_column("retitled_at")
