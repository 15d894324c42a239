"""Tokens by which programs act for an account, and the answers that are kept for them."""

import sqlalchemy as sa
from alembic import op

from feedsvc.db import JSONValue, UTCDateTime

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_token",
        sa.Column("id", Number, primary_key=True),
        sa.Column(
            "account_id", Number, sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("hint", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("scopes", JSONValue(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime()),
        sa.Column("last_used_on", sa.Date()),
        sa.Column("counted", Number, nullable=False),
        sa.Column("counted_since", UTCDateTime(), nullable=False),
    )
    op.create_index("ix_access_token_account_id", "access_token", ["account_id"])
    op.create_table(
        "kept_answer",
        sa.Column(
            "token_id", Number, sa.ForeignKey("access_token.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("asked", sa.String(64), nullable=False),
        sa.Column("status", Number, nullable=False),
        sa.Column("headers", JSONValue(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
    )  # fmt: skip
    op.create_index("ix_kept_answer_made_at", "kept_answer", ["made_at"])


def downgrade() -> None:
    op.drop_table("kept_answer")
    op.drop_table("access_token")
