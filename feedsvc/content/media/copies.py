"""Make the smaller copies of photos, and tidy the folder.

Pixels are worked on outside any transaction; a photo whose copies are not there yet is shown as it
is. What was interrupted is made up for by the next `housekeep`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, lazyload

from feedsvc.content.media import files, images, rules, sizes
from feedsvc.content.media.images import Pixels
from feedsvc.content.media.models import Attachment, Document, DocumentText, Photo, PhotoText
from feedsvc.content.models import Entry
from feedsvc.db import Database

log = logging.getLogger(__name__)

AT_A_TIME = 20
_PHOTOS = select(Photo).options(lazyload(Photo.texts))  # their names are enough


def make(photo: Photo, folder: Path, pixels: Pixels | None = None) -> None:
    """Write the copies that the photo has by `sizes` and the folder has not; a name says all of one.

    Without `pixels` they come from its file. Raises: FileNotFoundError.
    """
    source = pixels or images.kept((folder / photo.name).read_bytes())
    for copy in sizes.every(photo, has_avif=images.has_avif()):
        if not (folder / copy.name).is_file():
            files.write(folder, copy.name, images.part(source, copy))


def note(session: Session, photo: Photo) -> None:
    """The copies of that photo are there, unless its focus has moved meanwhile."""
    session.execute(
        update(Photo)
        .where(Photo.id == photo.id, Photo.focus_x == photo.focus_x, Photo.focus_y == photo.focus_y)
        .values(ready=True, has_avif=images.has_avif())
    )


def housekeep(
    db: Database,
    folder: Path,
    now: datetime,
    *,
    but: Collection[str] = (),
    stopping: Callable[[], bool],
) -> str:
    """Make the copies that are missing, forget what nobody used, delete files that nobody names.

    `but` are files that no row of the library names and that are in use all the same.
    """
    made = _make_missing(db, folder, stopping)
    with db.begin() as session:
        _forget_unused(session, now)
    with db.read() as session:
        named = names(session) | set(but)
    gone = 0
    for path in files.unnamed(folder, named, now):
        path.unlink(missing_ok=True)
        gone += 1
    return f"copies of {made} photos made, {gone} files deleted"


def names(session: Session) -> set[str]:
    """Every file that a row names."""
    photos = session.scalars(_PHOTOS).all()
    of_photos = {copy.name for photo in photos for copy in sizes.every(photo, has_avif=True)}
    return of_photos | set(session.scalars(select(Document.name)))


def missing(session: Session, folder: Path) -> list[str]:
    """The files of rows that are not in the folder: what a backup without media leaves behind."""
    masters = [*session.scalars(select(Photo.name)), *session.scalars(select(Document.name))]
    return sorted(name for name in masters if not (folder / name).is_file())


def _make_missing(db: Database, folder: Path, stopping: Callable[[], bool]) -> int:
    made = 0
    for photo in _incomplete(db, folder):
        if stopping():
            break
        try:
            make(photo, folder)
        except FileNotFoundError:
            log.warning("the file of photo %s is not in the media folder", photo.id)
            continue
        with db.begin() as session:
            note(session, photo)
        made += 1
    return made


def _incomplete(db: Database, folder: Path) -> list[Photo]:
    """Photos whose copies were never made, or are not there any more: the newest first."""
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    with db.read() as session:
        photos = session.scalars(_PHOTOS.order_by(Photo.id.desc())).all()
    return [photo for photo in photos if not _is_whole(photo, there)][:AT_A_TIME]


def _is_whole(photo: Photo, there: set[str]) -> bool:
    wanted = sizes.every(photo, has_avif=photo.has_avif)
    return photo.ready and all(copy.name in there for copy in wanted)


def _forget_unused(session: Session, now: datetime) -> None:
    """What came with a form that was never saved: nothing has it, and nobody said what it is."""
    before = now - timedelta(days=rules.FREE_DAYS)
    session.execute(
        delete(Photo).where(
            Photo.created_at < before,
            Photo.decorative.is_(False),
            Photo.credit == "",
            ~exists().where(Entry.photo_id == Photo.id),
            ~exists().where(PhotoText.photo_id == Photo.id),
        )
    )
    session.execute(
        delete(Document).where(
            Document.created_at < before,
            ~exists().where(Attachment.document_id == Document.id),
            ~exists().where(DocumentText.document_id == Document.id),
        )
    )
