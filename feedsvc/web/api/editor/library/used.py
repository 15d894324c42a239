"""What an entry has of the library: its photo and its documents, by their numbers.

Numbers can be guessed: who does not see all of the library gets what the entry has already, and what
`media.sight` lets them see.
"""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy.orm import Session

from feedsvc.content import entries
from feedsvc.content.edits import EntryEdit
from feedsvc.content.media import photos, rules, sight
from feedsvc.content.media.models import Attachment, Photo
from feedsvc.content.models import Entry
from feedsvc.i18n import N_
from feedsvc.web.api.editor.asked import Asked
from feedsvc.web.api.editor.shapes import Problems

Edit = TypeVar("Edit", bound=EntryEdit)


def known(
    session: Session, made: Edit, asked: Asked, row: Entry | None, problems: Problems
) -> Edit:
    """The edit with what the library knows of its photo; what may not be used is a problem."""
    _check_files(session, made.files or (), asked, row, problems)
    if made.photo_id is None:
        return made
    its_own = row is not None and row.photo_id == made.photo_id
    if not its_own and not sight.sees_photo(session, made.photo_id, asked.actor, asked.now):
        problems.add("photo_id", N_("This photo is not here any more. Choose it again."))
    return entries.knowing_photo(session.get(Photo, made.photo_id), made)


def learn(session: Session, asked: Asked, entry: Entry, edit: EntryEdit) -> None:
    """What was written of a photo that the account may change, and of which nothing was known."""
    photo = session.get(Photo, entry.photo_id) if entry.photo_id is not None else None
    if photo is not None and rules.may_change(asked.actor, photo.created_by):
        alts = {text.language: text.photo_alt for text in entry.translations}
        photos.learn(photo, alts=alts, credit=entry.photo_credit, decorative=edit.photo_decorative)


def _check_files(
    session: Session, numbers: tuple[int, ...], asked: Asked, row: Entry | None, problems: Problems
) -> None:
    most = asked.settings.documents_most
    if len(numbers) > most:
        problems.add("files", N_("An entry hands out %(most)s documents at most."), most=most)
    for place, number in enumerate(numbers[:most]):
        its_own = row is not None and session.get(Attachment, (row.id, number)) is not None
        if not its_own and not sight.sees_document(session, number, asked.actor, asked.now):
            words = N_("A document is not here any more. Choose it again.")
            problems.add(f"files.{place}", words)
