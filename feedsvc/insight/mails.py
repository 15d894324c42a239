"""Mails by week: how many left, and how many came back. Counted while their rows are there.

A week is counted again each hour until the one after it has ended, for mail comes back late. Ids of
mails and times of creation grow together, so that a week's mails lie side by side: where they
begin is found by halving, and nothing older is read.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from feedsvc.insight.models import MailWeek
from feedsvc.mail.models import OutboxMail
from feedsvc.statements import insert

WEEK = dt.timedelta(days=7)
SENT, BACK = ("accepted", "bounced"), ("bounced",)
NOT_SENT = ("failed", "expired")
OF_ACCOUNTS = ("invitation", "reset", "account")  # mails to editors: not about readers


@dataclass(frozen=True)
class Week:
    """Mails to readers that were written in the week that begins on that Monday."""

    monday: dt.date
    reminders: int = 0
    sent: int = 0
    bounced: int = 0
    failed: int = 0


def monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def count(session: Session, now: dt.datetime) -> None:
    """Count this week and the one before anew."""
    this = monday(now.astimezone(dt.UTC).date())
    for week in (this - WEEK, this):
        _count(session, week)


def weeks(session: Session, today: dt.date, number: int) -> list[Week]:
    """The last weeks, the oldest first; also those without a mail."""
    this = monday(today)
    mondays = [this - WEEK * back for back in reversed(range(number))]
    total = {
        name: func.sum(getattr(MailWeek, name)).label(name)
        for name in ("sent", "bounced", "failed")
    }
    reminders = func.sum(case((MailWeek.kind == "reminder", MailWeek.sent), else_=0))
    rows = session.execute(
        select(MailWeek.week, reminders.label("reminders"), *total.values())
        .where(MailWeek.week >= mondays[0])
        .group_by(MailWeek.week)
    )
    found = {
        row.week: Week(row.week, *map(int, (row.reminders, row.sent, row.bounced, row.failed)))
        for row in rows
    }
    return [found.get(day, Week(day)) for day in mondays]


def _count(session: Session, week: dt.date) -> None:
    begin, end = (_first_since(session, _midnight(day)) for day in (week, week + WEEK))
    rows = session.execute(
        select(
            OutboxMail.kind,
            _number(SENT).label("sent"),
            _number(BACK).label("bounced"),
            _number(NOT_SENT).label("failed"),
        )
        .where(OutboxMail.id >= begin, OutboxMail.id < end, OutboxMail.kind.not_in(OF_ACCOUNTS))
        .group_by(OutboxMail.kind)
        .order_by(OutboxMail.kind)
    )
    for row in rows.all():
        numbers = {"sent": row.sent, "bounced": row.bounced, "failed": row.failed}
        fresh = insert(session, MailWeek).values(week=week, kind=row.kind, **numbers)
        session.execute(fresh.on_conflict_do_update(index_elements=["week", "kind"], set_=numbers))


def _number(states: tuple[str, ...]) -> ColumnElement[int]:
    return func.sum(case((OutboxMail.state.in_(states), 1), else_=0))


def _first_since(session: Session, at: dt.datetime) -> int:
    """The id from which on mails were created at that time or later; one after the last, if none."""
    low = session.scalar(select(func.min(OutboxMail.id))) or 0
    high = (session.scalar(select(func.max(OutboxMail.id))) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        created = session.scalar(
            select(OutboxMail.created_at)
            .where(OutboxMail.id >= middle)
            .order_by(OutboxMail.id)
            .limit(1)
        )
        if created is not None and created < at:
            low = middle + 1
        else:
            high = middle
    return low


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
