"""Read the library: page by page, one by one, by the name of a file, and where what is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, lazyload

from feedsvc.auth.rules import Actor
from feedsvc.content.media import files, rules, sight
from feedsvc.content.media.models import Attachment, Document, DocumentText, Photo, PhotoText
from feedsvc.content.models import Entry
from feedsvc.errors import Forbidden, NotFound
from feedsvc.i18n import N_

PAGE = 24  # tiles: two, three, four or six in a row
FOUND = 12  # offered beside a form
T = TypeVar("T", Photo, Document)


@dataclass(frozen=True)
class Listing(Generic[T]):
    """A page of the library."""

    items: Sequence[T]
    page: int
    pages: int


def photos(
    session: Session, words: str, *, unused: bool, page: int, actor: Actor, now: datetime
) -> Listing[Photo]:
    """The pictures that the actor sees, the newest first."""
    query = select(Photo).where(sight.photos(actor, now), *_photo_words(words))
    if unused:
        query = query.where(~exists().where(Entry.photo_id == Photo.id))
    return _page(session, query, Photo, page)


def documents(
    session: Session, words: str, *, unused: bool, page: int, actor: Actor, now: datetime
) -> Listing[Document]:
    """The documents that the actor sees, the newest first."""
    query = select(Document).where(sight.documents(actor, now), *_document_words(words))
    if unused:
        query = query.where(~exists().where(Attachment.document_id == Document.id))
    return _page(session, query, Document, page)


def photo(
    session: Session, photo_id: int, actor: Actor, now: datetime, *, to_change: bool = False
) -> Photo:
    """Raises: NotFound for one that the actor may not see, Forbidden for one not to be changed."""
    found = session.get(Photo, photo_id)
    if found is None or not sight.sees_photo(session, photo_id, actor, now):
        raise NotFound(N_("There is no picture with this number."))
    return _changeable(found, actor) if to_change else found


def document(
    session: Session, document_id: int, actor: Actor, now: datetime, *, to_change: bool = False
) -> Document:
    """Raises: NotFound for one that the actor may not see, Forbidden for one not to be changed."""
    found = session.get(Document, document_id)
    if found is None or not sight.sees_document(session, document_id, actor, now):
        raise NotFound(N_("There is no document with this number."))
    return _changeable(found, actor) if to_change else found


def photo_of_file(session: Session, name: str) -> Photo | None:
    """The photo whose file, or copy, is called that."""
    if not files.NAME.fullmatch(name):
        return None
    stem = name[: files.DIGITS]
    return session.scalar(select(Photo).where(Photo.name == f"{stem}.webp"))


def document_of_file(session: Session, name: str) -> Document | None:
    if not files.NAME.fullmatch(name):
        return None
    return session.scalar(select(Document).where(Document.name == name))


def uses_of_photo(session: Session, photo_id: int) -> Sequence[Entry]:
    return _entries(session, Entry.photo_id == photo_id)


def uses_of_document(session: Session, document_id: int) -> Sequence[Entry]:
    handed = select(Attachment.entry_id).where(Attachment.document_id == document_id)
    return _entries(session, Entry.id.in_(handed))


def used(session: Session, ids: Sequence[int]) -> set[int]:
    """Which of these photos any entry has."""
    found = session.scalars(select(Entry.photo_id).where(Entry.photo_id.in_(ids)).distinct())
    return {number for number in found if number is not None}


def used_documents(session: Session, ids: Sequence[int]) -> set[int]:
    asked = select(Attachment.document_id).where(Attachment.document_id.in_(ids)).distinct()
    return set(session.scalars(asked))


def _entries(session: Session, condition: ColumnElement[bool]) -> Sequence[Entry]:
    asked = select(Entry).where(condition).order_by(Entry.updated_at.desc(), Entry.id)
    return session.scalars(asked.options(lazyload(Entry.clusters), lazyload(Entry.photo))).all()


def _photo_words(words: str) -> list[ColumnElement[bool]]:
    return [
        or_(
            Photo.label.icontains(word, autoescape=True),
            Photo.credit.icontains(word, autoescape=True),
            Photo.id.in_(
                select(PhotoText.photo_id).where(PhotoText.alt.icontains(word, autoescape=True))
            ),
        )
        for word in words.split()[:10]
    ]


def _document_words(words: str) -> list[ColumnElement[bool]]:
    return [
        or_(
            Document.label.icontains(word, autoescape=True),
            Document.checksum == word.lower(),
            Document.id.in_(
                select(DocumentText.document_id).where(
                    DocumentText.title.icontains(word, autoescape=True)
                )
            ),
        )
        for word in words.split()[:10]
    ]


def _page(session: Session, query: Select[Any], kind: type[T], page: int) -> Listing[T]:
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max((total + PAGE - 1) // PAGE, 1)
    number = min(max(page, 1), pages)
    rows = session.scalars(query.order_by(kind.id.desc()).limit(PAGE).offset((number - 1) * PAGE))
    return Listing(rows.all(), number, pages)


def _changeable(row: T, actor: Actor) -> T:
    if not rules.may_change(actor, row.created_by):
        raise Forbidden(N_("Only who brought it, or an editor, may change it."))
    return row
