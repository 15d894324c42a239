"""The page that comes before a published date is changed: what will follow, why, and to whom it is told.

1. The form, or the page of one date, would change a date that readers know.
2. This page says what follows and asks why. The form travels along in hidden fields.
3. Confirmed, it is sent to the form's own address, and written like any other change: the event,
   feeds, calendars and notices follow by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.calls import event_words, moves
from feedsvc.calls.lint import key_dates as date_lint
from feedsvc.calls.models import Call
from feedsvc.calls.moves import Move
from feedsvc.content.models import Entry
from feedsvc.errors import Problem
from feedsvc.i18n import N_
from feedsvc.reminders.outlook import impact
from feedsvc.reminders.outlook.impact import Impact
from feedsvc.web import context
from feedsvc.web.admin import choices, pages
from feedsvc.web.admin.beside import timeline
from feedsvc.web.admin.beside.timeline import Point
from feedsvc.web.admin.forms import carried
from feedsvc.web.admin.forms.call import CallForm
from feedsvc.web.admin.forms.carried import Pair
from feedsvc.web.admin.forms.entry import EntryForm
from feedsvc.web.admin.kinds import CALL, Kind, address, loaded

SEEN = "moves_seen"


@dataclass(frozen=True)
class Shown:
    """A change in words, with what follows; `point` is the new date, None for one taken away."""

    sentence: str
    impact: Impact
    point: Point | None
    remarks: Sequence[str]


def before(kind: Kind, form: EntryForm, entry_id: int | None) -> Response | None:
    """The page, if the form changes a date that readers know and nobody has confirmed that yet."""
    if entry_id is None or not isinstance(form, CallForm):
        return None
    is_confirmed = request.form.get(SEEN) == "y"
    with context.db().read() as session:
        call = loaded(session, kind, entry_id)
        moved, unexplained = of(call, form), _unexplained(form)
        if not isinstance(call, Call) or not moved or (is_confirmed and not unexplained):
            return None
        if is_confirmed:
            form.mark(*unexplained)
        pairs = carried.posted(request.form, form)
        return page(session, call, form, moved, pairs, status=422 if is_confirmed else 200)


def page(
    session: Session,
    call: Call,
    form: CallForm,
    moved: Sequence[Move],
    pairs: Sequence[Pair],
    *,
    status: int = 200,
) -> Response:
    """`pairs` are the form's fields, to be sent once it is confirmed."""
    return pages.page(
        "moves/step.html",
        title=context.lang().gettext(
            N_("Readers know a date of “%(title)s” that changes"), title=choices.title(call)
        ),
        section=CALL.path,
        problems=form.problems(),
        status=status,
        call=call,
        form=form,
        moves=_shown(session, call, form, moved),
        pairs=pairs,
        action=request.form.get("action") or "save",
        to=address(CALL, call.id),
    )


def of(call: Entry, form: CallForm) -> list[Move]:
    """The changes of dates that readers know."""
    return moves.of(call, form.edit(), context.now()) if isinstance(call, Call) else []


def _unexplained(form: CallForm) -> list[Problem]:
    """What is missing of the reasons, each at its line."""
    missing = moves.unexplained(form.edit(), context.settings().languages)
    return [replace(problem, field=f"{problem.field}.line") for problem in missing]


def _shown(session: Session, call: Call, form: CallForm, moved: Sequence[Move]) -> list[Shown]:
    language, now, edit = context.lang(), context.now(), form.edit()
    held = {date.uid: date for date in call.key_dates}
    with session.no_autoflush:
        points = {point.row: point for point in timeline.of(session, form, call).points}
        remarks = list(date_lint.of(edit, now=now, public_since=call.publish_at))
        return [
            Shown(
                event_words.sentence(move.change, call.currency, language),
                impact.of(session, call, held[move.uid], now),
                points.get(_row(form, move)),
                [
                    one.said(language)
                    for one in remarks
                    if one.field.startswith(f"key_dates.{move.number}.")
                ],
            )
            for move in moved
        ]


def _row(form: CallForm, move: Move) -> str:
    if move.number is None:
        return ""
    return str(form.key_dates[form.rows["key_dates"][move.number]].id)
