"""When an entry becomes public and when it leaves: now, or at a time to come."""

from __future__ import annotations

import datetime as dt

from wtforms import FormField, HiddenField

from feedsvc.calls import dates
from feedsvc.content.desk import reviews
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin.forms.base import Area, Form, One
from feedsvc.web.admin.forms.call import LineForm
from feedsvc.web.admin.forms.entry import in_languages
from feedsvc.web.admin.forms.fields import DateField, TimeField, ZoneField

NOW, LATER, NEVER = "now", "later", "never"


class MomentForm(Form):
    """A day, a time and a zone that count if `later` is chosen."""

    when = One(
        N_("When"), choices=[(NOW, N_("Now")), (LATER, N_("Later, at a time that I choose"))],
        default=NOW,
    )  # fmt: skip
    date = DateField(N_("Date"))
    time = TimeField(N_("Time"))
    zone = ZoneField(N_("Time zone"))

    def check(self) -> None:
        if self.when.data == LATER:
            _check_moment(self, "date", "time")

    def instant(self) -> dt.datetime:
        """When, in UTC."""
        if self.when.data != LATER:
            return context.now()
        return _instant(self, "date", "time")


class PublishForm(MomentForm):
    """From when on it is public, and maybe until when."""

    until_date = DateField(N_("Off the site again from (date)"))
    until_time = TimeField(N_("Off the site again from (time)"))

    def check(self) -> None:
        super().check()
        if self.until_date.data or self.until_time.data:
            _check_moment(self, "until_date", "until_time")

    def until(self) -> dt.datetime | None:
        return _instant(self, "until_date", "until_time") if self.until_date.data else None


class ReviewForm(PublishForm):
    """The answer to a review; `version` is what was read."""

    verdict = One(
        N_("Your answer"),
        choices=[
            (reviews.APPROVED, N_("Publish it")),
            (reviews.CHANGES, N_("Hand it back, to be changed")),
            (reviews.REJECTED, N_("Refuse it: it will not be published")),
        ],
    )
    comment = Area(N_("What the author should know"))
    version = HiddenField()

    def check(self) -> None:
        if self.verdict.data not in reviews.VERDICTS:
            raise Invalid(Problem("verdict", N_("Choose an answer.")))
        if self.verdict.data == reviews.APPROVED:
            super().check()
        elif not (self.comment.data or "").strip():
            raise Invalid(Problem("comment", N_("Write what the author should know.")))


class SubmitForm(Form):
    comment = Area(N_("What the reader should know"))


class UnpublishForm(MomentForm):
    """Now, on a day to come, or not at all."""

    when = One(
        N_("When"),
        choices=[
            (NOW, N_("Now")),
            (LATER, N_("By itself, at a time that I choose")),
            (NEVER, N_("Not at all: it stays")),
        ],
        default=NOW,
    )


class CancelForm(Form):
    reasons = FormField(in_languages(LineForm), N_("Why"))


def _check_moment(form: MomentForm, date: str, time: str) -> None:
    """Raises: Invalid, for what is missing, skipped by clocks, or past."""
    problems = [
        *([] if form[date].data else [Problem(date, N_("Enter the date."))]),
        *([] if form[time].data else [Problem(time, N_("Enter the time."))]),
    ]
    if problems:
        raise Invalid(*problems)
    zone = form.zone.data
    if zone and not dates.exists(form[date].data, form[time].data, zone):
        words = N_("Clocks skip this time (summer time begins). Choose another one.")
        raise Invalid(Problem(time, words))
    if zone and _instant(form, date, time) <= context.now():
        raise Invalid(Problem(date, N_("This time has passed. Choose one to come, or now.")))


def _instant(form: MomentForm, date: str, time: str) -> dt.datetime:
    day, at, zone = form[date].data, form[time].data, form.zone.data
    return dates.instant(day, at, zone, kind="opens", precision="minute")
