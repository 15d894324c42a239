"""The words that texts are made of, kept to ask "did you mean" where nothing was found.

A word is learned in the transaction that indexes its text, and stays when the text goes: whoever
suggests one asks first whether it finds something. Neither table is part of the models, as the
index beside them is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Column, MetaData, String, Table, func, select
from sqlalchemy.orm import Session

from feedsvc.search import index, rules, spelling
from feedsvc.statements import Written

CANDIDATES = 40  # words that share the most parts
_METADATA = MetaData()
_PARTS = Table("entry_search_part", _METADATA, Column("part", String), Column("word", String))

DDL = (
    "CREATE TABLE entry_search_word (word varchar(40) PRIMARY KEY)",
    "CREATE TABLE entry_search_part (part varchar(3), word varchar(40), PRIMARY KEY (part, word))",
)
# One statement for all words of a text, in their order: two writers never wait for each other.
_LEARN = Written(
    "INSERT INTO entry_search_word (word) SELECT value FROM json_each(:words) WHERE true"
    " ON CONFLICT DO NOTHING RETURNING word",
    "INSERT INTO entry_search_word (word)"
    " SELECT json_array_elements_text(CAST(:words AS json))"
    " ON CONFLICT DO NOTHING RETURNING word",
)
_KEEP = Written(
    "INSERT INTO entry_search_part (part, word) VALUES (:part, :word) ON CONFLICT DO NOTHING"
)


def learn(session: Session, tokens: Iterable[str]) -> None:
    """Know these words from now on."""
    words = sorted(set(filter(spelling.is_word, tokens)))
    if not words:
        return
    fresh = _LEARN(session, {"words": json.dumps(words)}).scalars().all()
    rows = [{"part": part, "word": word} for word in fresh for part in spelling.parts(word)]
    if rows:
        _KEEP(session, rows)


def meant(session: Session, q: str) -> str | None:
    """The query with its unknown words in their nearest known spelling; None if that is no help."""
    pieces, end = [], 0
    for token, start, stop in rules.spans(q):
        if index.holds(session, token):
            continue
        word = _nearest(session, token)
        if word is None:
            return None
        pieces += [q[end:start], word]
        end = stop
    return "".join([*pieces, q[end:]]) if pieces else None


def _nearest(session: Session, token: str) -> str | None:
    if not spelling.is_word(token):
        return None
    shared = func.count()
    candidates = session.scalars(
        select(_PARTS.c.word)
        .where(_PARTS.c.part.in_(spelling.parts(token)))
        .group_by(_PARTS.c.word)
        .order_by(shared.desc(), _PARTS.c.word)
        .limit(CANDIDATES)
    )
    return spelling.nearest(token, candidates)
