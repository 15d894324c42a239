"""Calls in the admin. `edit` is the first step of the first straight line."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from feedsvc.calls import changes
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import choices, editing, pages, preview
from feedsvc.web.admin.forms.call import lines
from feedsvc.web.admin.forms.publish import CancelForm
from feedsvc.web.admin.gate import actor, blueprint, posted
from feedsvc.web.admin.kinds import CALL, address, loaded
from feedsvc.web.admin.listing import listed


@blueprint.get("/calls/", endpoint="calls")
def index() -> Response:
    return listed.respond(CALL)


@blueprint.route("/calls/new", methods=["GET", "POST"], endpoint="call_new")
def create() -> Response:
    return editing.respond(CALL, None)


@blueprint.route("/calls/<int:entry_id>", methods=["GET", "POST"], endpoint="call_edit")
def edit(entry_id: int) -> Response:
    """Read the form into a `CallEdit`, write it in one transaction, redirect."""
    return editing.respond(CALL, entry_id)


@blueprint.get("/calls/<int:entry_id>/preview", endpoint="call_preview")
def saved_preview(entry_id: int) -> Response:
    return preview.of_saved(CALL, entry_id)


@blueprint.route("/calls/<int:entry_id>/cancel", methods=["GET", "POST"], endpoint="call_cancel")
def cancel(entry_id: int) -> Response:
    """Call the call off: its page stays and says so."""
    form = CancelForm(posted())
    say = context.lang().gettext
    if request.method == "POST":
        with context.db().begin() as session:
            changes.cancel_call(
                session, entry_id, lines(form.reasons), actor=actor(), now=context.now()
            )
        return pages.done(address(CALL, entry_id), say(N_("The call is cancelled.")))
    with context.db().read() as session:
        entry = loaded(session, CALL, entry_id)
        title = say(N_("Cancel “%(title)s”"), title=choices.title(entry))
        return pages.page("calls/cancel.html", title=title, section="calls", form=form, entry=entry)
