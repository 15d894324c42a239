"""Links of accounts with an OpenID provider; whether a document holds a program."""

import sqlalchemy as sa
from alembic import op

from feedsvc.db import UTCDateTime

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0031"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "openid_link",
        sa.Column("id", Number, primary_key=True),
        sa.Column(
            "account_id", Number, sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("name", sa.String(254), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime()),
        sa.UniqueConstraint("issuer", "subject"),
        sa.UniqueConstraint("account_id", "issuer"),
    )
    runs: sa.Column[bool] = sa.Column(
        "runs", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("document", runs)


def downgrade() -> None:
    op.drop_column("document", "runs")
    op.drop_table("openid_link")
