"""The desk: drafts in review, slots for what is not saved yet, and who is editing."""

import sqlalchemy as sa
from alembic import op

from feedsvc.db import UTCDateTime

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0024"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entry", sa.Column("review", sa.String(8), nullable=False, server_default=""))
    op.add_column("entry", sa.Column("review_at", UTCDateTime()))


def downgrade() -> None:
    op.drop_column("entry", "review_at")
    op.drop_column("entry", "review")
