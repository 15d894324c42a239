"""Photos: a file comes as the whole body, or as the part `photo` of a form, by the form's rules."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.content.media import copies, photos, queries
from feedsvc.content.media.images import Pixels
from feedsvc.content.media.models import Photo
from feedsvc.db import Database
from feedsvc.errors import NotFound
from feedsvc.i18n import N_
from feedsvc.web.api.editor.asked import Answer, Asked, Json
from feedsvc.web.api.editor.facts import of_row
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.shapes import Text, Whole

PHOTO = Object(
    "Photo",
    dict,
    {
        "id": Field(shape=Whole(2**53), get=of_row("id"), meaning="For `photo_id`"),
        "url": Field(
            shape=Text(),
            get=lambda seen: seen.address(lambda row: urls.media(row.name)),
            meaning="Where readers find it, once they see an entry that has it",
        ),
        "width": Field(shape=Whole(), get=of_row("width")),
        "height": Field(shape=Whole(), get=of_row("height")),
        "bytes": Field(shape=Whole(), get=of_row("bytes")),
    },
)


def upload(session: Session, asked: Asked) -> Answer:
    """Keep the photo, which `gate` has decoded; its copies are made when nobody waits for a lock."""
    assert asked.photo is not None
    folder, pixels = asked.settings.media_path, asked.photo.pixels
    photo = photos.keep(session, asked.photo, folder, actor=asked.actor, now=asked.now)
    return Answer(
        body=_told(photo, asked),
        status=201,
        place=f"/photos/{photo.id}",
        afterwards=None if photo.ready else partial(_copy, photo, folder, pixels),
    )


def one(session: Session, asked: Asked) -> Answer:
    """Raises: NotFound, also for one of which the account may not know."""
    text = asked.path["photo"]
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound(N_("There is no picture with this number."))
    return Answer(body=_told(queries.photo(session, int(text), asked.actor, asked.now), asked))


def _copy(photo: Photo, folder: Path, pixels: Pixels, db: Database) -> None:
    copies.make(photo, folder, pixels)
    with db.begin() as session:
        copies.note(session, photo)


def _told(photo: Photo, asked: Asked) -> Json:
    return PHOTO.write(asked.seen(photo))
