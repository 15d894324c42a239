"""Our WebSub hub: topics, subscriptions, what waits for a callback's word, and attempts."""

import sqlalchemy as sa
from alembic import op

import feedsvc.db

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_attempt",
        sa.Column("id", Number, nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_attempt")),
    )
    with op.batch_alter_table("hub_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hub_attempt_at"), ["at"], unique=False)
        batch_op.create_index("ix_hub_attempt_subject_at", ["subject", "at"], unique=False)

    op.create_table(
        "hub_topic",
        sa.Column("id", Number, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("generation", Number, nullable=False),
        sa.Column("valid_until", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_topic")),
        sa.UniqueConstraint("digest", name=op.f("uq_hub_topic_digest")),
    )
    op.create_table(
        "hub_request",
        sa.Column("id", Number, nullable=False),
        sa.Column("topic_id", Number, nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("callback_digest", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("mode", sa.String(length=12), nullable=False),
        sa.Column("lease_seconds", Number, nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.Column("asked_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("attempts", Number, nullable=False),
        sa.Column("send_after", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("lease_token", sa.String(length=40), nullable=True),
        sa.Column("lease_until", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["hub_topic.id"], name=op.f("fk_hub_request_topic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_request")),
        sa.UniqueConstraint(
            "topic_id", "callback_digest", name=op.f("uq_hub_request_topic_id_callback_digest")
        ),
    )
    with op.batch_alter_table("hub_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hub_request_host"), ["host"], unique=False)
        batch_op.create_index("ix_hub_request_send_after", ["send_after"], unique=False)

    op.create_table(
        "hub_subscription",
        sa.Column("id", Number, nullable=False),
        sa.Column("topic_id", Number, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("callback_digest", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("created_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.Column("attempts", Number, nullable=False),
        sa.Column("failing_since", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("send_after", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("lease_token", sa.String(length=40), nullable=True),
        sa.Column("lease_until", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["topic_id"],
            ["hub_topic.id"],
            name=op.f("fk_hub_subscription_topic_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_subscription")),
        sa.UniqueConstraint(
            "topic_id", "callback_digest", name=op.f("uq_hub_subscription_topic_id_callback_digest")
        ),
    )
    with op.batch_alter_table("hub_subscription", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_hub_subscription_expires_at"), ["expires_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_hub_subscription_host"), ["host"], unique=False)


def downgrade() -> None:
    for table in ("hub_subscription", "hub_request", "hub_topic", "hub_attempt"):
        op.drop_table(table)
