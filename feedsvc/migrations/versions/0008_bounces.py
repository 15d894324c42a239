"""What comes back: suppressions that end, what they rest on, what was read; and who is at work."""

import sqlalchemy as sa
from alembic import op

from feedsvc.db import UTCDateTime

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FAILED = sa.text("state = 'failed'")


def upgrade() -> None:
    _suppressions()
    op.create_index(
        "ix_outbox_mail_failed", "outbox_mail", ["settled_at"],
        sqlite_where=FAILED, postgresql_where=FAILED,
    )  # fmt: skip
    op.create_table(
        "report_tally",
        sa.Column("outcome", sa.String(12), primary_key=True),
        sa.Column("number", Number, nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
    )
    _schedulers()


def downgrade() -> None:
    op.drop_table("scheduler_process")
    for column in ("milliseconds", "runs", "failures", "skipped"):
        op.drop_column("job_heartbeat", column)
    op.drop_table("report_tally")
    op.drop_index("ix_outbox_mail_failed", "outbox_mail")
    op.drop_table("suppression_lift")
    with op.batch_alter_table("suppression") as batch:
        batch.drop_index("ix_suppression_mail_id")
        for column in ("until", "evidence", "mail_id"):
            batch.drop_column(column)


def _suppressions() -> None:
    with op.batch_alter_table("suppression") as batch:
        batch.add_column(sa.Column("until", UTCDateTime()))
        batch.add_column(sa.Column("evidence", sa.String(300), nullable=False, server_default=""))
        batch.add_column(sa.Column("mail_id", Number))
        batch.create_foreign_key(
            op.f("fk_suppression_mail_id"), "outbox_mail", ["mail_id"], ["id"], ondelete="SET NULL"
        )
        batch.create_index("ix_suppression_mail_id", ["mail_id"])
    op.create_table(
        "suppression_lift",
        sa.Column("id", Number, primary_key=True),
        sa.Column("address", sa.String(64), nullable=False, index=True),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("lifted_at", UTCDateTime(), nullable=False),
        sa.Column("lifted_by", sa.String(200), nullable=False),
    )


def _schedulers() -> None:
    for column in ("milliseconds", "runs", "failures", "skipped"):
        op.add_column(
            "job_heartbeat", sa.Column(column, Number, nullable=False, server_default="0")
        )
    op.create_table(
        "scheduler_process",
        sa.Column("uid", sa.String(36), primary_key=True),
        sa.Column("host", sa.String(100), nullable=False),
        sa.Column("pid", Number, nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("beat_at", UTCDateTime(), nullable=False, index=True),
    )
