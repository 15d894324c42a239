"""For each word the set of the entries that hold it, kept in the same transaction as the entries.

A query of words is answered by a few rows, however many entries hold them: the sets only have to
meet. A word in a title is kept once more, marked. The words of each entry are kept beside, so that
an edit changes the sets of those that came or went and no others.

Neither table is part of the models, as the index that uses them is not.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.orm import Session

from feedsvc.postgres import Blobs
from feedsvc.search import stretches
from feedsvc.search.places import Places
from feedsvc.search.stretches import LENGTH, SHIFT
from feedsvc.statements import Written

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
_HELD = Written("SELECT words FROM entry_search_held WHERE entry_id = :id")
_HOLD = (
    "INSERT INTO entry_search_held (entry_id, words) VALUES (:id, :held)"
    " ON CONFLICT (entry_id) DO UPDATE SET words = excluded.words"
)
_FORGET = "DELETE FROM entry_search_held WHERE entry_id = :id"
_PIECES = Written(
    "SELECT word, ids FROM entry_search_set"
    " WHERE stretch = :stretch AND word IN (SELECT value FROM json_each(:words))",
    "SELECT word, ids FROM entry_search_set"
    " WHERE stretch = :stretch AND word = ANY(CAST(:words AS text[]))",
)
_PUT = "INSERT INTO entry_search_set (word, stretch, ids)"
_INSTEAD = "ON CONFLICT (word, stretch) DO UPDATE SET ids = excluded.ids"
_HOLD_IT, _FORGET_IT = Written(_HOLD), Written(_FORGET)
_PUT_EACH = Written(f"{_PUT} VALUES (:word, :stretch, :ids) {_INSTEAD}")
_DROP_EACH = Written("DELETE FROM entry_search_set WHERE word = :word AND stretch = :stretch")
# All at once: PostgreSQL may be far away, and each statement is a journey.
_HOLD_ALL, _FORGET_ALL = (
    Written(f"""
        WITH known AS ({known}),
        dropped AS (
            DELETE FROM entry_search_set
            WHERE stretch = :stretch AND word = ANY(CAST(:empty AS text[]))
        )
        {_PUT} SELECT unnest(CAST(:words AS text[])), :stretch, unnest(CAST(:ids AS bytea[]))
        {_INSTEAD}
    """)  # noqa: S608
    for known in (_HOLD, _FORGET)
)
_EXACT = Written("SELECT stretch, ids FROM entry_search_set WHERE word = :word")
_BEGINS = Written("SELECT stretch, ids FROM entry_search_set WHERE word >= :word AND word < :end")


def put(session: Session, entry_id: int, *, title: set[str], words: set[str]) -> set[str]:
    """Let the entry be in the sets of these words, and in no others; which ones are new to it.

    Two writers at once would undo each other's work: who calls this has the writers' turn.
    """
    held = set((_HELD(session, {"id": entry_id}).scalar() or "").split())
    wanted = words | {IN_TITLE + word for word in title}
    if wanted != held:
        _change(session, entry_id, held, wanted)
    return words - held


def remove(session: Session, entry_id: int) -> None:
    """Take an entry out of every set; who calls this has the writers' turn."""
    held = _HELD(session, {"id": entry_id}).scalar()
    if held is not None:
        _change(session, entry_id, set(held.split()), set())


def of_word(session: Session, word: str, places: Places, *, begins: bool, in_title: bool) -> int:
    """The entries that hold a word, or one that begins with it."""
    word = (IN_TITLE if in_title else "") + word
    if begins:
        return places.united(_BEGINS(session, {"word": word, "end": word + LAST}))
    return places.united(_EXACT(session, {"word": word}))


def _change(session: Session, entry_id: int, held: set[str], wanted: set[str]) -> None:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    stretch, place = entry_id >> SHIFT, entry_id & LENGTH - 1
    words: Any = sorted(held ^ wanted)
    asked = json.dumps(words) if is_sqlite else words
    rows = _PIECES(session, {"stretch": stretch, "words": asked})
    kept = {row[0]: bytes(row[1]) for row in rows}
    pieces = {
        word: stretches.changed(kept.get(word, b""), place, there=word in wanted) for word in words
    }
    write = _write_to_sqlite if is_sqlite else _write_to_postgresql
    write(session, stretch, pieces, {"id": entry_id, "held": " ".join(sorted(wanted))})


def _write_to_sqlite(
    session: Session, stretch: int, pieces: dict[str, bytes], known: dict[str, Any]
) -> None:
    (_HOLD_IT if known["held"] else _FORGET_IT)(session, known)
    rows = [{"word": word, "stretch": stretch, "ids": ids} for word, ids in pieces.items() if ids]
    if rows:
        _PUT_EACH(session, rows)
    empty = [{"word": word, "stretch": stretch} for word, ids in pieces.items() if not ids]
    if empty:
        _DROP_EACH(session, empty)


def _write_to_postgresql(
    session: Session, stretch: int, pieces: dict[str, bytes], known: dict[str, Any]
) -> None:
    full = {word: ids for word, ids in pieces.items() if ids}
    rows = {
        "stretch": stretch,
        "words": list(full),
        "ids": Blobs(full.values()),
        "empty": [word for word in pieces if word not in full],
    }
    (_HOLD_ALL if known["held"] else _FORGET_ALL)(session, known | rows)
