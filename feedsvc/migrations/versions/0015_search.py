"""Places and rates as conditions of filters: what calls state, and what readers follow."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from feedsvc.content import places
from feedsvc.db import Amount, JSONValue
from feedsvc.search import vocabulary

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "call_place",
        sa.Column("call_id", Number, nullable=False),
        sa.Column("place", sa.String(2), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["call.id"], name="fk_call_place_call_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", "place", name="pk_call_place"),
    )
    op.create_index("ix_call_place_place", "call_place", ["place"])
    op.add_column("stored_filter", sa.Column("cofinancing_from", Amount()))
    op.add_column("struck_date", sa.Column("cofinancing", Amount()))
    op.add_column(
        "struck_date", sa.Column("places", JSONValue(), nullable=False, server_default="[]")
    )
    with op.batch_alter_table("struck_date") as batch_op:
        batch_op.alter_column("places", server_default=None)
    op.execute("UPDATE filter_key SET key = key || '|*'")  # of any place
    _fill_places()
    for statement in vocabulary.DDL:
        op.execute(statement)
    _fill_words()


def downgrade() -> None:
    # What asks for a place has no key of the old form: it goes, as its readers would be told of all.
    op.execute("DELETE FROM filter_key WHERE key NOT LIKE '%|*'")
    op.execute("UPDATE filter_key SET key = substr(key, 1, length(key) - 2)")
    op.drop_column("struck_date", "places")
    op.drop_column("struck_date", "cofinancing")
    op.drop_column("stored_filter", "cofinancing_from")
    op.drop_table("call_place")
    op.drop_table("entry_search_part")
    op.drop_table("entry_search_word")


def _fill_places() -> None:
    stated = op.get_bind().execute(sa.text("SELECT id, geographies FROM call")).all()
    rows = [
        {"call_id": call_id, "place": place}
        for call_id, written in stated
        for place in _places(json.loads(written))
    ]
    if rows:
        table = sa.table("call_place", sa.column("call_id"), sa.column("place"))
        op.bulk_insert(table, rows)


def _fill_words() -> None:
    """Learn every word that is in the index: each is there once."""
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE temp.known USING fts5vocab(main, entry_search, row)")
        words = bind.execute(sa.text("SELECT term FROM temp.known")).scalars().all()
        op.execute("DROP TABLE temp.known")
    else:
        stat = "SELECT word FROM ts_stat('SELECT document FROM entry_search')"
        words = bind.execute(sa.text(stat)).scalars().all()
    with Session(bind) as session:
        vocabulary.learn(session, words)
        session.flush()


def _places(stated: object) -> tuple[str, ...]:
    """What nobody could have written by the form names no place."""
    codes = [code for code in stated if places.is_code(code)] if isinstance(stated, list) else []
    return places.kept(codes)
