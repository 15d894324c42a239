"""Write what readers ask for. Nobody gets a reminder before the owner of the address said yes.

Anybody can type any address into a form. So a request changes nothing that was confirmed, its
answer is the same for every address, and it sends at most one mail a day to an unwilling one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedsvc.content.filters import Filter
from feedsvc.content.workdays import Ahead
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.mail import outbox
from feedsvc.settings import Settings
from feedsvc.subscriptions import (
    confirmation,
    consent,
    queries,
    rules,
    stored,
    subjects,
    suppression,
)
from feedsvc.subscriptions.models import ConsentEvent, Subscriber, Subscription
from feedsvc.subscriptions.rules import Choice

ERASED = N_("the reader asked to be forgotten")
UNUSED = N_("the address was not used and has been deleted")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody typed: an address, and a filter or the id of one public entry.

    `offsets` may be empty if `digest` (`rules.DIGESTS`) or `next_edition` asks for something.
    Without a `zone` (IANA) or an `hour` those of the site are taken. `page` is the path of the
    form, for the proof of consent.
    """

    email: str
    language: str
    page: str
    offsets: tuple[int, ...] = ()
    digest: str = ""
    next_edition: bool = False
    zone: str = ""
    hour: int | None = None
    filter: Filter | None = None
    entry_id: int | None = None

    @property
    def choice(self) -> Choice:
        return Choice(self.offsets, self.digest, self.next_edition)


def request_subscription(
    session: Session, wish: Wish, *, settings: Settings, now: datetime
) -> None:
    """Keep the wish until the owner of the address confirms it. Raises: Invalid.

    For an address that gets no mail the same is done, and taken back: neither the answer nor the
    time that it takes tells who is known here.
    """
    wish = _checked(wish, settings)
    keys = subjects.keys(session, wish.filter)
    unwanted = queries.suppressed(session, wish.email, settings)
    with session.begin_nested() as attempt:
        subscriber = _asking(session, wish, now=now)
        wanted = subjects.subscription(
            session, subscriber, wish.filter, wish.entry_id, keys, now=now
        )
        if wanted is not None and wanted.confirmed_at is None:
            subjects.choose(wanted, wish.choice, now=now)
        session.flush()
        _ask(session, subscriber, wish.page, settings=settings, now=now)
        if unwanted:
            attempt.rollback()


def confirm(
    session: Session,
    subscriber: Subscriber,
    uids: Collection[str],
    *,
    settings: Settings,
    now: datetime,
) -> list[Subscription]:
    """Begin those of the subscriber's waiting subscriptions that the page named. Raises: Invalid."""
    begun = [
        row for row in subscriber.subscriptions if row.confirmed_at is None and row.uid in uids
    ]
    if begun and len(begun) + _followed(subscriber) > rules.MOST_FOLLOWED:
        raise Invalid(
            Problem(
                "subscriptions",
                N_("You follow as much as one address may: %(most)s calls and lists. Stop some first."),
                (("most", rules.MOST_FOLLOWED),),
            )
        )  # fmt: skip
    for row in begun:
        row.confirmed_at = row.digested_until = now
        consent.note(session, subscriber, "confirmed", settings, subscription=row, now=now)
    if begun:
        subscriber.confirmed_at = subscriber.confirmed_at or now
        subscriber.confirmation_sent_at = None
    session.flush()
    return begun


def change(
    session: Session,
    subscriber: Subscriber,
    *,
    language: str = "",
    zone: str = "",
    hour: int | None = None,
    ahead: Ahead | None = None,
    choices: Mapping[str, Choice] | None = None,
    settings: Settings,
    now: datetime,
) -> None:
    """Change, by uid, what is told of subscriptions, and for all of them language, zone and hour,
    and how many working days `ahead` of a deadline to be ready (0 for none).

    What is left out stays as it is. Raises: Invalid, before anything is changed.
    """
    rows = _chosen(subscriber, choices or {}, settings)
    ready = rules.ahead(ahead.days, ahead.place) if ahead else None
    before, place = _of_all(subscriber), (subscriber.zone, subscriber.hour)
    subscriber.zone = rules.zone(zone or subscriber.zone)
    subscriber.hour = rules.hour(subscriber.hour if hour is None else hour)
    if (subscriber.zone, subscriber.hour) != place:
        subscriber.moved_at = now
    if ready:
        subscriber.workdays, subscriber.holidays = ready.days or None, ready.place
    if language in settings.languages:
        subscriber.language = language
    for row, chosen in rows.items():
        if chosen != subjects.chosen(row):
            subjects.choose(row, chosen, now=now)
            consent.note(session, subscriber, "changed", settings, subscription=row, now=now)
    if _of_all(subscriber) != before:
        consent.note(session, subscriber, "changed", settings, more=_of_all(subscriber), now=now)
    consent.alive(subscriber, now)
    session.flush()


def unsubscribe(
    session: Session,
    subscriber: Subscriber,
    uid: str = "",
    *,
    settings: Settings,
    now: datetime,
) -> int:
    """End one subscription, or all; how many there were. Mails about them stop at their gate."""
    ended = [row for row in subscriber.subscriptions if uid in ("", row.uid)]
    for row in ended:
        consent.note(session, subscriber, "unsubscribed", settings, subscription=row, now=now)
        subscriber.subscriptions.remove(row)
    session.flush()
    return len(ended)


def erase(session: Session, subscriber: Subscriber, *, settings: Settings, now: datetime) -> None:
    """Forget the reader: address, subscriptions and mails. What was agreed to stays, without them."""
    consent.note(session, subscriber, "erased", settings, now=now)
    _delete(session, subscriber, reason=ERASED, now=now)


def refuse_all(
    session: Session, subscriber: Subscriber, *, settings: Settings, now: datetime
) -> None:
    """Forget the reader, and never write to the address again, whoever asks: their objection."""
    consent.note(session, subscriber, "objected", settings, now=now)
    suppression.suppress(
        session, subscriber.email, suppression.OBJECTION, settings=settings, now=now
    )
    erase(session, subscriber, settings=settings, now=now)


def purge(session: Session, *, now: datetime, limit: int = 200) -> int:
    """Delete addresses that follow nothing, after a week in which nothing came of them.

    So many at a time; how many there were.
    """
    before = now - rules.UNUSED_KEPT
    session.execute(
        delete(Subscription).where(
            Subscription.confirmed_at.is_(None), Subscription.created_at <= before
        )
    )
    session.expire_all()  # what the statement above deleted must not be thought to be there
    lately = select(ConsentEvent.id).where(
        ConsentEvent.subscriber_uid == Subscriber.uid, ConsentEvent.at > before
    )
    unused = session.scalars(
        select(Subscriber)
        .where(
            Subscriber.created_at <= before,
            ~Subscriber.subscriptions.any(),
            ~lately.exists(),
        )
        .order_by(Subscriber.id)
        .limit(limit)
    ).all()
    for subscriber in unused:
        _delete(session, subscriber, reason=UNUSED, now=now)
    stored.drop_unused_filters(session)
    return len(unused)


def _chosen(
    subscriber: Subscriber, choices: Mapping[str, Choice], settings: Settings
) -> dict[Subscription, Choice]:
    """What is wanted of each subscription that is followed and named. Raises: Invalid."""
    allowed = rules.choices(settings.reminder_offsets)
    rows = {
        row: rules.choice(choices[row.uid], allowed, of_a_call=row.entry_id is not None)
        for row in subscriber.subscriptions
        if row.uid in choices and row.confirmed_at is not None
    }
    for row, chosen in rows.items():
        if row.filter is not None and row.filter.kind == "news":
            rules.check_news(chosen)
    return rows


def _checked(wish: Wish, settings: Settings) -> Wish:
    """The wish as it is kept. Raises: Invalid."""
    allowed = rules.choices(settings.reminder_offsets)
    chosen = rules.choice(wish.choice, allowed, of_a_call=wish.entry_id is not None)
    return replace(
        wish,
        email=rules.address(wish.email),
        offsets=chosen.offsets,
        filter=subjects.followable(wish.filter, chosen) if wish.filter is not None else None,
        zone=rules.zone(wish.zone or settings.timezone),
        hour=rules.hour(settings.reminder_hour if wish.hour is None else wish.hour),
    )


def _asking(session: Session, wish: Wish, *, now: datetime) -> Subscriber:
    """The row of the address, locked; as it was wished, until its owner has said yes."""
    subscriber = stored.subscriber(session, wish.email, wish.language, wish.zone, now=now)
    if subscriber.confirmed_at is None:
        subscriber.language, subscriber.zone = wish.language, wish.zone
        subscriber.hour = wish.hour if wish.hour is not None else subscriber.hour
    return subscriber


def _ask(
    session: Session, subscriber: Subscriber, page: str, *, settings: Settings, now: datetime
) -> None:
    """Send the mail that asks for a yes, unless one went a day ago; written in either case."""
    letter = confirmation.letter(session, subscriber, settings=settings, now=now)
    if _may_ask(subscriber, now):
        consent.note(session, subscriber, "requested", settings, more={"page": page}, now=now)
        subscriber.confirmation_sent_at = now
        letter.enqueue(session, now=now)


def _may_ask(subscriber: Subscriber, now: datetime) -> bool:
    sent = subscriber.confirmation_sent_at
    return sent is None or sent <= now - rules.ONE_CONFIRMATION_IN


def _of_all(subscriber: Subscriber) -> dict[str, object]:
    """What holds for all mails of a reader."""
    ready = subscriber.ahead
    return {
        "language": subscriber.language,
        "zone": subscriber.zone,
        "hour": subscriber.hour,
        **(dict(ready.pairs) if ready else {}),
    }


def _followed(subscriber: Subscriber) -> int:
    return sum(row.confirmed_at is not None for row in subscriber.subscriptions)


def _delete(session: Session, subscriber: Subscriber, *, reason: str, now: datetime) -> None:
    outbox.forget(session, subscriber.uid, reason=reason, now=now)
    session.delete(subscriber)
    session.flush()
