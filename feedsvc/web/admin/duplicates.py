"""Begin the next edition of a call: first what the draft would be, then the draft."""

from __future__ import annotations

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.calls import copies, snapshots, words
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
        may_edit = rights.may(actor(), rights.EDIT, rights.facts(call, now))
        copy = copies.next_edition(
            session, entry_id, may_edit=may_edit, languages=context.settings().languages,
            actor=actor(), now=now,
        )  # fmt: skip
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


def _call(session: Session, entry_id: int) -> Call:
    call = loaded(session, CALL, entry_id)
    assert isinstance(call, Call)
    return call
