"""Change one published date: a page for the new date; then the one that says what follows."""

from __future__ import annotations

import wtforms
from flask import redirect, request
from werkzeug.wrappers import Response

from feedsvc.calls import dates, words
from feedsvc.calls.models import Call, KeyDate
from feedsvc.errors import Invalid, NotFound, Problem
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import choices, pages
from feedsvc.web.admin.forms import carried
from feedsvc.web.admin.forms.base import Form
from feedsvc.web.admin.forms.call import CallForm, KeyDateForm, call_values
from feedsvc.web.admin.forms.fields import DateField, TimeField, ZoneField, zone_names
from feedsvc.web.admin.gate import blueprint, posted
from feedsvc.web.admin.kinds import CALL, address, loaded
from feedsvc.web.admin.moves import step


class MoveForm(Form):
    """When the date is from now on."""

    date = DateField(N_("New date"))
    time = TimeField(N_("Time"))
    zone = ZoneField(N_("Time zone"))

    def check(self) -> None:
        if self.date.data is None:
            raise Invalid(Problem("date", N_("Enter the date.")))
        if self.zone.data is None:
            raise Invalid(Problem("zone", N_("Choose a time zone, like Europe/Luxembourg.")))
        day, time, zone = self.date.data, self.time.data, self.zone.data
        if time is not None and not dates.exists(day, time, zone):
            words = N_("Clocks skip this time (summer time begins). Choose another one.")
            raise Invalid(Problem("time", words))


@blueprint.route(
    "/calls/<int:entry_id>/dates/<uuid:uid>", methods=["GET", "POST"], endpoint="call_move"
)
def move(entry_id: int, uid: object) -> Response:
    """Ask for the new date; then show what follows, with nothing written yet."""
    with context.db().read() as session:
        call = loaded(session, CALL, entry_id)
        assert isinstance(call, Call)
        date = _date(call, str(uid))
        form = MoveForm(posted(), data=_values(date))
        if request.method == "GET" or not form.right():
            return _asked(call, date, form)
        whole = _moved(call, date, form)
        if not whole.right():
            form.mark(*(Problem("date", line.text) for line in whole.problems()))
            return _asked(call, date, form)
        moves = step.of(call, whole)
        if not moves:
            return redirect(address(CALL, entry_id), 303)
        return step.page(session, call, whole, moves, carried.shown(whole))


def _date(call: Call, uid: str) -> KeyDate:
    found = next((date for date in call.key_dates if date.uid == uid), None)
    if found is None:
        raise NotFound(N_("This call has no such date any more."))
    return found


def _values(date: KeyDate) -> dict[str, object]:
    return {"date": date.local_date, "time": date.local_time, "zone": date.zone}


def _moved(call: Call, date: KeyDate, wanted: MoveForm) -> CallForm:
    """The call's own form with the date in its new place, which then is known to the day."""
    form = CallForm(data=call_values(call))
    for row in form.key_dates:
        if row.form.uid.data == date.uid:
            _assign(row.form, wanted)
    return form


def _assign(row: KeyDateForm | wtforms.Form, wanted: MoveForm) -> None:
    for name in ("date", "time", "zone"):
        row[name].data = wanted[name].data
    row["precision"].data = "day"


def _asked(call: Call, date: KeyDate, form: MoveForm) -> Response:
    language = context.lang()
    return pages.page(
        "moves/date.html",
        title=language.gettext(
            N_("Change “%(name)s” of “%(title)s”"),
            name=words.key_date_name(date, language), title=choices.title(call),
        ),
        section=CALL.path,
        problems=form.problems(),
        status=422 if form.marks else 200,
        form=form,
        held=words.moment(date, language),
        zones=zone_names(),
        back=address(CALL, call.id),
    )  # fmt: skip
