"""The search index, kept in the same transaction as the entries: FTS5 on SQLite, tsvector on
PostgreSQL. Both hold the tokens of `rules`, so both find the same entries. Words that stand alone
are looked up in `sets`, which answers at once for all entries; phrases are asked of the index.

The table is made by `create_ddl` (the first migration runs it) and is no part of the models: one
database needs a virtual table, the other a plain one.
"""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import Any

from sqlalchemy import Select, bindparam, cast, column, delete, false, select, table
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from feedsvc.search import rules, sets
from feedsvc.search.places import Places
from feedsvc.search.rules import Term
from feedsvc.statements import Written

TABLE = "entry_search"
GAP = "_"  # keeps the place of a word that is not indexed; no query can ask for it

# `ascii` takes every other character for part of a word: splitting was done by `rules`. The row
# ids are the entries' ids; the texts themselves are not stored again (contentless).
_SQLITE = f"""
    CREATE VIRTUAL TABLE {TABLE} USING fts5(
        title, body, content='', contentless_delete=1, prefix='2 3',
        tokenize="ascii tokenchars '{GAP}'"
    )
"""
_POSTGRESQL = (
    f"CREATE TABLE {TABLE} (entry_id bigint PRIMARY KEY, document tsvector NOT NULL)",
    f"CREATE INDEX ix_{TABLE}_document ON {TABLE} USING gin (document)",
)
_PUT = Written(
    f"INSERT OR REPLACE INTO {TABLE} (rowid, title, body) VALUES (:id, :title, :body)",  # noqa: S608
    f"INSERT INTO {TABLE} (entry_id, document) VALUES (:id, CAST(:document AS tsvector))"  # noqa: S608
    " ON CONFLICT (entry_id) DO UPDATE SET document = excluded.document",
)
_IDS = Written(
    f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH :query",  # noqa: S608
    f"SELECT entry_id FROM {TABLE} WHERE document @@ CAST(:query AS tsquery)",  # noqa: S608
)
_rows = table(TABLE, column("rowid"), column("entry_id"), column("document"))


def create_ddl(dialect: str) -> tuple[str, ...]:
    """The statements that make the index; `dialect` is `sqlite` or `postgresql`."""
    return _POSTGRESQL if dialect == "postgresql" else (_SQLITE,)


def put(session: Session, entry_id: int, *, title: str, body: str) -> set[str]:
    """Index an entry's texts (all languages together) in place of what was indexed before.

    Returns the words that it did not hold before: all others were told already.
    """
    heading, rest = rules.places(title, body)
    if _on_postgresql(session):
        _PUT(session, {"id": entry_id, "document": _tsvector(heading, rest)})
    else:
        _PUT(session, {"id": entry_id, "title": _joined(heading), "body": _joined(rest)})
    titled = {token for token in heading if token}
    return sets.put(session, entry_id, title=titled, words=titled.union(filter(None, rest)))


def remove(session: Session, entry_id: int) -> None:
    """Take an entry out of the index; one that is not in it is no error."""
    sets.remove(session, entry_id)
    session.execute(delete(_rows).where(_key(session) == entry_id))


def matching(session: Session, q: str, *, in_title: bool = False) -> Select[tuple[int]]:
    """The ids of the entries that hold every term of `q`: for `Entry.id.in_(...)`."""
    terms = rules.parse(q)
    found = select(_key(session))
    if not terms:
        return found.where(false())
    if _on_postgresql(session):
        query = cast(bindparam(None, _tsquery(terms, in_title=in_title)), TSQUERY)
        return found.where(_rows.c.document.op("@@")(query))
    return found.where(column(TABLE).op("MATCH")(bindparam(None, _fts5(terms, in_title=in_title))))


def matches(
    session: Session, q: str, entry_id: Any, *, in_title: bool = False
) -> ColumnElement[bool]:
    """The same as a question about one entry at a time, which PostgreSQL does not turn around."""
    terms = rules.parse(q)
    if not terms:
        return false()
    found = matching(session, q, in_title=in_title).where(_key(session) == entry_id)
    return found.correlate_except(_rows).scalar_subquery().is_not(None)


def ids(session: Session, q: str, *, in_title: bool = False) -> list[int]:
    """The ids that `matching` selects, at once: the statement is made beforehand."""
    return of_terms(session, rules.parse(q), in_title=in_title)


def of_terms(session: Session, terms: tuple[Term, ...], *, in_title: bool = False) -> list[int]:
    """The ids of the entries that hold every one of these."""
    if not terms:
        return []
    query = (_tsquery if _on_postgresql(session) else _fts5)(terms, in_title=in_title)
    return [row[0] for row in _IDS(session, {"query": query})]


def holding(session: Session, q: str, places: Places, *, in_title: bool = False) -> int:
    """The set of the entries that `matching` selects: not one of them is looked at."""
    terms = rules.parse(q)
    if not terms:
        return 0
    found = (_of_term(session, term, places, in_title=in_title) for term in terms)
    return reduce(and_, found)


def _of_term(session: Session, term: Term, places: Places, *, in_title: bool) -> int:
    if len(term.tokens) > 1:
        return places.set_of(of_terms(session, (term,), in_title=in_title))
    word = term.tokens[0]
    return sets.of_word(session, word, places, begins=term.prefix, in_title=in_title)


def holds(session: Session, token: str) -> bool:
    """Whether any text holds that word, or one that begins with it."""
    return session.scalar(matching(session, token).limit(1)) is not None


def _on_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _key(session: Session) -> ColumnElement[Any]:
    return _rows.c.entry_id if _on_postgresql(session) else _rows.c.rowid


def _joined(tokens: list[str | None]) -> str:
    return " ".join(token or GAP for token in tokens)


def _tsvector(title: list[str | None], body: list[str | None]) -> str:
    """A tsvector literal: each word with its places, those of the title weighing more.

    One place stays empty between the two, so that no phrase spans them.
    """
    places: dict[str, list[str]] = {}
    for place, token in enumerate([*title, None, *body], start=1):
        if token:
            weight = "A" if place <= len(title) else ""
            places.setdefault(token, []).append(f"{place}{weight}")
    return " ".join(f"'{token}':{','.join(found)}" for token, found in places.items())


# Tokens are letters and digits only, so neither notation can be escaped from.
def _tsquery(terms: tuple[Term, ...], *, in_title: bool = False) -> str:
    weight = "A" if in_title else ""

    def phrase(term: Term) -> str:
        marks = [weight] * len(term.tokens)
        marks[-1] += "*" if term.prefix else ""
        words = (
            f"'{token}'{':' if mark else ''}{mark}"
            for token, mark in zip(term.tokens, marks, strict=True)
        )
        return f"({' <-> '.join(words)})"

    return " & ".join(phrase(term) for term in terms)


def _fts5(terms: tuple[Term, ...], *, in_title: bool = False) -> str:
    def phrase(term: Term) -> str:
        return f'"{" ".join(term.tokens)}"{" *" if term.prefix else ""}'

    found = " ".join(phrase(term) for term in terms)
    return f"title : ({found})" if in_title else found
