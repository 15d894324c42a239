"""The story of a mail, in words that a reader at the telephone understands. For the page and the command.

1. Why it was planned: each thing in it, and which of the reader's wishes asked for that.
2. When it was written, and for when.
3. Every try that did not end with yes, and what people did about it.
4. How it ended and why, or what comes next, and until when.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from feedsvc.auth.models import History
from feedsvc.content import history, rules
from feedsvc.content.models import Entry
from feedsvc.i18n import N_, Language
from feedsvc.mail import tries
from feedsvc.mail.models import MailTry, OutboxMail
from feedsvc.mail.words import KIND_NAMES
from feedsvc.reminders import reasons, told, words
from feedsvc.reminders.models import DigestEntry, Item, NoticeItem
from feedsvc.reminders.told import Row
from feedsvc.settings import Settings
from feedsvc.subscriptions import queries
from feedsvc.subscriptions.models import Subscription

SUBJECT = "mail"  # what the history of a mail is kept under
RETRIED, HASTENED, REPLAYED = "retried", "hastened", "replayed"
PLANNED = N_("Planned for “%(title)s”: %(about)s, %(lead)s. The reader follows: %(followed)s.")
PLANNED_ONCE = N_(
    "Planned for “%(title)s”: %(about)s, %(lead)s. The reader has since ended what asked for it."
)
NOTICED = N_("Planned to tell of “%(title)s”: %(kind)s.")
DIGESTED = N_("A line of the digest: “%(title)s”.")
ASKED_FOR = N_("Written because somebody entered this address and asked for mails.")
WRITTEN = N_("Written as “%(kind)s”, to leave on %(when)s.")
BLANKED = N_("The reader asked to be forgotten: address and text are not kept any more.")
TRIED = {
    "deferred": N_("A try failed for now: %(reply)s"),
    "refused": N_("The mail server refused it: %(reply)s"),
    "uncertain": N_("It was handed over, and no answer came: it may have arrived. %(reply)s"),
    "crashed": N_("The process that was sending it ended in the middle: it may have arrived."),
}
AT_STAGE = N_("%(sentence)s (at %(stage)s)")
DONE = {
    RETRIED: N_("%(who)s had it tried again."),
    HASTENED: N_("%(who)s had the next try made at once."),
    REPLAYED: N_("An operator had it sent once more, for nobody knows whether it arrived."),
}
ENDED = {
    "accepted": N_("The mail server took it: %(reason)s"),
    "bounced": N_("It came back: %(reason)s"),
    "failed": N_("It failed: %(reason)s"),
    "expired": N_("It was not sent, because its time had passed: %(reason)s"),
    "void": N_("It was not sent, because it was not needed any more: %(reason)s"),
}
LEASED = N_("A process has taken it and will hand it over.")
SENDING = N_("It is being handed over right now.")
OVERDUE = N_(
    "It should have left on %(when)s: it waits for a scheduler, for the mail server, or its turn."
)
NEXT_TRY = N_("The next try is on %(when)s.")
TO_COME = N_("It leaves on %(when)s. Just before, it is asked once more whether it should.")
NOT_AFTER = N_("It is not sent after %(when)s.")


@dataclass(frozen=True)
class Step:
    """One sentence of the story; `at` is None for what has no instant of its own."""

    at: datetime | None
    words: str


@dataclass(frozen=True)
class Teller:
    """Who listens: in which language, and in which zone instants are said."""

    session: Session
    settings: Settings
    language: Language

    def say(self, message: str, **values: object) -> str:
        return self.language.gettext(message, **values)

    def instant(self, at: datetime) -> str:
        zone = ZoneInfo(self.settings.timezone)
        return f"{self.language.instant(at, zone)} ({self.language.zone(self.settings.timezone)})"

    def title(self, entry_id: int) -> str:
        return title(self.session, entry_id, self.language, self.settings)

    def followed(self, wish: Subscription) -> str:
        [found] = queries.followed(self.session, [wish], self.language.code, self.settings)
        return found.title


def of(
    session: Session, mail: OutboxMail, *, settings: Settings, language: Language, now: datetime
) -> list[Step]:
    """The steps, from the first to what comes next."""
    teller = Teller(session, settings, language)
    tried = [_tried(one, teller) for one in tries.of(session, mail.id)]
    acts = [_act(row, teller) for row in history.of(session, SUBJECT, mail.id)]
    middle = sorted((*tried, *acts), key=lambda step: (step.at is None, step.at))
    return [*_planned(mail, teller), *_written(mail, teller), *middle, *_end(mail, teller, now)]


def contents(session: Session, mail_id: int) -> list[Row]:
    """What the mail tells of that was planned for its reader: reminders and notices.

    What was in a mail that was taken back is in another one by now, or void.
    """
    found: list[tuple[int, int]] = []
    for table, planned in ((told.REMINDER, Item), (told.NOTICE, NoticeItem)):
        ids = session.scalars(
            select(planned.id).where(planned.mail_id == mail_id).order_by(planned.id)
        )
        found += ((table, number) for number in ids)
    return told.whole(session, found)


def title(session: Session, entry_id: int, language: Language, settings: Settings) -> str:
    """The entry's title in the language, or what stands in for it."""
    entry = session.get_one(Entry, entry_id)
    return rules.localised(entry.translations, language.code, settings.languages).text.title


def _planned(mail: OutboxMail, teller: Teller) -> Iterator[Step]:
    """Why it is there."""
    rows = contents(teller.session, mail.id)
    wishes = _wishes(teller.session, mail.id)
    for row in rows:
        yield Step(row.planned_at, _because(row, wishes.get(row.id), teller))
    entries = teller.session.scalars(
        select(DigestEntry.entry_id)
        .where(DigestEntry.mail_id == mail.id)
        .order_by(DigestEntry.entry_id)
    )
    for entry_id in entries:
        yield Step(mail.created_at, teller.say(DIGESTED, title=teller.title(entry_id)))
    if mail.kind == "confirmation":
        yield Step(mail.created_at, teller.say(ASKED_FOR))


def _because(row: Row, wish: Subscription | None, teller: Teller) -> str:
    name = teller.title(row.call_id or 0)
    if row.table == told.NOTICE:
        return teller.say(NOTICED, title=name, kind=teller.say(words.KIND_NAMES[row.kind]))
    about, lead = words.about(row, teller.language), words.lead(row, teller.language)
    if wish is None:
        return teller.say(PLANNED_ONCE, title=name, about=about, lead=lead)
    return teller.say(PLANNED, title=name, about=about, lead=lead, followed=teller.followed(wish))


def _wishes(session: Session, mail_id: int) -> dict[int, Subscription]:
    """The subscriptions that asked for the reminders in the mail, as far as they are still there."""
    items = session.scalars(
        select(Item).where(Item.mail_id == mail_id).options(joinedload(Item.subscription))
    )
    return {item.id: item.subscription for item in items if item.subscription is not None}


def _written(mail: OutboxMail, teller: Teller) -> Iterator[Step]:
    kind = teller.say(KIND_NAMES.get(mail.kind, mail.kind))
    yield Step(mail.created_at, teller.say(WRITTEN, kind=kind, when=teller.instant(mail.dated_at)))
    if not mail.address:
        yield Step(None, teller.say(BLANKED))


def _tried(one: MailTry, teller: Teller) -> Step:
    reply = reasons.words(one.reply, teller.language)
    sentence = teller.say(TRIED[one.word], reply=reply).rstrip()
    if one.stage:
        sentence = teller.say(AT_STAGE, sentence=sentence, stage=one.stage)
    return Step(one.at, sentence)


def _act(row: History, teller: Teller) -> Step:
    return Step(row.at, teller.say(DONE[row.act], who=row.actor_name))


def _end(mail: OutboxMail, teller: Teller, now: datetime) -> Iterator[Step]:
    if mail.state in ENDED:
        why = reasons.words(mail.reason, teller.language)
        yield Step(mail.settled_at, teller.say(ENDED[mail.state], reason=why))
        return
    yield Step(None, _next(mail, teller, now))
    if mail.expires_at is not None:
        yield Step(None, teller.say(NOT_AFTER, when=teller.instant(mail.expires_at)))


def _next(mail: OutboxMail, teller: Teller, now: datetime) -> str:
    if mail.state != "queued":
        return teller.say(SENDING if mail.state == "sending" else LEASED)
    sentence = OVERDUE if mail.send_after <= now else NEXT_TRY if mail.attempts else TO_COME
    return teller.say(sentence, when=teller.instant(mail.send_after))
