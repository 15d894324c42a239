"""What the lists of the desk are put in order by, the views that people save, and bulk acts."""

import sqlalchemy as sa
from alembic import op

from feedsvc.content import sorting
from feedsvc.db import JSONValue, UTCDateTime

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTEWISE = sa.String(100).with_variant(sa.String(100, collation="C"), "postgresql")
UNSEEN = sa.text("publish_at IS NULL")
PORTION = 5_000  # rows

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("translation", sa.Column("sort_key", BYTEWISE, nullable=False, server_default=""))
    _fill()
    op.create_index(
        "ix_translation_sorted", "translation", ["kind", "language", "sort_key", "entry_id"]
    )
    op.create_index("ix_entry_edited", "entry", ["kind", "updated_at", "id"])
    op.create_index(
        "ix_entry_published", "entry", ["kind", "publish_at", "id", "withdrawn_at", "review"]
    )
    op.create_index(
        "ix_entry_unseen", "entry", ["kind", "review", "updated_at", "id"],
        sqlite_where=UNSEEN, postgresql_where=UNSEEN,
    )  # fmt: skip
    op.create_index("ix_entry_author", "entry", ["created_by", "kind", "updated_at", "id"])
    op.create_table(
        "desk_view",
        sa.Column("id", Number, primary_key=True),
        sa.Column(
            "account_id", Number, sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(2000), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("account_id", "kind", "name"),
    )
    op.create_table(
        "desk_batch",
        sa.Column("id", Number, primary_key=True),
        sa.Column(
            "account_id", Number, sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("undone_at", UTCDateTime()),
        sa.Column("cluster_id", Number),
        sa.Column("done", JSONValue(), nullable=False),
    )
    op.create_index("ix_desk_batch_account_id", "desk_batch", ["account_id"])


def downgrade() -> None:
    op.drop_table("desk_batch")
    op.drop_table("desk_view")
    for name in ("ix_entry_author", "ix_entry_unseen", "ix_entry_published", "ix_entry_edited"):
        op.drop_index(name, "entry")
    op.drop_index("ix_translation_sorted", "translation")
    op.drop_column("translation", "sort_key")


def _fill() -> None:
    """The titles that are there already, by portions: there may be many."""
    rows = sa.table("translation", sa.column("id"), sa.column("title"), sa.column("sort_key"))
    connection, last = op.get_bind(), 0
    query = sa.select(rows.c.id, rows.c.title).order_by(rows.c.id).limit(PORTION)
    while found := connection.execute(query.where(rows.c.id > last)).all():
        connection.execute(
            sa.update(rows)
            .where(rows.c.id == sa.bindparam("row"))
            .values(sort_key=sa.bindparam("key")),
            [{"row": row.id, "key": sorting.key(row.title)} for row in found],
        )
        last = found[-1].id
