"""Create and edit an entry: the steps are the same for news and calls.

1. Read the form; keep a photo that came with it, whatever becomes of the rest.
2. A button for rows or for finding shows the form again, with nothing written.
3. Otherwise check, write in one transaction, and redirect (303).
4. What cannot be written shows the form again as it was typed: 422 for problems, 409 when
   somebody else was faster, with both versions side by side.
5. What a browser kept of a form that was not saved is offered when the form is opened again.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.content import rights, rules
from feedsvc.content.desk import revisions, two_persons
from feedsvc.content.edits import EntryEdit
from feedsvc.content.models import Entry
from feedsvc.errors import Conflict, Invalid
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import choices, pages, preview, rows
from feedsvc.web.admin import rights as admin_rights
from feedsvc.web.admin.beside import panel
from feedsvc.web.admin.desk import beside, conflicts, typed
from feedsvc.web.admin.forms import carried
from feedsvc.web.admin.forms.entry import EntryForm
from feedsvc.web.admin.forms.fields import zone_names
from feedsvc.web.admin.gate import actor
from feedsvc.web.admin.kinds import Kind, address, desk_address, loaded
from feedsvc.web.admin.media import chosen
from feedsvc.web.admin.moves import step
from feedsvc.web.admin.previews import shown

HELD = N_("Saved. It is a draft again: somebody else has to let it go.")
# Where to after saving, by the button that was pressed.
AFTERWARDS: dict[str, Callable[[Kind, int], str]] = {
    "publish": lambda kind, entry_id: address(kind, entry_id, "publish"),
    "submit": lambda kind, entry_id: desk_address(kind, entry_id, "submit"),
}


def respond(kind: Kind, entry_id: int | None) -> Response:
    """The page of one entry; `entry_id` is None for one that is not written yet."""
    if request.method == "GET":
        return _opened(kind, entry_id)
    form = kind.form(request.form)
    form.is_draft = beside.may_lack(kind, entry_id)
    refused = chosen.keep(form)
    with context.db().read() as session:
        chosen.know(session, form, entry_id)
    action = request.form.get("action", "save")
    cursor = rows.changed(form, action)
    if cursor is not None or action.partition(":")[0] in ("find", "back"):
        return _again(kind, form, entry_id, status=200, cursor=cursor or "")
    right = form.right()
    if refused is not None:
        form.mark(*refused.problems)
    if not right or refused is not None:
        return _again(kind, form, entry_id)
    if action.startswith("preview:"):
        return _previewed(kind, form, entry_id, action.removeprefix("preview:"))
    return step.before(kind, form, entry_id) or _written(kind, form, entry_id, action)


def write(
    session: Session,
    kind: Kind,
    form: EntryForm,
    entry_id: int | None,
    edit: EntryEdit | None = None,
) -> Entry:
    """Create or edit; `edit` stands in for what the form says. Raises: Invalid, Conflict, NotFound."""
    chosen.checked(session, form, entry_id)
    edit, now = edit or form.edit(), context.now()
    if entry_id is None:
        entry = kind.create(session, edit, actor=actor(), now=now)
    else:
        entry = kind.edit(session, entry_id, edit, actor=actor(), now=now)
    rights.check_written(actor(), rights.facts(entry, now))
    chosen.learn(session, form, entry)
    return entry


def _opened(kind: Kind, entry_id: int | None) -> Response:
    """The form as the entry is, or as its reader has left it without saving."""
    with context.db().read() as session:
        found = typed.unsaved(session, kind, entry_id)
        form = _filled(session, kind, entry_id)
        if found is None or typed.UNSAVED not in request.args:
            return _page(session, kind, form, entry_id, unsaved=found)
    return _again(kind, typed.form_of(kind, found), entry_id, status=200, restored=found)


def _written(kind: Kind, form: EntryForm, entry_id: int | None, action: str) -> Response:
    try:
        edit = form.edit() if entry_id is None else conflicts.resolved(kind, form, entry_id)
        with context.db().begin() as session:
            scheduled = two_persons.scheduled_version(_present(session, entry_id), context.now())
            entry = write(session, kind, form, entry_id, edit)
            typed.settled(session, kind, entry_id)
            saved, held = entry.id, two_persons.hold(
                session, entry, scheduled, kind.withdraw,
                actor=actor(), settings=context.settings(), now=context.now(),
            )  # fmt: skip
    except Invalid as invalid:
        form.mark(*invalid.problems)
        return _again(kind, form, entry_id)
    except Conflict:
        return _again(kind, form, entry_id, status=409)
    words = HELD if held else N_("Saved.")
    after = AFTERWARDS.get(action, address)
    return pages.done(after(kind, saved), context.lang().gettext(words))


def _present(session: Session, entry_id: int | None) -> Entry | None:
    return session.get(Entry, entry_id) if entry_id is not None else None


def _previewed(kind: Kind, form: EntryForm, entry_id: int | None, asked: str) -> Response:
    """Write, render, and take it back: the preview is what would really be published.

    `asked` is the language, and maybe the way to readers: `fr`, `fr:mail`.
    """
    language, _, way = asked.partition(":")
    typed = shown.Typed(carried.posted(request.form, form), shown.form_address(kind, entry_id))
    try:
        with context.db().begin() as session:
            form.version.data = None
            entry = write(session, kind, form, entry_id)
            if way in ("", shown.PAGE):
                response = preview.page(session, kind, entry, language, typed=typed)
            else:
                response = shown.page(session, kind, entry, code=language, way=way, typed=typed)
            session.rollback()
            return response
    except Invalid as invalid:
        form.mark(*invalid.problems)
        return _again(kind, form, entry_id)


def _filled(session: Session, kind: Kind, entry_id: int | None) -> EntryForm:
    if entry_id is None:
        return kind.form()
    form = kind.form(data=kind.values(loaded(session, kind, entry_id)))
    form.base.data = revisions.newest(session, kind.name, entry_id)
    return form


def _again(
    kind: Kind,
    form: EntryForm,
    entry_id: int | None,
    *,
    status: int = 422,
    cursor: str = "",
    restored: typed.Unsaved | None = None,
) -> Response:
    """The form as it was typed; beside it what somebody else has saved meanwhile, if anybody has."""
    conflict = conflicts.of(kind, form, entry_id) if entry_id is not None else None
    if conflict is not None:
        form.version.data, form.version.raw_data = conflict.version, None
    with context.db().read() as session:
        return _page(
            session, kind, form, entry_id,
            status=status, cursor=cursor, conflict=conflict, restored=restored,
        )  # fmt: skip


def _page(
    session: Session,
    kind: Kind,
    form: EntryForm,
    entry_id: int | None,
    *,
    status: int = 200,
    cursor: str = "",
    conflict: conflicts.Conflict | None = None,
    unsaved: typed.Unsaved | None = None,
    restored: typed.Unsaved | None = None,
) -> Response:
    entry = loaded(session, kind, entry_id) if entry_id is not None else None
    choices.offer(session, form, entry_id)
    chosen.offer(session, form, entry_id)
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
        leaves=rules.leaves_at(entry, context.now()) if entry else None,
        allowed=admin_rights.of_entry(entry, actor(), context.now()),
        photo=chosen.photo(session, form, entry_id),
        beside=panel.of(session, form, entry),
        zones=zone_names(),
        blank=rows.blank,
        cursor=cursor,
        conflict=conflict,
        unsaved=unsaved,
        restored=restored,
        **beside.of(session, kind, entry),
    )
