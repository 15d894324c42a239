"""What is being typed and not saved yet, and who else is typing: asked for by the editor's script.

Each answer is a few words for the page. Without the script nothing of this happens, and the form
works as it does with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import jsonify, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from feedsvc.content.desk import presence, slots
from feedsvc.errors import Invalid
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import pages
from feedsvc.web.admin.forms.entry import EntryForm
from feedsvc.web.admin.gate import actor, blueprint
from feedsvc.web.admin.kinds import KINDS, Kind, address, loaded, new_address

KIND, PLACE = "/<any(news,calls):path>", "/<any(news,calls):path>/<int:entry_id>"
NOT_TYPED = ("csrf_token", "action")
UNSAVED = "unsaved"  # in the address of a form: show what its owner has typed and not saved


@dataclass(frozen=True)
class Unsaved:
    """What waits in the slot, and since when."""

    at: datetime
    fields: MultiDict[str, str]


@blueprint.post(f"{KIND}/new/keep", endpoint="new_keep")
def keep_new(path: str) -> Response:
    return _keep(KINDS[path], None)


@blueprint.post(f"{PLACE}/keep", endpoint="entry_keep")
def keep(path: str, entry_id: int) -> Response:
    return _keep(KINDS[path], entry_id)


@blueprint.post(f"{KIND}/new/drop", endpoint="new_drop")
def drop_new(path: str) -> Response:
    return _drop(KINDS[path], None)


@blueprint.post(f"{PLACE}/drop", endpoint="entry_drop")
def drop(path: str, entry_id: int) -> Response:
    return _drop(KINDS[path], entry_id)


@blueprint.post(f"{PLACE}/here", endpoint="entry_here")
def here(path: str, entry_id: int) -> Response:
    """The form is open in a browser; who else has it open is the answer."""
    with context.db().begin() as session:
        loaded(session, KINDS[path], entry_id)
        presence.note(session, entry_id, actor=actor(), now=context.now())
        return jsonify(others=others(session, entry_id))


def others(session: Session, entry_id: int) -> str:
    """`Anna is editing this as well.`; empty if nobody is."""
    names = presence.others(session, entry_id, actor=actor(), now=context.now())
    if not names:
        return ""
    language = context.lang()
    return language.ngettext(
        "%(names)s is editing this as well.",
        "%(names)s are editing this as well.",
        len(names),
        names=language.list(list(names)),
    )


def unsaved(session: Session, kind: Kind, entry_id: int | None) -> Unsaved | None:
    held = slots.of(session, kind.name, entry_id, actor=actor())
    if held is None:
        return None
    return Unsaved(held.saved_at, MultiDict([(name, text) for name, text in held.fields]))


def form_of(kind: Kind, found: Unsaved) -> EntryForm:
    """The form as it was left."""
    return kind.form(found.fields)


def settled(session: Session, kind: Kind, entry_id: int | None) -> None:
    """It is saved: nothing waits any more, and nobody sits at it."""
    slots.drop(session, kind.name, entry_id, actor=actor())
    if entry_id is not None:
        presence.leave(session, entry_id, actor=actor())


def _keep(kind: Kind, entry_id: int | None) -> Response:
    fields = [(n, text) for n, text in request.form.items(multi=True) if n not in NOT_TYPED]
    now = context.now()
    try:
        with context.db().begin() as session:
            if entry_id is not None:
                loaded(session, kind, entry_id)
            slots.keep(session, kind.name, entry_id, fields, actor=actor(), now=now)
    except Invalid as invalid:
        problem = invalid.problems[0]
        response = jsonify(words=context.lang().gettext(problem.message))
        response.status_code = 413
        return response
    at = context.lang().time(now.astimezone(context.zone()).time())
    words = context.lang().gettext(N_("Not saved yet; kept for you at %(time)s"), time=at)
    return jsonify(words=words)


def _drop(kind: Kind, entry_id: int | None) -> Response:
    with context.db().begin() as session:
        slots.drop(session, kind.name, entry_id, actor=actor())
    sentence = context.lang().gettext(N_("What was not saved is thrown away."))
    return pages.done(new_address(kind) if entry_id is None else address(kind, entry_id), sentence)
