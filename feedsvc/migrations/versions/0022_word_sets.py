"""For each word the set of the entries that hold it."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

from feedsvc.search import sets, stretches

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# Each word of each text once, and whether it stands in the title, as the index knows them.
WORDS = {
    "sqlite": (
        "SELECT doc, term, max(col = 'title') FROM temp.known GROUP BY doc, term ORDER BY doc"
    ),
    "postgresql": (
        "SELECT entry_id, lexeme, 'A' = ANY(weights) FROM entry_search, unnest(document)"
        " ORDER BY entry_id"
    ),
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in sets.DDL[dialect]:
        op.execute(statement)
    if dialect == "sqlite":
        op.execute("CREATE VIRTUAL TABLE temp.known USING fts5vocab(main, entry_search, instance)")
    _fill(WORDS[dialect])
    if dialect == "sqlite":
        op.execute("DROP TABLE temp.known")


def downgrade() -> None:
    op.drop_table("entry_search_set")
    op.drop_table("entry_search_held")


def _fill(known: str) -> None:
    held: defaultdict[int, list[str]] = defaultdict(list)
    ids: defaultdict[str, list[int]] = defaultdict(list)
    for entry_id, word, in_title in op.get_bind().execute(sa.text(known)):
        if word == "_":  # the place of a word that was left out
            continue
        for name in (word, sets.IN_TITLE + word) if in_title else (word,):
            held[entry_id].append(name)
            ids[name].append(entry_id)
    words = [{"id": one, "words": " ".join(sorted(found))} for one, found in held.items()]
    pieces = [
        {"word": word, "stretch": stretch, "ids": stretches.packed(bits)}
        for word, found in ids.items()
        for stretch, bits in stretches.split(found).items()
    ]
    _insert("entry_search_held (entry_id, words) VALUES (:id, :words)", words)
    _insert("entry_search_set (word, stretch, ids) VALUES (:word, :stretch, :ids)", pieces)


def _insert(into: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        op.get_bind().execute(sa.text(f"INSERT INTO {into}"), rows)
