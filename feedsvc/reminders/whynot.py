"""Of one reader and one call: what was told, and of each date and lead time beside that, why not.

What is said here is worked out from how things are now; a reader who changed their wishes since,
or a call whose dates have moved, had other facts then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.calls import queries as calls
from feedsvc.calls.models import Call, KeyDate
from feedsvc.calls.words import key_date_name, moment
from feedsvc.i18n import N_
from feedsvc.reminders import occasions, reasons, rules, told, words
from feedsvc.reminders.models import Item, Notice, NoticeItem
from feedsvc.reminders.rules import Deadline
from feedsvc.reminders.story import Teller
from feedsvc.reminders.told import Row
from feedsvc.subscriptions import queries
from feedsvc.subscriptions.models import CallMute, Subscriber, Subscription

NOT_FOUND = N_("Nothing that it follows finds this call now.")
MUTED = N_("Its reader wants to hear nothing more of it, since %(when)s.")
UNCERTAIN = N_("%(date)s: not certain enough to remind of")
TO_COME = N_("%(date)s, %(days)s before: comes on %(due)s, if nothing changes")
TOO_LATE = N_("%(date)s, %(days)s before: was due on %(due)s, and is followed only since %(since)s")
CHANGED = N_("%(date)s, %(days)s before: the date was changed after %(due)s, when it was due")
NOTHING = N_("%(date)s, %(days)s before: was due on %(due)s, and nothing was planned")


@dataclass(frozen=True)
class _Wish:
    """A subscription that is about the call: how many days before, and since when."""

    offsets: tuple[int, ...]
    since: datetime

    def days(self, deadline: Deadline) -> tuple[int, ...]:
        return rules.lead_times(deadline, self.offsets)


@dataclass(frozen=True)
class _Case:
    """Who asks, who answers, and when."""

    reader: Subscriber
    teller: Teller
    now: datetime


def of(reader: Subscriber, call: Call, teller: Teller, now: datetime) -> Iterator[str]:
    """Everything that was planned for the reader, then why nothing else was."""
    rows = _planned(teller.session, reader.id, call.id)
    yield from (_fate(row, teller) for row in rows)
    wishes = _wishes(reader, call, teller.session, now)
    if not wishes:
        yield teller.say(NOT_FOUND)
    mute = teller.session.get(CallMute, (reader.id, call.id))
    if mute is not None:
        yield teller.say(MUTED, when=teller.instant(mute.since))
    known = {(row.at, row.days) for row in rows}
    for date in call.key_dates:
        for days, since in _lacking(date, wishes, known):
            yield _why(date, days, since, _Case(reader, teller, now))


def _planned(session: Session, reader_id: int, call_id: int) -> list[Row]:
    items = (
        select(Item.id)
        .join(KeyDate, KeyDate.id == Item.key_date_id)
        .where(Item.subscriber_id == reader_id, KeyDate.call_id == call_id)
    )
    notices = (
        select(NoticeItem.id)
        .join(Notice, Notice.id == NoticeItem.notice_id)
        .where(NoticeItem.subscriber_id == reader_id, Notice.call_id == call_id)
    )
    keys = [(told.REMINDER, number) for number in session.scalars(items)]
    keys += ((told.NOTICE, number) for number in session.scalars(notices))
    return sorted(told.whole(session, keys), key=lambda row: (row.planned_at, row.table, row.id))


def _fate(row: Row, teller: Teller) -> str:
    """`Closes: 30 April 2026, 17:00 (Luxembourg time), 7 days before: accepted, ..., mail 12`."""
    what = [words.about(row, teller.language), words.lead(row, teller.language)]
    how = [
        teller.say(words.WORD_NAMES[row.word]),
        teller.instant(row.left_at) if row.left_at else "",
        teller.say(N_("mail %(number)s"), number=row.mail_id) if row.mail_id else "",
        reasons.words(row.reason, teller.language),
    ]
    return f"{', '.join(filter(None, what))}: {', '.join(filter(None, how))}"


def _wishes(reader: Subscriber, call: Call, session: Session, now: datetime) -> list[_Wish]:
    """The reader's confirmed subscriptions that are about the call."""
    return [
        _Wish(tuple(offset.days for offset in row.offsets), row.confirmed_at)
        for row in reader.subscriptions
        if row.confirmed_at is not None
        and (row.entry_id == call.id or _finds(row, call, session, now))
    ]


def _finds(row: Subscription, call: Call, session: Session, now: datetime) -> bool:
    if row.filter is None:
        return False
    matching = calls.matching(session, queries.stored_filter(row.filter.query), now)
    found = session.scalar(select(Call.id).where(Call.id == call.id, Call.id.in_(matching)))
    return found is not None


def _lacking(
    date: KeyDate, wishes: Sequence[_Wish], known: set[tuple[datetime | None, int | None]]
) -> Iterator[tuple[int, datetime]]:
    """The lead times of a date that were asked for and of which nothing is planned, and since when."""
    if not (date.is_deadline or date.type == "opens"):
        return
    deadline = occasions.deadline_of(date)
    for days in sorted({days for wish in wishes for days in wish.days(deadline)}, reverse=True):
        if (date.utc_at, days) not in known:
            yield days, min(wish.since for wish in wishes if days in wish.days(deadline))


def _why(date: KeyDate, days: int, since: datetime, case: _Case) -> str:
    reader, teller = case.reader, case.teller
    name = f"{key_date_name(date, teller.language)}, {moment(date, teller.language)}"
    if date.precision not in ("minute", "day") or date.certainty != "confirmed":
        return teller.say(UNCERTAIN, date=name)
    due = rules.due_at(occasions.deadline_of(date), days, zone=reader.zone, hour=reader.hour)
    sentence = NOTHING
    if due > case.now:
        sentence = TO_COME
    elif since > due:
        sentence = TOO_LATE
    elif date.updated_at > due:
        sentence = CHANGED
    lead = teller.language.ngettext("%(n)s day", "%(n)s days", days)
    values = {"date": name, "days": lead, "due": teller.instant(due)}
    if sentence == TOO_LATE:
        values["since"] = teller.instant(since)
    return teller.say(sentence, **values)
