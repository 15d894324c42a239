"""For each word the set of the entries that hold it, kept in the same transaction as the entries.

A query of words is answered by a few rows, however many entries hold them: the sets only have to
meet. A word in a title is kept once more, marked. The words of each entry are kept beside, so that
an edit changes the sets of those that came or went and no others.

Neither table is part of the models, as the index that uses them is not.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from feedsvc.search import stretches
from feedsvc.search.stretches import LENGTH, SHIFT

IN_TITLE = "="  # before a word: none has it
LAST = chr(0x10FFFF)  # after every letter that is

_TABLE = "CREATE TABLE entry_search_set"
DDL = {
    "sqlite": (
        "CREATE TABLE entry_search_held (entry_id INTEGER PRIMARY KEY, words TEXT NOT NULL)",
        f"{_TABLE} (word TEXT, stretch INT, ids BLOB, PRIMARY KEY (word, stretch)) WITHOUT ROWID",
    ),
    "postgresql": (
        "CREATE TABLE entry_search_held (entry_id bigint PRIMARY KEY, words text NOT NULL)",
        # Words are in the order of their letters' numbers, whatever the language of the database.
        f'{_TABLE} (word text COLLATE "C", stretch int, ids bytea, PRIMARY KEY (word, stretch))',
    ),
}
_HELD = text("SELECT words FROM entry_search_held WHERE entry_id = :id")
_HOLD = text(
    "INSERT INTO entry_search_held (entry_id, words) VALUES (:id, :words)"
    " ON CONFLICT (entry_id) DO UPDATE SET words = excluded.words"
)
_FORGET = text("DELETE FROM entry_search_held WHERE entry_id = :id")
_PIECES = {
    "sqlite": text(
        "SELECT word, ids FROM entry_search_set"
        " WHERE stretch = :stretch AND word IN (SELECT value FROM json_each(:words))"
    ),
    "postgresql": text(
        "SELECT word, ids FROM entry_search_set"
        " WHERE stretch = :stretch AND word = ANY(CAST(:words AS text[]))"
    ),
}
_PUT = {
    "sqlite": text(
        "INSERT INTO entry_search_set (word, stretch, ids) VALUES (:word, :stretch, :ids)"
        " ON CONFLICT (word, stretch) DO UPDATE SET ids = excluded.ids"
    ),
    "postgresql": text(
        "INSERT INTO entry_search_set (word, stretch, ids)"
        " SELECT unnest(CAST(:words AS text[])), :stretch, unnest(CAST(:ids AS bytea[]))"
        " ON CONFLICT (word, stretch) DO UPDATE SET ids = excluded.ids"
    ),
}
_DROP = text("DELETE FROM entry_search_set WHERE word = :word AND stretch = :stretch")
_EXACT = text("SELECT stretch, ids FROM entry_search_set WHERE word = :word")
_BEGINS = text("SELECT stretch, ids FROM entry_search_set WHERE word >= :word AND word < :end")


def put(session: Session, entry_id: int, *, title: set[str], words: set[str]) -> None:
    """Let the entry be in the sets of these words, and in no others.

    Two writers at once would undo each other's work: who calls this has the writers' turn.
    """
    held = set((session.scalar(_HELD, {"id": entry_id}) or "").split())
    wanted = words | {IN_TITLE + word for word in title}
    if wanted != held:
        session.execute(_HOLD, {"id": entry_id, "words": " ".join(sorted(wanted))})
        _change(session, entry_id, gone=held - wanted, come=wanted - held)


def remove(session: Session, entry_id: int) -> None:
    """Take an entry out of every set; who calls this has the writers' turn."""
    held = session.scalar(_HELD, {"id": entry_id})
    if held is not None:
        session.execute(_FORGET, {"id": entry_id})
        _change(session, entry_id, gone=set(held.split()), come=set())


def of_word(session: Session, word: str, *, begins: bool, in_title: bool) -> dict[int, int]:
    """The entries that hold a word, or one that begins with it: as bits, by stretches."""
    word = (IN_TITLE if in_title else "") + word
    if begins:
        rows = session.execute(_BEGINS, {"word": word, "end": word + LAST})
    else:
        rows = session.execute(_EXACT, {"word": word})
    return stretches.united(rows.all())


def _change(session: Session, entry_id: int, *, gone: set[str], come: set[str]) -> None:
    dialect = session.get_bind().dialect.name
    stretch, place = entry_id >> SHIFT, entry_id & LENGTH - 1
    words: Any = sorted(gone | come)
    asked = json.dumps(words) if dialect == "sqlite" else words
    rows = session.execute(_PIECES[dialect], {"stretch": stretch, "words": asked})
    kept = {word: bytes(ids) for word, ids in rows}
    pieces = {
        word: stretches.changed(kept.get(word, b""), place, there=word in come) for word in words
    }
    _write(session, stretch, {word: ids for word, ids in pieces.items() if ids})
    empty = [{"word": word, "stretch": stretch} for word in words if not pieces[word]]
    if empty:
        session.execute(_DROP, empty)


def _write(session: Session, stretch: int, pieces: dict[str, bytes]) -> None:
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":
        rows: Any = {"words": list(pieces), "stretch": stretch, "ids": list(pieces.values())}
    else:
        rows = [{"word": word, "stretch": stretch, "ids": ids} for word, ids in pieces.items()]
    if pieces:
        session.execute(_PUT[dialect], rows)
