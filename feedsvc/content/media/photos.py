"""Keep a photo, say what it shows, let it go.

The work with pixels comes before the transaction: it takes a second, and nobody else could write.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedsvc import markup
from feedsvc.auth.rules import Actor
from feedsvc.content import generation, history
from feedsvc.content.media import files, images, queries, rules, sight, sizes
from feedsvc.content.media.images import Pixels
from feedsvc.content.media.models import Photo, PhotoText
from feedsvc.content.media.rules import PhotoEdit
from feedsvc.content.models import Entry
from feedsvc.errors import Conflict, Invalid, Problem
from feedsvc.i18n import N_

LONGEST_LABEL = 200


@dataclass(frozen=True)
class Brought:
    """A photo that was decoded and encoded anew, and what its file was called."""

    label: str
    pixels: Pixels
    content: bytes


def read(data: bytes, label: str, *, limit: int) -> Brought:
    """Take nothing but the pixels of what was sent. Raises: Invalid (field `photo`)."""
    pixels = images.decoded(data, limit=limit)
    name = markup.one_line(label.replace("\\", "/").rpartition("/")[2])
    return Brought(name[:LONGEST_LABEL], pixels, images.encoded(pixels, sizes.WEBP))


def keep(session: Session, brought: Brought, folder: Path, *, actor: Actor, now: datetime) -> Photo:
    """The row of the photo, with its file; the same photo is kept once. Flushes for its id.

    Of one that the actor may not see nothing is told: they get a photo of their own. Its smaller
    copies are not made yet: `copies` does that, outside the transaction.
    """
    name = f"{files.digest(brought.content)}.{sizes.WEBP}"
    known = session.scalar(select(Photo).where(Photo.name == name))
    if known is not None and not sight.sees_photo(session, known.id, actor, now):
        name = f"{files.digest(brought.content, salt=str(actor.id))}.{sizes.WEBP}"
        known = session.scalar(select(Photo).where(Photo.name == name))
    if known is not None:
        return known
    files.write(folder, name, brought.content)
    photo = Photo(
        name=name, width=brought.pixels.width, height=brought.pixels.height,
        bytes=len(brought.content), label=brought.label, created_at=now, created_by=actor.id,
    )  # fmt: skip
    session.add(photo)
    session.flush()
    return photo


def edit_photo(
    session: Session, photo_id: int, edit: PhotoEdit, *, actor: Actor, now: datetime
) -> Photo:
    """Say what it shows. The entries that have it count as changed. Raises: Invalid, Conflict.

    After a moved focus the photo is not `ready`: its crops are to be made.
    """
    photo = queries.photo(session, photo_id, actor, now, to_change=True)
    if edit.version is not None and edit.version != photo.version:
        raise Conflict(N_("Somebody else changed this while you were editing it."))
    problems = rules.photo_problems(edit)
    if problems:
        raise Invalid(*problems)
    before = snapshot(photo)
    _assign(photo, edit)
    changes = history.differences(before, snapshot(photo))
    if changes:
        photo.version += 1
        touched = update(Entry).where(Entry.photo_id == photo.id)
        session.execute(touched.values(revision=Entry.revision + 1))
        history.record(session, "photo", photo.id, "edited", changes, actor=actor, now=now)
        generation.advance(session, now)
    return photo


def learn(photo: Photo, *, alts: dict[str, str], credit: str, decorative: bool) -> None:
    """What is said of the photo where it is used first is what the library did not know yet."""
    known = {text.language for text in photo.texts}
    for code, alt in alts.items():
        if alt.strip() and code not in known:
            photo.texts.append(PhotoText(language=code, alt=markup.one_line(alt)))
    photo.credit = photo.credit or markup.one_line(credit)
    photo.decorative = photo.decorative or decorative


def delete_photo(session: Session, photo_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a photo go that no entry has; its files go with the next tidying. Raises: Invalid."""
    photo = queries.photo(session, photo_id, actor, now, to_change=True)
    if queries.uses_of_photo(session, photo_id):
        raise Invalid(Problem("", N_("It is in use. Take it out of these entries first.")))
    label = photo.label or photo.name
    session.delete(photo)
    history.record(
        session, "photo", photo_id, "deleted", {"label": (label, None)}, actor=actor, now=now
    )


def snapshot(photo: Photo) -> dict[str, object]:
    """What is said of it, by form-field name, for the history."""
    seen: dict[str, object] = {
        name: getattr(photo, name) for name in ("credit", "decorative", "focus_x", "focus_y")
    }
    return seen | {f"texts.{text.language}.alt": text.alt for text in photo.texts}


def _assign(photo: Photo, edit: PhotoEdit) -> None:
    focus = (edit.focus_x, edit.focus_y)
    if focus != (photo.focus_x, photo.focus_y):
        photo.focus_x, photo.focus_y = focus
        photo.ready = False
    photo.credit, photo.decorative = markup.one_line(edit.credit), edit.decorative
    wanted = {code: markup.one_line(alt) for code, alt in edit.alts.items() if alt.strip()}
    rows = {text.language: text for text in photo.texts}
    for code in rows.keys() - wanted.keys():
        photo.texts.remove(rows[code])
    for code, alt in wanted.items():
        if code in rows:
            rows[code].alt = alt
        else:
            photo.texts.append(PhotoText(language=code, alt=alt))
