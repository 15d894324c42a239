"""When an entry becomes public: now, or at a time to come."""

from __future__ import annotations

import datetime as dt

from wtforms import FormField

from feedsvc.calls import dates
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin.forms.base import Form, One
from feedsvc.web.admin.forms.call import LineForm
from feedsvc.web.admin.forms.entry import in_languages
from feedsvc.web.admin.forms.fields import DateField, TimeField, ZoneField

NOW, LATER = "now", "later"


class PublishForm(Form):
    when = One(
        N_("When"), choices=[(NOW, N_("Now")), (LATER, N_("Later, at a time that I choose"))],
        default=NOW,
    )  # fmt: skip
    date = DateField(N_("Date"))
    time = TimeField(N_("Time"))
    zone = ZoneField(N_("Time zone"))

    def check(self) -> None:
        if self.when.data != LATER:
            return
        problems = [
            *([] if self.date.data else [Problem("date", N_("Enter the date."))]),
            *([] if self.time.data else [Problem("time", N_("Enter the time."))]),
        ]
        if problems:
            raise Invalid(*problems)
        if self.zone.data and not dates.exists(self.date.data, self.time.data, self.zone.data):
            words = N_("Clocks skip this time (summer time begins). Choose another one.")
            raise Invalid(Problem("time", words))
        if self.zone.data and self.instant() <= context.now():
            raise Invalid(Problem("date", N_("This time has passed. Choose one to come, or now.")))

    def instant(self) -> dt.datetime:
        """When to publish, in UTC."""
        if self.when.data != LATER:
            return context.now()
        day, time, zone = self.date.data, self.time.data, self.zone.data
        return dates.instant(day, time, zone, kind="opens", precision="minute")


class CancelForm(Form):
    reasons = FormField(in_languages(LineForm), N_("Why"))
