"""The key dates of the form in their order, each as readers see it, and who is reminded of it when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from flask import url_for
from sqlalchemy.orm import Session

from feedsvc.calls import dates, rules
from feedsvc.calls.edits import CallEdit, KeyDateEdit
from feedsvc.calls.models import Call, KeyDate
from feedsvc.calls.words import key_date_name, moment
from feedsvc.content import rules as content
from feedsvc.i18n import N_, Language
from feedsvc.reminders.outlook import readers
from feedsvc.reminders.outlook import rules as outlook
from feedsvc.reminders.outlook.readers import Readers
from feedsvc.reminders.outlook.rules import Group, Round
from feedsvc.reminders.rules import DEBOUNCE
from feedsvc.web import context
from feedsvc.web.admin import spans
from feedsvc.web.admin.forms.call import CallForm

UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Point:
    """One date. `row` is the id of its row in the form; `distance` is empty for what has passed."""

    row: str
    name: str
    words: str
    utc: str
    at: dt.datetime
    is_past: bool
    distance: str
    uid: str
    rounds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timeline:
    """`followers` is None where nobody is reminded of anything: the call is over, or called off.

    `moving` are the addresses at which dates that readers know are changed, by their uid.
    """

    points: tuple[Point, ...]
    followers: int | None
    moving: Mapping[str, str]


def of(session: Session, form: CallForm, call: Call | None) -> Timeline:
    edit, now = form.edit(), context.now()
    written = zip(form.rows["key_dates"], edit.key_dates, strict=True)
    right = [(row, date) for row, date in written if rules.is_right(date)]
    ahead = None if _is_off(edit, call) else _Ahead(session, edit, call, now)
    points = [_point(form.key_dates[row].id, date, ahead, now) for row, date in right]
    return Timeline(
        tuple(sorted(points, key=lambda point: point.at)),
        ahead.followers if ahead else None,
        _moving(call, now) if ahead else {},
    )


def reading(point: Point) -> str:
    """`Friday 30 April 2027, 17:00 (Luxembourg time) = 30 April 2027, 15:00 UTC`."""
    language = context.lang()
    if point.is_past:
        return language.gettext(
            N_("%(words)s = %(utc)s UTC, in the past"), words=point.words, utc=point.utc
        )
    return language.gettext(N_("%(words)s = %(utc)s UTC"), words=point.words, utc=point.utc)


def shown(date: KeyDateEdit) -> KeyDate:
    """A date that is being written, as a row that can be put into words."""
    return KeyDate(
        type=date.type, local_date=date.date, local_time=date.time, zone=date.zone,
        precision=date.precision, certainty=date.certainty, labels=dict(date.labels),
        is_deadline=date.type in dates.DEADLINE_TYPES, utc_at=rules.written_instant(date),
    )  # fmt: skip


@dataclass(frozen=True)
class _Ahead:
    """What is asked of the database once for all dates, and only if a date needs it."""

    session: Session
    edit: CallEdit
    call: Call | None
    now: dt.datetime

    @cached_property
    def readers(self) -> Readers:
        return readers.of(self.session, self.edit, self.call.id if self.call else None, self.now)

    @cached_property
    def followers(self) -> int:
        return self.readers.number()

    @cached_property
    def groups(self) -> Sequence[Group]:
        return self.readers.groups(opens=False)

    @cached_property
    def groups_of_opening(self) -> Sequence[Group]:
        return self.readers.groups(opens=True)

    @cached_property
    def held(self) -> Mapping[str, KeyDate]:
        return {date.uid: date for date in self.call.key_dates} if self.call else {}

    def rounds(self, date: KeyDateEdit) -> Sequence[Round]:
        """Of a date that readers see as it is, what comes late has been told before."""
        if not outlook.stands(date, self.now):
            return ()
        deadline = outlook.deadline_of(date)
        groups = self.groups_of_opening if deadline.opens else self.groups
        known = self._known(date)
        if known is None:
            return outlook.rounds(deadline, groups, self.now)
        return readers.rounds(self.readers, deadline, groups, known)

    def _known(self, date: KeyDateEdit) -> dt.datetime | None:
        """From when on readers could know of the date; None if they can already."""
        state = content.state(self.call, self.now) if self.call else "draft"
        if state == "scheduled" and self.call is not None:
            return self.call.publish_at
        if state != "published":
            return self.now
        held = self.held.get(date.uid or "")
        same = held is not None and held.utc_at == rules.written_instant(date)
        return None if same else self.now + DEBOUNCE


def _moving(call: Call | None, now: dt.datetime) -> Mapping[str, str]:
    if call is None or not content.is_public(call, now):
        return {}
    known = (d for d in call.key_dates if d.is_deadline or (d.type == "opens" and d.utc_at > now))
    return {d.uid: url_for("admin.call_move", entry_id=call.id, uid=d.uid) for d in known}


def _is_off(edit: CallEdit, call: Call | None) -> bool:
    called_off = call is not None and (call.cancelled_at or call.suspended_at) is not None
    return bool(edit.close_reason) or called_off


def _point(row: str, date: KeyDateEdit, ahead: _Ahead | None, now: dt.datetime) -> Point:
    language, held = context.lang(), shown(date)
    is_past = held.utc_at <= now
    return Point(
        row=row,
        name=key_date_name(held, language),
        words=moment(held, language),
        utc=language.instant(held.utc_at, UTC),
        at=held.utc_at,
        is_past=is_past,
        uid=date.uid or "",
        distance="" if is_past else _distance(held.utc_at - now, language),
        rounds=tuple(_lines(ahead.rounds(date), language)) if ahead else (),
    )


def _distance(left: dt.timedelta, language: Language) -> str:
    if left < dt.timedelta(days=1):
        hours = left // dt.timedelta(hours=1)
        return language.ngettext("in %(n)s hour", "in %(n)s hours", hours)
    return language.ngettext("in %(n)s day", "in %(n)s days", left.days)


def _lines(rounds: Sequence[Round], language: Language) -> Iterator[str]:
    for one in rounds:
        number = language.ngettext("%(n)s reader", "%(n)s readers", one.readers)
        when = f"{spans.span(one.first, one.last)} ({language.zone(context.zone().key)})"
        if one.at_once:
            sentence = N_("%(readers)s at once, for their day has passed: %(when)s")
            yield language.gettext(sentence, readers=number, when=when)
        else:
            before = language.ngettext("%(n)s day before", "%(n)s days before", one.days)
            yield language.gettext(
                N_("%(before)s, %(when)s: %(readers)s"), before=before, when=when, readers=number
            )
