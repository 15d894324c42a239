"""How the dates of a call are understood: weekday, local time and UTC, beside what was typed."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from feedsvc.calls import dates
from feedsvc.calls.edits import KeyDateEdit
from feedsvc.calls.models import KeyDate
from feedsvc.calls.words import moment
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin.forms.call import CallForm, instant
from feedsvc.web.admin.forms.entry import EntryForm

UTC = ZoneInfo("UTC")


def of(form: EntryForm) -> dict[str, str]:
    """A sentence for each row of key dates that can be read, by the row's id."""
    if not isinstance(form, CallForm):
        return {}
    found = {}
    for row in form.key_dates:
        edit, at = row.form.edit(), instant(row.form)
        if edit is not None and at is not None:
            found[row.id] = sentence(edit, at)
    return found


def sentence(edit: KeyDateEdit, at: dt.datetime) -> str:
    """`Friday 30 April 2027, 17:00 (Luxembourg time) = 30 April 2027, 15:00 UTC`."""
    language = context.lang()
    date = KeyDate(
        type=edit.type, local_date=edit.date, local_time=edit.time, zone=edit.zone,
        precision=edit.precision, certainty=edit.certainty, labels={},
        is_deadline=edit.type in dates.DEADLINE_TYPES, utc_at=at,
    )  # fmt: skip
    utc = language.instant(at, UTC)
    words = moment(date, language)
    if at <= context.now():
        return language.gettext(N_("%(words)s = %(utc)s UTC, in the past"), words=words, utc=utc)
    return language.gettext(N_("%(words)s = %(utc)s UTC"), words=words, utc=utc)
