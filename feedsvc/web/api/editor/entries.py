"""What can be asked of calls and news only: the list page by page, to withdraw and to cancel."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from feedsvc.calls import changes as calls
from feedsvc.content import cursors, queries
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.web.api.editor import publishing, views
from feedsvc.web.api.editor.asked import Answer, Asked
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.shapes import Languages, Text
from feedsvc.web.api.editor.things import CALL, Thing
from feedsvc.web.api.editor.views import View

USUAL_PAGE, LARGEST_PAGE = 50, 100
MOST_WORDS = 10


CANCELLING = Object(
    "Cancelling",
    dict,
    {"reasons": Field(shape=Languages(Text(300)), meaning="Why: readers are told")},
)


def listed(thing: Thing) -> View:
    """Those that the account sees, the newest first; `next` is where the next page begins."""

    def view(session: Session, asked: Asked) -> Answer:
        size, after = _paging(asked.query)
        model = thing.model
        query = select(model).where(queries.seen_by(asked.actor))
        if state := asked.query.get("state"):
            query = query.where(queries.in_state(state, asked.now))
        for word in asked.query.get("q", "").split()[:MOST_WORDS]:
            query = query.where(model.id.in_(queries.titled(word)))
        if after is not None:
            query = query.where(model.id < after)
        query = query.options(
            selectinload(model.related), selectinload(model.attachments)
        ).order_by(model.id.desc())
        rows = session.scalars(query.limit(size + 1)).all()
        more = str(rows[size - 1].id) if len(rows) > size else None
        items = [thing.told(session, asked, row) for row in rows[:size]]
        return Answer(body={"items": items, "next": more})

    return view


def withdraw(thing: Thing) -> View:
    """Off the site; a scheduled one becomes a draft."""

    def view(session: Session, asked: Asked) -> Answer:
        publishing.read(publishing.NOTHING, asked)
        views.fresh(session, thing, asked)
        assert thing.withdraw is not None
        row = thing.withdraw(session, asked.found.id, actor=asked.actor, now=asked.now)
        return views.told(session, thing, asked, row)

    return view


def cancel(session: Session, asked: Asked) -> Answer:
    """Call the call off: its page stays and says so."""
    said = publishing.read(CANCELLING, asked)
    views.fresh(session, CALL, asked)
    row = calls.cancel_call(
        session, asked.found.id, said.get("reasons", {}), actor=asked.actor, now=asked.now
    )
    return views.told(session, CALL, asked, row)


def _paging(query: Mapping[str, str]) -> tuple[int, int | None]:
    """How many, and after which. Raises: Invalid (limit), BadRequest."""
    size = query.get("limit", str(USUAL_PAGE))
    if not (size.isascii() and size.isdigit() and 1 <= int(size[:9]) <= LARGEST_PAGE):
        words = N_("Write a whole number from 1 to %(most)s.")
        raise Invalid(Problem("limit", words, (("most", LARGEST_PAGE),)))
    if "after" not in query:
        return int(size), None
    try:
        [after] = cursors.numbers(query["after"])
    except ValueError:
        raise cursors.incomplete() from None
    return int(size), after
