"""Photos: a file comes as the whole body, or as the part `photo` of a form, by the form's rules."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.auth.models import History
from feedsvc.auth.rules import Actor
from feedsvc.content import history, photos, queries, rights
from feedsvc.content.models import Entry, Photo
from feedsvc.errors import NotFound
from feedsvc.i18n import N_
from feedsvc.web.api.editor.asked import Answer, Asked, Json
from feedsvc.web.api.editor.facts import of_row
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.shapes import Text, Whole

SUBJECT, UPLOADED = "photo", "uploaded"
PHOTO = Object(
    "Photo",
    dict,
    {
        "id": Field(shape=Whole(2**53), get=of_row("id"), meaning="For `photo_id`"),
        "url": Field(shape=Text(), get=lambda seen: seen.address(lambda row: urls.media(row.name))),
        "width": Field(shape=Whole(), get=of_row("width")),
        "height": Field(shape=Whole(), get=of_row("height")),
        "bytes": Field(shape=Whole(), get=of_row("bytes")),
    },
)


def upload(session: Session, asked: Asked) -> Answer:
    """Keep the photo. Who uploaded it is in the history, and may use it. Raises: Invalid."""
    settings = asked.settings
    photo = photos.store_photo(
        session, asked.data, settings.media_path, limit=settings.upload_limit, now=asked.now
    )
    if not _brought(session, photo.id, asked.actor):
        history.record(
            session, SUBJECT, photo.id, UPLOADED, {"name": (None, photo.name)},
            actor=asked.actor, now=asked.now,
        )  # fmt: skip
    return Answer(body=_told(photo, asked), status=201, place=f"/photos/{photo.id}")


def one(session: Session, asked: Asked) -> Answer:
    """Raises: NotFound, also for one of which the account may not know."""
    text = asked.path["photo"]
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    photo = session.get(Photo, number)
    if photo is None or not _may_see(session, number, asked):
        raise NotFound(N_("There is no photo with this number."))
    return Answer(body=_told(photo, asked))


def may_use(session: Session, photo_id: int, asked: Asked, row: Any) -> bool:
    """Whether an entry may get that photo. Its number can be guessed: who does not see all entries
    gets the one that the entry has, and those they brought themselves."""
    if row is not None and row.photo_id == photo_id:
        return True
    if session.get(Photo, photo_id) is None:
        return False
    return rights.sees_all(asked.actor) or _brought(session, photo_id, asked.actor)


def _may_see(session: Session, photo_id: int, asked: Asked) -> bool:
    if rights.sees_all(asked.actor) or _brought(session, photo_id, asked.actor):
        return True
    shown = or_(queries.seen_by(asked.actor), queries.public(asked.now))
    return bool(session.scalar(select(exists().where(Entry.photo_id == photo_id, shown))))


def _brought(session: Session, photo_id: int, actor: Actor) -> bool:
    by = exists().where(
        History.subject == SUBJECT, History.subject_id == photo_id, History.actor_id == actor.id
    )
    return bool(session.scalar(select(by)))


def _told(photo: Photo, asked: Asked) -> Json:
    return PHOTO.write(asked.seen(photo))
