"""What can be asked of the library: look through it, say what one is, let it go.

Each view is made for photos or for documents, and calls what the admin's forms call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.content import history, rules
from feedsvc.content.media import documents, photos, queries, sight
from feedsvc.content.media.models import Document, Photo
from feedsvc.content.media.rules import DocumentEdit
from feedsvc.content.models import Entry
from feedsvc.errors import Invalid, NotFound, Problem
from feedsvc.i18n import N_
from feedsvc.web.api.editor import facts, reading, versions, views
from feedsvc.web.api.editor.asked import Answer, Asked, Json
from feedsvc.web.api.editor.library import papers
from feedsvc.web.api.editor.library import photos as pictures
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.shapes import Choice, Many, Problems, Text, Whole
from feedsvc.web.api.editor.versions import Stale
from feedsvc.web.api.editor.views import MOST_HISTORY, View

MOST_DIGITS = 18  # of a number that databases hold
MOST_PAGES = 6  # digits


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """One kind of thing in the library. `name` is that of its history and in addresses, `path` their
    part before; `told` is its JSON, and `said` what of that can be said."""

    name: str
    path: str
    model: type[Any]
    told: Object
    said: Object
    none: str
    one: Callable[..., Any]
    page: Callable[..., queries.Listing[Any]]
    edit: Callable[..., Any]
    delete: Callable[..., None]
    uses: Callable[[Session, int], Any]

    def write(self, asked: Asked, row: Any) -> Json:
        return self.told.write(asked.seen(row))

    def found(self, session: Session, asked: Asked, *, to_change: bool = False) -> Any:
        """Raises: NotFound, also for one of which the account may not know; Forbidden."""
        text = asked.path[self.name]
        if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
            raise NotFound(self.none)
        number = int(text)
        if to_change:  # before it is read: what is read must be what will be changed
            session.execute(select(self.model.id).where(self.model.id == number).with_for_update())
        return self.one(session, number, asked.actor, asked.now, to_change=to_change)


USE = Object(
    "Use",
    dict,
    {
        "kind": Field(shape=Choice(values=("call", "news"))),
        "uid": Field(shape=Text(36), meaning="Of the call or the news item"),
        "state": Field(shape=Choice(values=facts.STATES)),
    },
)
USES = Object(
    "Uses",
    dict,
    {
        "items": Field(shape=Many(USE, rows=True), meaning="The entries that have it"),
        "hidden": Field(shape=Whole(), meaning="How many more have it that the account cannot see"),
    },
)  # fmt: skip


def listed(shelf: Shelf) -> View:
    """A page of those that the account sees, the newest first."""

    def view(session: Session, asked: Asked) -> Answer:
        listing = shelf.page(
            session, asked.query.get("q", ""), unused=asked.query.get("unused") == "true",
            page=_page(asked), actor=asked.actor, now=asked.now,
        )  # fmt: skip
        items = [shelf.write(asked, row) for row in listing.items]
        return Answer(body={"items": items, "page": listing.page, "pages": listing.pages})

    return view


def get(shelf: Shelf) -> View:
    def view(session: Session, asked: Asked) -> Answer:
        return _answer(shelf, asked, shelf.found(session, asked))

    return view


def change(shelf: Shelf, *, merged: bool) -> View:
    """Say what it is; `merged` keeps what the body does not name."""

    def view(session: Session, asked: Asked) -> Answer:
        versions.named(asked)
        row = shelf.found(session, asked, to_change=True)
        _fresh(session, shelf, asked, row)
        edit = replace(_edit(shelf, asked, row, merged=merged), version=row.version)
        row = shelf.edit(session, row.id, edit, actor=asked.actor, now=asked.now)
        return _answer(shelf, asked, row)

    return view


def delete(shelf: Shelf) -> View:
    """Raises: Invalid, as long as an entry has it."""

    def view(session: Session, asked: Asked) -> Answer:
        versions.named(asked)
        row = shelf.found(session, asked, to_change=True)
        _fresh(session, shelf, asked, row)
        shelf.delete(session, row.id, actor=asked.actor, now=asked.now)
        return Answer(status=204)

    return view


def past(shelf: Shelf) -> View:
    def view(session: Session, asked: Asked) -> Answer:
        row = shelf.found(session, asked)
        rows = history.of(session, shelf.name, row.id, limit=MOST_HISTORY)
        return Answer(body={"items": [views.happened(one) for one in rows]})

    return view


def uses(shelf: Shelf) -> View:
    """Which entries have it; of those that the account does not see, how many."""

    def view(session: Session, asked: Asked) -> Answer:
        entries = shelf.uses(session, shelf.found(session, asked).id)
        seen = sight.visible(session, entries, asked.actor, asked.now)
        items = [_use(entry, asked) for entry in entries if entry.id in seen]
        told = {"items": items, "hidden": len(entries) - len(items)}
        return Answer(body=told)

    return view


def _use(entry: Entry, asked: Asked) -> Json:
    return {"kind": entry.kind, "uid": entry.uid, "state": rules.state(entry, asked.now)}


def _edit(shelf: Shelf, asked: Asked, row: Any, *, merged: bool) -> Any:
    """What is said of it; what is so may come back unchanged, as everywhere. Raises: Invalid."""
    told, problems = shelf.write(asked, row), Problems()
    body = reading.merged(told, asked.body) if merged else asked.body
    known = told.keys() - shelf.said.fields.keys()
    facts.check_same({name: body[name] for name in body if name in known}, told, "", problems)
    said = {name: value for name, value in body.items() if name not in known}
    made = shelf.said.read(said, "", problems)
    problems.settle()
    if isinstance(made, DocumentEdit) and made.language not in ("", *asked.settings.languages):
        words, names = N_("Choose one of: %(names)s."), ", ".join(asked.settings.languages)
        raise Invalid(Problem("language", words, (("names", names),)))
    return made


def _fresh(session: Session, shelf: Shelf, asked: Asked, row: Any) -> None:
    """Raises: Stale, with what the sender has not seen."""
    if not versions.is_present(asked, row.version):
        limit = versions.behind(asked, row.version)
        missed = history.of(session, shelf.name, row.id, limit=limit)
        raise Stale(row.version, [views.happened(one) for one in missed])


def _answer(shelf: Shelf, asked: Asked, row: Any) -> Answer:
    """The crops of a photo whose focus has moved are cut when the transaction has ended."""
    is_uncut = asked.body and isinstance(row, Photo) and not row.ready
    afterwards = partial(pictures.cut, row, asked.settings.media_path, None) if is_uncut else None
    body = shelf.write(asked, row)
    return Answer(body=body, version=row.version, afterwards=afterwards)


def _page(asked: Asked) -> int:
    """Raises: Invalid (page)."""
    text = asked.query.get("page", "1")
    if not (text.isascii() and text.isdigit() and int(text[:9]) >= 1 and len(text) <= MOST_PAGES):
        words, most = N_("Write a whole number from 1 to %(most)s."), 10**MOST_PAGES - 1
        raise Invalid(Problem("page", words, (("most", most),)))
    return int(text)


PHOTOS = Shelf(
    name="photo",
    path="photos",
    model=Photo,
    told=pictures.PHOTO,
    said=pictures.WORDS,
    none=N_("There is no picture with this number."),
    one=queries.photo,
    page=queries.photos,
    edit=photos.edit_photo,
    delete=photos.delete_photo,
    uses=queries.uses_of_photo,
)
DOCUMENTS = Shelf(
    name="document",
    path="documents",
    model=Document,
    told=papers.DOCUMENT,
    said=papers.TITLES,
    none=N_("There is no document with this number."),
    one=queries.document,
    page=queries.documents,
    edit=documents.edit_document,
    delete=documents.delete_document,
    uses=queries.uses_of_document,
)
SHELVES = (PHOTOS, DOCUMENTS)
