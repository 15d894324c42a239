"""Create and edit an entry: the steps are the same for news and calls.

1. Read the form; keep a photo that came with it, whatever becomes of the rest.
2. A button for rows or for finding shows the form again, with nothing written.
3. Otherwise check, write in one transaction, and redirect (303).
4. What cannot be written shows the form again as it was typed: 422 for problems, 409 when
   somebody else was faster.
"""

from __future__ import annotations

from flask import request
from flask import session as flask_session
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.content import history, photos, rights, rules
from feedsvc.content.models import Entry, Photo
from feedsvc.errors import Conflict, Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import choices, histories, pages, preview, rows
from feedsvc.web.admin import rights as admin_rights
from feedsvc.web.admin.beside import panel
from feedsvc.web.admin.forms.entry import EntryForm, whole
from feedsvc.web.admin.forms.fields import zone_names
from feedsvc.web.admin.gate import actor
from feedsvc.web.admin.kinds import Kind, address, loaded
from feedsvc.web.admin.moves import step

HISTORY_SHOWN = 5
UPLOADED = "photos"  # in the session: the last photos that came with its forms


def respond(kind: Kind, entry_id: int | None) -> Response:
    """The page of one entry; `entry_id` is None for one that is not written yet."""
    if request.method == "GET":
        with context.db().read() as session:
            return _page(session, kind, _filled(session, kind, entry_id), entry_id)
    form = kind.form(request.form)
    refused = _keep_photo(form)
    action = request.form.get("action", "save")
    cursor = rows.changed(form, action)
    if cursor is not None or action in ("find", "back"):
        with context.db().read() as session:
            return _page(session, kind, form, entry_id, cursor=cursor or "")
    right = form.right()
    if refused is not None:
        form.mark(*refused.problems)
    if not right or refused is not None:
        return _again(kind, form, entry_id)
    if action.startswith("preview:"):
        return _previewed(kind, form, entry_id, action.removeprefix("preview:"))
    return step.before(kind, form, entry_id) or _written(kind, form, entry_id, action)


def write(session: Session, kind: Kind, form: EntryForm, entry_id: int | None) -> Entry:
    """Create or edit. Raises: Invalid, Conflict, NotFound."""
    if form.photo_number() is not None and _photo(session, form, entry_id) is None:
        raise Invalid(Problem("photo", N_("This photo is not here any more. Choose it again.")))
    edit, now = form.edit(), context.now()
    if entry_id is None:
        entry = kind.create(session, edit, actor=actor(), now=now)
    else:
        entry = kind.edit(session, entry_id, edit, actor=actor(), now=now)
    rights.check_written(actor(), rights.facts(entry, now))
    return entry


def _written(kind: Kind, form: EntryForm, entry_id: int | None, action: str) -> Response:
    try:
        with context.db().begin() as session:
            saved = write(session, kind, form, entry_id).id
    except Invalid as invalid:
        form.mark(*invalid.problems)
        return _again(kind, form, entry_id)
    except Conflict as conflict:
        return _conflict(kind, form, entry_id or 0, conflict)
    say = context.lang().gettext
    if action == "publish":
        return pages.done(address(kind, saved, "publish"), say(N_("Saved.")))
    return pages.done(address(kind, saved), say(N_("Saved.")))


def _previewed(kind: Kind, form: EntryForm, entry_id: int | None, language: str) -> Response:
    """Write, render, and take it back: the preview is what would really be published."""
    try:
        with context.db().begin() as session:
            form.version.data = None
            entry = write(session, kind, form, entry_id)
            response = preview.page(session, kind, entry, language)
            session.rollback()
            return response
    except Invalid as invalid:
        form.mark(*invalid.problems)
        return _again(kind, form, entry_id)


def _filled(session: Session, kind: Kind, entry_id: int | None) -> EntryForm:
    if entry_id is None:
        return kind.form()
    return kind.form(data=kind.values(loaded(session, kind, entry_id)))


def _again(kind: Kind, form: EntryForm, entry_id: int | None) -> Response:
    with context.db().read() as session:
        return _page(session, kind, form, entry_id, status=422)


def _conflict(kind: Kind, form: EntryForm, entry_id: int, conflict: Conflict) -> Response:
    """What was typed stays, beside what the other one changed; saving again puts ours on top."""
    with context.db().read() as session:
        entry = loaded(session, kind, entry_id)
        newer = entry.version - (whole(form.version.data) or 0)
        form.version.data = entry.version
        form.version.raw_data = None
        others = history.of(session, kind.name, entry_id, limit=max(newer, 1))
        told = histories.told(others, context.lang())
        sentence = context.lang().gettext(conflict.message, **conflict.values)
        return _page(session, kind, form, entry_id, status=409, conflict=sentence, others=told)


def _page(
    session: Session,
    kind: Kind,
    form: EntryForm,
    entry_id: int | None,
    *,
    status: int = 200,
    cursor: str = "",
    **values: object,
) -> Response:
    entry = loaded(session, kind, entry_id) if entry_id is not None else None
    choices.offer(session, form, entry_id)
    past = (
        history.of(session, kind.name, entry_id, limit=HISTORY_SHOWN)
        if entry_id is not None
        else ()
    )
    return pages.page(
        f"{kind.path}/form.html",
        title=choices.title(entry) if entry else context.lang().gettext(kind.new_title),
        section=kind.path,
        problems=form.problems(),
        status=status,
        kind=kind,
        form=form,
        entry=entry,
        state=rules.state(entry, context.now()) if entry else "new",
        allowed=admin_rights.of_entry(entry, actor(), context.now()),
        photo=_photo(session, form, entry_id),
        history=histories.told(past, context.lang()),
        beside=panel.of(session, form, entry),
        zones=zone_names(),
        blank=rows.blank,
        cursor=cursor,
        **values,
    )


def _photo(session: Session, form: EntryForm, entry_id: int | None) -> Photo | None:
    """The photo that the form names.

    Its number can be guessed: who does not see all entries gets only the one that the entry has,
    and those they brought themselves.
    """
    number = form.photo_number()
    if number is None:
        return None
    if not rights.sees_all(actor()) and number not in flask_session.get(UPLOADED, ()):
        entry = session.get(Entry, entry_id) if entry_id is not None else None
        if entry is None or entry.photo_id != number:
            return None
    return session.get(Photo, number)


def _keep_photo(form: EntryForm) -> Invalid | None:
    """Store an uploaded photo in a transaction of its own: the upload is not lost with the form."""
    upload = request.files.get("photo")
    if upload is None or not upload.filename:
        return None
    settings = context.settings()
    try:
        with context.db().begin() as session:
            photo = photos.store_photo(
                session, upload.read(settings.upload_limit + 1), settings.media_path,
                limit=settings.upload_limit, now=context.now(),
            )  # fmt: skip
            form.photo_id.data, form.photo_id.raw_data = photo.id, None
            flask_session[UPLOADED] = [*flask_session.get(UPLOADED, ())[-9:], photo.id]
            form.photo_gone.data = False
    except Invalid as refused:
        return refused
    return None
