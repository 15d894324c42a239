"""The photo and the documents of an entry's form: those that came with it, those of the library.

1. `keep` stores what came with the form, whatever becomes of the rest.
2. `know` tells the form what the library says of its photo: that need not be said again.
3. `checked` refuses what the actor may not use: numbers can be guessed.
4. `learn` lets the library know what was written of a photo that it did not know yet.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from sqlalchemy.orm import Session

from feedsvc.content.media import copies, documents, photos, queries, rules, sight, words
from feedsvc.content.media.models import Attachment, Document, Photo
from feedsvc.content.models import Entry
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin.forms.entry import EntryForm, Known
from feedsvc.web.admin.gate import actor

MOST_AT_ONCE = 10


def keep(form: EntryForm) -> Invalid | None:
    """Store what came with the form; what is wrong with it comes back."""
    try:
        _keep_photo(form)
        _keep_documents(form)
    except Invalid as refused:
        return refused
    return None


def know(session: Session, form: EntryForm, entry_id: int | None) -> None:
    """Tell the form what is known of its photo."""
    found = photo(session, form, entry_id)
    if found is not None:
        form.known = known(found)


def known(found: Photo) -> Known:
    """What the library says of a photo; one that only decorates needs no words in any language."""
    described = frozenset(text.language for text in found.texts)
    if found.decorative:
        described = frozenset(context.settings().languages)
    return Known(described, bool(found.credit))


def photo(session: Session, form: EntryForm, entry_id: int | None) -> Photo | None:
    """The photo that the form names, if the actor may have it; the entry's own is known to them."""
    number = form.photo_number()
    if number is None:
        return None
    entry = session.get(Entry, entry_id) if entry_id is not None else None
    its_own = entry is not None and entry.photo_id == number
    if not its_own and not sight.sees_photo(session, number, actor(), context.now()):
        return None
    return session.get(Photo, number)


def checked(session: Session, form: EntryForm, entry_id: int | None) -> None:
    """Raises: Invalid."""
    if form.photo_number() is not None and photo(session, form, entry_id) is None:
        raise Invalid(Problem("photo", N_("This photo is not here any more. Choose it again.")))
    numbers = form.file_numbers()
    allowed = {row.id for row in _allowed(session, numbers, entry_id)}
    if any(number not in allowed for number in numbers):
        raise Invalid(Problem("files", N_("A document is not here any more. Choose it again.")))
    most = context.settings().documents_most
    if len(numbers) > most:
        words_ = N_("An entry hands out %(most)s documents at most.")
        raise Invalid(Problem("files", words_, (("most", most),)))


def learn(session: Session, form: EntryForm, entry: Entry) -> None:
    """What was written here of a photo that the actor may change."""
    number = form.photo_number()
    found = session.get(Photo, number) if number is not None else None
    if found is not None and rules.may_change(actor(), found.created_by):
        photos.learn(
            found,
            alts={text.language: text.photo_alt for text in entry.translations},
            credit=entry.photo_credit,
            decorative=bool(form.photo_decorative.data),
        )


def offer(session: Session, form: EntryForm, entry_id: int | None) -> None:
    """Fill the choices of the form: what is chosen, and what was found by words."""
    now = context.now()
    if request.form.get("action") == "find:photos":
        typed = (form.photo_find.data or "").strip()
        photos_found = queries.photos(session, typed, unused=False, page=1, actor=actor(), now=now)
        form.found = photos_found.items[: queries.FOUND]
    chosen = _allowed(session, form.file_numbers(), entry_id)
    typed = (form.files_find.data or "").strip()
    more: Sequence[Document] = ()
    if typed:
        listing = queries.documents(session, typed, unused=False, page=1, actor=actor(), now=now)
        more = listing.items[: queries.FOUND]
    named = {str(row.id): titled(row) for row in (*chosen, *more)}
    form.files.choices = tuple(named.items())


def titled(row: Document) -> str:
    """`Guide for applicants (PDF)`."""
    title = words.title(row, context.lang().code, context.settings().languages)
    return f"{title} ({row.kind.upper()})"


def _allowed(session: Session, numbers: Sequence[int], entry_id: int | None) -> list[Document]:
    """In the order of the numbers: those the actor sees, and those that the entry has already."""
    now, found = context.now(), []
    for number in numbers[: context.settings().documents_most + 1]:
        row = session.get(Document, number)
        its_own = session.get(Attachment, (entry_id, number)) if entry_id is not None else None
        if row is not None and (its_own or sight.sees_document(session, number, actor(), now)):
            found.append(row)
    return found


def _keep_photo(form: EntryForm) -> None:
    upload = request.files.get("photo")
    if upload is None or not upload.filename:
        return
    settings = context.settings()
    data = upload.read(settings.upload_limit + 1)
    number = store_photo(data, upload.filename).id
    form.photo_id.data, form.photo_id.raw_data = number, None
    form.photo_pick.data = None
    form.photo_gone.data = False


def store_photo(data: bytes, label: str) -> Photo:
    """Pixels first, then the row, then its copies: nobody waits for them with a lock. Raises: Invalid."""
    settings = context.settings()
    brought = photos.read(data, label, limit=settings.upload_limit)
    with context.db().begin() as session:
        kept = photos.keep(session, brought, settings.media_path, actor=actor(), now=context.now())
    if not kept.ready:
        copies.make(kept, settings.media_path, brought.pixels)
        with context.db().begin() as session:
            copies.note(session, kept)
    return kept


def _keep_documents(form: EntryForm) -> None:
    uploads = [upload for upload in request.files.getlist("upload") if upload.filename]
    if len(uploads) > MOST_AT_ONCE:
        words_ = N_("Choose %(most)s files at most at once.")
        raise Invalid(Problem("upload", words_, (("most", MOST_AT_ONCE),)))
    limit = context.settings().document_limit
    for upload in uploads:
        try:
            number = store_document(upload.read(limit + 1), upload.filename or "").id
        except Invalid as refused:
            raise Invalid(
                *(Problem("upload", p.message, p.values) for p in refused.problems)
            ) from None
        form.files.data = list(dict.fromkeys([*(form.files.data or []), str(number)]))


def store_document(data: bytes, label: str) -> Document:
    """Raises: Invalid."""
    settings = context.settings()
    brought = documents.read(data, label, limit=settings.document_limit)
    with context.db().begin() as session:
        return documents.keep(
            session, brought, settings.media_path, actor=actor(), now=context.now()
        )
