"""Who sees which picture and document: in the admin by `rules`, and readers what is public now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.orm import Session

from feedsvc.auth.rules import Actor
from feedsvc.content import queries as entries
from feedsvc.content.media import rules
from feedsvc.content.media.models import Attachment, Document, Photo
from feedsvc.content.models import Entry


def sees_photo(session: Session, photo_id: int, actor: Actor, now: datetime) -> bool:
    asked = select(Photo.id).where(Photo.id == photo_id, photos(actor, now))
    return session.scalar(asked) is not None


def sees_document(session: Session, document_id: int, actor: Actor, now: datetime) -> bool:
    asked = select(Document.id).where(Document.id == document_id, documents(actor, now))
    return session.scalar(asked) is not None


def is_public_photo(session: Session, photo_id: int, now: datetime) -> bool:
    """Whether readers see an entry that has it."""
    return session.scalar(select(_shown_photo(photo_id, now))) or False


def is_public_document(session: Session, document_id: int, now: datetime) -> bool:
    """Whether readers see an entry that hands it out."""
    return session.scalar(select(_shown_document(document_id, now))) or False


def visible(session: Session, found: Sequence[Entry], actor: Actor, now: datetime) -> set[int]:
    """Which of the entries the actor may open in the admin, or read as everybody."""
    ids = [entry.id for entry in found]
    may = or_(entries.seen_by(actor), entries.public(now))
    return set(session.scalars(select(Entry.id).where(Entry.id.in_(ids), may)))


def photos(actor: Actor, now: datetime) -> ColumnElement[bool]:
    if rules.sees_all(actor):
        return true()
    of_entries = exists().where(
        Entry.photo_id == Photo.id, or_(entries.seen_by(actor), entries.public(now))
    )
    return or_(_brought(Photo, actor), of_entries)


def documents(actor: Actor, now: datetime) -> ColumnElement[bool]:
    if rules.sees_all(actor):
        return true()
    of_entries = exists().where(
        Attachment.document_id == Document.id,
        Attachment.entry_id == Entry.id,
        or_(entries.seen_by(actor), entries.public(now)),
    )
    return or_(_brought(Document, actor), of_entries)


def _brought(kind: type[Photo] | type[Document], actor: Actor) -> ColumnElement[bool]:
    return kind.created_by == (actor.id or 0)  # nobody brought what a process brought


def _shown_photo(photo_id: int, now: datetime) -> ColumnElement[bool]:
    return exists().where(Entry.photo_id == photo_id, entries.public(now))


def _shown_document(document_id: int, now: datetime) -> ColumnElement[bool]:
    return exists().where(
        Attachment.document_id == document_id,
        Attachment.entry_id == Entry.id,
        entries.public(now),
    )
