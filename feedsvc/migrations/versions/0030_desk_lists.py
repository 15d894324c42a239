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
    op.add_column("entry", sa.Column("languages", sa.String(60), nullable=False, server_default=""))
    _fill()
    op.create_index(
        "ix_translation_sorted", "translation", ["kind", "language", "sort_key", "entry_id"]
    )
    op.create_index("ix_entry_edited", "entry", ["kind", "updated_at", "id", "languages"])
    op.create_index(
        "ix_entry_published", "entry",
        ["kind", "publish_at", "id", "withdrawn_at", "review", "languages"],
    )  # fmt: skip
    _index_withdrawn(["withdrawn_at", "kind"])
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
    _index_withdrawn(["withdrawn_at"])
    op.drop_column("entry", "languages")
    op.drop_column("translation", "sort_key")


def _index_withdrawn(columns: list[str]) -> None:
    """In place of the one that there is."""
    some = sa.text("withdrawn_at IS NOT NULL")
    op.drop_index("ix_entry_withdrawn", "entry")
    op.create_index(
        "ix_entry_withdrawn", "entry", columns, sqlite_where=some, postgresql_where=some
    )


def _fill() -> None:
    """What is there already, by portions: there may be much."""
    texts = sa.table(
        "translation", sa.column("id"), sa.column("entry_id"), sa.column("language"),
        sa.column("title"), sa.column("sort_key"),
    )  # fmt: skip
    entries = sa.table("entry", sa.column("id"), sa.column("languages"))
    connection, last, codes = op.get_bind(), 0, dict[int, list[str]]()
    query = sa.select(texts).order_by(texts.c.id).limit(PORTION)
    while found := connection.execute(query.where(texts.c.id > last)).all():
        keys = [{"row": row.id, "key": sorting.key(row.title)} for row in found]
        connection.execute(
            sa.update(texts)
            .where(texts.c.id == sa.bindparam("row"))
            .values(sort_key=sa.bindparam("key")),
            keys,
        )
        for row in found:
            if row.title.strip():
                codes.setdefault(row.entry_id, []).append(row.language)
        last = found[-1].id
    said = [{"row": row, "said": f" {' '.join(sorted(some))} "} for row, some in codes.items()]
    if said:
        connection.execute(
            sa.update(entries)
            .where(entries.c.id == sa.bindparam("row"))
            .values(languages=sa.bindparam("said")),
            said,
        )
