"""What a notice needs beside its key: till when it is of use, and who follows by what."""

import sqlalchemy as sa
from alembic import op

from feedsvc.db import UTCDateTime

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM notice")  # nothing has written any yet
    with op.batch_alter_table("notice") as notice:
        notice.add_column(sa.Column("expires_at", UTCDateTime(), nullable=False))
    with op.batch_alter_table("notice_item") as item:
        item.add_column(sa.Column("subscription_id", Number))
        item.add_column(sa.Column("told_event_id", Number, nullable=False))
        item.add_column(sa.Column("turn", Number, nullable=False))
        item.create_foreign_key(
            "fk_notice_item_subscription_id_subscription", "subscription",
            ["subscription_id"], ["id"], ondelete="SET NULL",
        )  # fmt: skip
        item.create_index("ix_notice_item_subscription_id", ["subscription_id"])
    op.create_index("ix_call_series", "call", ["series"])


def downgrade() -> None:
    op.drop_index("ix_call_series", "call")
    with op.batch_alter_table("notice_item") as item:
        item.drop_index("ix_notice_item_subscription_id")
        item.drop_constraint("fk_notice_item_subscription_id_subscription", type_="foreignkey")
        for column in ("subscription_id", "told_event_id", "turn"):
            item.drop_column(column)
    with op.batch_alter_table("notice") as notice:
        notice.drop_column("expires_at")
