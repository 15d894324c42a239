"""The calls of a list as rows, kept for their revision: lists show the same calls again and again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from feedsvc.calls import queries
from feedsvc.calls.models import Call
from feedsvc.web import context


def calls(session: Session, ids: Sequence[int], *, whole: bool = False) -> Sequence[Call]:
    """The calls with those ids, in that order, with what a list says of them, or with all they say.

    Those that are kept belong to no session: nothing can be read later, and every thread may look
    at them. A list that marks words needs the whole texts, and has them from the database.
    """
    if whole:
        return queries.by_ids(session, ids)
    shelf, names = context.runtime().rows, queries.revisions(session, ids)
    held: dict[int, Call] = {
        call_id: row for call_id, name in names.items() if (row := shelf.get(name)) is not None
    }
    for row in queries.for_lists(session, names.keys() - held.keys()):
        held[row.id] = row
    session.expunge_all()
    for call_id, name in names.items():
        shelf.put(name, held[call_id])
    return [held[call_id] for call_id in ids if call_id in held]
