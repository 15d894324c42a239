"""Digests: what they told, whom they serve, and which kind of entry a filter finds."""

import hashlib

import sqlalchemy as sa
from alembic import op

from feedsvc.db import UTCDateTime

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

AGAIN, WANTED = sa.text("again"), sa.text("digest <> ''")
filters = sa.table(
    "stored_filter", sa.column("id"), sa.column("query"), sa.column("digest"), sa.column("kind")
)


def upgrade() -> None:
    op.drop_table("digest_entry")  # nothing has written into it yet
    op.create_table(
        "digest_entry",
        sa.Column("mail_id", Number, _to("outbox_mail", "CASCADE"), primary_key=True),
        sa.Column("entry_id", Number, primary_key=True, autoincrement=False, index=True),
        sa.Column("why", sa.String(8), nullable=False),
        sa.Column("revision", Number, nullable=False),
        sa.Column("event_id", Number, nullable=False),
    )
    op.create_table(
        "digest_part",
        sa.Column("id", Number, primary_key=True),
        sa.Column("mail_id", Number, _to("outbox_mail", "CASCADE"), nullable=False, index=True),
        sa.Column("subscription_id", Number, _to("subscription", "SET NULL"), index=True),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
    )
    op.create_index(
        "ix_digest_part_again", "digest_part", ["subscription_id"],
        sqlite_where=AGAIN, postgresql_where=AGAIN,
    )  # fmt: skip
    op.create_table(
        "digest_round",
        sa.Column("id", Number, primary_key=True),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name="single_row"),
    )
    op.create_index(
        "ix_subscription_digest", "subscription", ["filter_id", "digest", "digested_until"],
        sqlite_where=WANTED, postgresql_where=WANTED,
    )  # fmt: skip
    op.add_column("stored_filter", sa.Column("kind", sa.String(8)))
    _name_kind("call")


def downgrade() -> None:
    _name_kind(None)
    op.drop_column("stored_filter", "kind")
    op.drop_index("ix_subscription_digest", "subscription")
    op.drop_table("digest_round")
    op.drop_table("digest_part")
    op.drop_table("digest_entry")
    op.create_table(
        "digest_entry",
        sa.Column("mail_id", Number, _to("outbox_mail", "CASCADE"), primary_key=True),
        sa.Column("entry_id", Number, _to("entry", "CASCADE"), primary_key=True, index=True),
        sa.Column("why", sa.String(8), nullable=False),
    )


def _name_kind(kind: str | None) -> None:
    """Until now filters were about calls without saying so."""
    connection = op.get_bind()
    rows = connection.execute(sa.select(filters.c.id, filters.c.query, filters.c.digest)).all()
    taken = {row.digest for row in rows}
    for row in rows:
        plain = "&".join(part for part in row.query.split("&") if part[:5] != "kind=")
        named = "&".join(part for part in (f"kind={kind}" if kind else "", plain) if part)
        digest = hashlib.sha256(named.encode()).hexdigest()
        if digest not in taken - {row.digest}:
            values = {"query": named, "kind": kind, "digest": digest}
            connection.execute(sa.update(filters).where(filters.c.id == row.id).values(values))


def _to(table: str, on_delete: str) -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", ondelete=on_delete)
