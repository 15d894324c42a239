"""Bring files into the library as the forms of the admin do, and look at what was kept."""

from __future__ import annotations

import io

from feedsvc.content.media.models import Document, Photo
from feedsvc.db import Database
from tests.support.client import Browser
from tests.support.uploads import image
from tests.web.admin_forms import send

NEW = "/admin/news/new"


def file(data: bytes, name: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


def photo(db: Database, number: int = 1) -> Photo:
    with db.read() as session:
        return session.get_one(Photo, number)


def document(db: Database, number: int = 1) -> Document:
    with db.read() as session:
        return session.get_one(Document, number)


def described(db: Database, client: Browser) -> Photo:
    """A picture that was brought and described. A click at it, 280 pixels wide, saves the form."""
    send(client, "/admin/media/", pictures=file(image(size=(500, 360)), "a.png"))
    send(client, "/admin/media/1", alts__en__line="A <pipe>", credit="Staff",
         **{"point.x": "70", "point.y": "150"})  # fmt: skip
    return photo(db)
