"""Photos: a file comes as the whole body, or as the part `photo` of a form, by the form's rules.

What it shows, whose it is and what a crop keeps of it is said afterwards, or by the first entry.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.content.media import copies, photos
from feedsvc.content.media.images import Pixels
from feedsvc.content.media.models import Photo
from feedsvc.content.media.rules import LONGEST_ALT, PhotoEdit
from feedsvc.db import Database
from feedsvc.web.api.editor.asked import Answer, Asked
from feedsvc.web.api.editor.facts import Seen, of_row
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.shapes import Flag, Languages, Text, Whole


def alts(seen: Seen) -> dict[str, str]:
    return {text.language: text.alt for text in seen.row.texts}


SAID = {
    "alts": Field(
        shape=Languages(Text(LONGEST_ALT)), get=alts,
        meaning="What it shows, for those who do not see it",
    ),
    "decorative": Field(
        shape=Flag(), get=of_row("decorative"),
        meaning="true: it only decorates, and needs no description",
    ),
    "credit": Field(shape=Text(200), get=of_row("credit"), meaning="Who made it"),
    "focus_x": Field(
        shape=Whole(), get=of_row("focus_x"),
        meaning="What crops keep in view: from the left, 0 to 100 percent",
    ),
    "focus_y": Field(shape=Whole(), get=of_row("focus_y"), meaning="From the top, 0 to 100 percent"),
}  # fmt: skip
WORDS = Object("PhotoWords", PhotoEdit, SAID)
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
        "label": Field(shape=Text(), get=of_row("label"), meaning="What its file was called"),
        "width": Field(shape=Whole(), get=of_row("width")),
        "height": Field(shape=Whole(), get=of_row("height")),
        "bytes": Field(shape=Whole(), get=of_row("bytes")),
        **SAID,
    },
)


def upload(session: Session, asked: Asked) -> Answer:
    """Keep the photo, which `gate` has decoded; its copies are made when nobody waits for a lock."""
    assert asked.photo is not None
    folder = asked.settings.media_path
    photo = photos.keep(session, asked.photo, folder, actor=asked.actor, now=asked.now)
    return Answer(
        body=PHOTO.write(asked.seen(photo)),
        status=201,
        version=photo.version,
        place=f"/photos/{photo.id}",
        afterwards=None if photo.ready else partial(cut, photo, folder, asked.photo.pixels),
    )


def cut(photo: Photo, folder: Path, pixels: Pixels | None, db: Database) -> None:
    """Make its smaller copies, outside the transaction that wrote it."""
    copies.make(photo, folder, pixels)
    with db.begin() as session:
        copies.note(session, photo)
