"""Answer "why did I (not) get this mail?" for one address, in chapters that can be read aloud.

1. The address: who it is, whether it is confirmed, blocked or paused.
2. What it follows, and when the next reminder of that comes.
3. Its last mails.
4. Of one call, when that is asked for: what was told of it, and for each date and lead time of
   which nothing was told, why not or when it will be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call
from feedsvc.i18n import N_, Language
from feedsvc.mail import queries as mails
from feedsvc.mail.queries import Wanted
from feedsvc.mail.words import STATE_NAMES
from feedsvc.reminders import preview, reasons, whynot
from feedsvc.reminders.story import Teller
from feedsvc.settings import Settings
from feedsvc.subscriptions import queries, suppression
from feedsvc.subscriptions.models import CallMute, Subscriber, Subscription, Suppression

LAST = 10  # mails
BLOCKED = {
    suppression.HARD: N_("there is no such mailbox"),
    suppression.SOFT: N_("mail to it came back on several days"),
    suppression.COMPLAINT: N_("its reader reported a mail as spam"),
    suppression.OBJECTION: N_("its owner wants no mail"),
}


@dataclass(frozen=True)
class Chapter:
    title: str
    lines: tuple[str, ...]


def of(
    session: Session,
    address: str,
    *,
    call: Call | None = None,
    settings: Settings,
    language: Language,
    now: datetime,
) -> list[Chapter]:
    """What is known of an address, as it is kept (`subscriptions.rules.address`)."""
    teller = Teller(session, settings, language)
    say = teller.say
    reader = queries.by_address(session, address)
    found = [Chapter(address, tuple(_address(reader, address, teller, now)))]
    if reader is not None:
        found.append(Chapter(say(N_("What it follows")), tuple(_follows(reader, teller, now))))
    found.append(Chapter(say(N_("Its last mails")), tuple(_mails(reader, address, teller))))
    if reader is not None and call is not None:
        title = say(N_("About “%(title)s”"), title=teller.title(call.id))
        found.append(Chapter(title, tuple(whynot.of(reader, call, teller, now))))
    return found


def _address(
    reader: Subscriber | None, address: str, teller: Teller, now: datetime
) -> Iterator[str]:
    say = teller.say
    blocked = teller.session.get(Suppression, queries.suppression_key(address, teller.settings))
    if blocked is not None:
        yield say(N_("It gets no mail since %(when)s: %(why)s."), when=teller.instant(blocked.since),
                  why=say(BLOCKED.get(blocked.reason, blocked.reason)))  # fmt: skip
    if reader is None:
        yield say(
            N_("It follows nothing here: it never did, or it was forgotten or deleted since.")
        )
        return
    if reader.confirmed_at is None:
        yield say(
            N_("Its owner has not said yes yet: it gets the mail that asks, and nothing else.")
        )
    else:
        yield say(N_("Confirmed on %(when)s."), when=teller.instant(reader.confirmed_at))
    zone = teller.language.zone(reader.zone)
    yield say(N_("Mails come from %(hour)s:00 on (%(zone)s)."), hour=reader.hour, zone=zone)
    if reader.paused_until is not None and reader.paused_until > now:
        yield say(N_("It pauses until %(when)s."), when=teller.instant(reader.paused_until))


def _follows(reader: Subscriber, teller: Teller, now: datetime) -> Iterator[str]:
    for row in reader.subscriptions:
        yield _wish(row, teller, now)
    if not reader.subscriptions:
        yield teller.say(N_("Nothing: it was ended."))
    muted = select(CallMute).where(CallMute.subscriber_id == reader.id).order_by(CallMute.since)
    for mute in teller.session.scalars(muted):
        yield teller.say(N_("Nothing more about “%(title)s”, since %(when)s."),
                         title=teller.title(mute.call_id), when=teller.instant(mute.since))  # fmt: skip


def _wish(row: Subscription, teller: Teller, now: datetime) -> str:
    title = teller.followed(row)
    if row.confirmed_at is None:
        return teller.say(N_("%(title)s: waits for its owner's yes"), title=title)
    days = teller.language.list([str(offset.days) for offset in row.offsets]) or "–"
    coming = preview.next_reminder(teller.session, row, now)
    values = {"title": title, "days": days, "since": teller.instant(row.confirmed_at)}
    if coming is None:
        return teller.say(N_("%(title)s: %(days)s days before, since %(since)s; no reminder is near"),
                          **values)  # fmt: skip
    return teller.say(N_("%(title)s: %(days)s days before, since %(since)s; the next reminder on %(when)s"),
                      **values, when=teller.instant(coming))  # fmt: skip


def _mails(reader: Subscriber | None, address: str, teller: Teller) -> Iterator[str]:
    wanted = Wanted(recipient_key=reader.uid) if reader else Wanted(search=address)
    rows = mails.recent(teller.session, wanted, limit=LAST)
    for mail in rows:
        state = teller.say(STATE_NAMES[mail.state])
        reason = reasons.words(mail.reason, teller.language)
        yield (
            f"{mail.id}  {teller.instant(mail.settled_at or mail.send_after)}  {mail.subject}  "
            + (teller.say(N_("%(name)s: %(value)s"), name=state, value=reason) if reason else state)
        )
    if not rows:
        yield teller.say(N_("None was ever written to it."))
