"""Begin the next edition of a call: first what the draft would be, then the draft."""

from __future__ import annotations

from dataclasses import replace

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.calls import changes, copies, snapshots, words
from feedsvc.calls.models import Call
from feedsvc.content import rights
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import choices, pages
from feedsvc.web.admin.beside import timeline
from feedsvc.web.admin.forms.base import Form
from feedsvc.web.admin.gate import actor, blueprint
from feedsvc.web.admin.kinds import CALL, address, loaded


@blueprint.route(
    "/calls/<int:entry_id>/duplicate", methods=["GET", "POST"], endpoint="call_duplicate"
)
def duplicate(entry_id: int) -> Response:
    if request.method == "GET":
        return _asked(entry_id)
    now = context.now()
    with context.db().begin() as session:
        call = _call(session, entry_id)
        _name_series(session, call)
        copy = copies.next_edition(session, entry_id, actor=actor(), now=now)
        rights.check_written(actor(), rights.facts(copy, now))
        number = copy.id
    sentence = N_("This is the draft of the next edition. Look at its dates and texts.")
    return pages.done(address(CALL, number), context.lang().gettext(sentence))


def _asked(entry_id: int) -> Response:
    language = context.lang()
    with context.db().read() as session:
        call = _call(session, entry_id)
        edit = copies.following(snapshots.standing(call), context.now())
        dates = [timeline.shown(date) for date in edit.key_dates]
        return pages.page(
            "calls/duplicate.html",
            title=language.gettext(
                N_("Next edition of “%(title)s”"), title=choices.title(call)
            ),
            section=CALL.path,
            form=Form(),
            call=call,
            edition=edit.edition,
            dates=[(words.key_date_name(date, language), words.moment(date, language)) for date in dates],
            back=address(CALL, entry_id),
        )  # fmt: skip


def _name_series(session: Session, call: Call) -> None:
    """Without a series nobody could be told of the next edition: its title names one from now on.

    Who may not change the call begins a series with the draft.
    """
    may_edit = rights.may(actor(), rights.EDIT, rights.facts(call, context.now()))
    if not call.series and may_edit:
        edit = replace(
            snapshots.standing(call), series=choices.title(call)[:200], version=call.version
        )
        changes.edit_call(session, call.id, edit, actor=actor(), now=context.now())


def _call(session: Session, entry_id: int) -> Call:
    call = loaded(session, CALL, entry_id)
    assert isinstance(call, Call)
    return call
