"""The mails of a review: to those who may answer, and to the one who asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.auth import letters, queries, rules
from feedsvc.auth.models import Account
from feedsvc.auth.rules import Actor
from feedsvc.content import rights
from feedsvc.content.desk import reviews
from feedsvc.content.models import Entry
from feedsvc.content.rules import localised
from feedsvc.i18n import N_, Language, language
from feedsvc.mail import outbox, rendering
from feedsvc.mail.message import Message
from feedsvc.mail.outbox import Slot
from feedsvc.settings import Settings

REVIEW, REVIEWED = "review", "reviewed"
KINDS = (REVIEW, REVIEWED)
PRIORITY = 3  # somebody works on, and nobody waits at the screen
LONGEST_TITLE = 200  # characters: a subject has 300
EXPIRES = timedelta(days=7)
SUBJECTS = {
    reviews.SUBMITTED: N_("To read before it is published: %(title)s"),
    reviews.APPROVED: N_("Approved: %(title)s"),
    reviews.CHANGES: N_("To be changed: %(title)s"),
    reviews.REJECTED: N_("Not accepted: %(title)s"),
}


def ask(
    session: Session, entry: Entry, *, comment: str, actor: Actor, settings: Settings, now: datetime
) -> int:
    """Tell those who may answer that somebody waits for them; how many there are."""
    readers = reviewers(session, entry, actor=actor, now=now)
    for account in readers:
        _enqueue(session, REVIEW, account, entry, reviews.SUBMITTED, comment=comment, who=actor.name,
                 settings=settings, now=now)  # fmt: skip
    return len(readers)


def tell(
    session: Session,
    entry: Entry,
    verdict: str,
    *,
    comment: str,
    actor: Actor,
    settings: Settings,
    now: datetime,
) -> None:
    """Tell who asked for the review what came of it; nobody is told of an answer of their own."""
    asked = reviews.submitter(session, entry)
    account = session.get(Account, asked) if asked is not None else None
    if account is not None and account.disabled_at is None and account.id != actor.id:
        _enqueue(session, REVIEWED, account, entry, verdict, comment=comment, who=actor.name,
                 settings=settings, now=now)  # fmt: skip


def reviewers(session: Session, entry: Entry, *, actor: Actor, now: datetime) -> Sequence[Account]:
    """Those who may publish it, without who asks. Administrators only where there is no editor."""
    able = session.scalars(
        select(Account)
        .where(
            Account.disabled_at.is_(None), Account.password_hash != "", Account.id != actor.id,
            Account.role != rules.AUTHOR,
        )
        .order_by(Account.id)
    ).all()  # fmt: skip
    about = rights.facts(entry, now)
    may = [one for one in able if rights.may(queries.actor(session, one), rights.PUBLISH, about)]
    return [one for one in may if one.role != rules.ADMINISTRATOR] or may


def message(
    kind: str,
    account: Account,
    slot: Slot,
    *,
    act: str,
    title: str,
    address: str,
    comment: str,
    who: str,
    settings: Settings,
    now: datetime,
) -> Message:
    said = _language(account, settings)
    subject = said.gettext(SUBJECTS[act], title=title)
    rendered = rendering.render(
        "feedsvc.content",
        text=f"desk/{kind}.txt",
        html=f"desk/{kind}.html",
        language=said,
        settings=settings,
        subject=subject,
        act=act,
        title=title,
        who=who,
        comment=comment.splitlines(),
        url=address,
    )
    return Message(
        message_id=outbox.message_id(settings, slot),
        date=now,
        sender=settings.mail_from,
        to=account.email,
        subject=subject,
        text=rendered.text,
        html=rendered.html,
        language=said.code,
        kind=kind,
        host=settings.host,
    )


def _enqueue(
    session: Session,
    kind: str,
    account: Account,
    entry: Entry,
    act: str,
    *,
    comment: str,
    who: str,
    settings: Settings,
    now: datetime,
) -> None:
    slot = Slot(
        recipient_key=letters.key(account.id),
        kind=kind,
        slot_key=f"{entry.id}:{now:%Y-%m-%dT%H:%M:%SZ}",
    )
    written = message(
        kind, account, slot, act=act, title=_title(entry, _language(account, settings), settings),
        address=settings.base_url + urls.desk(entry.kind, entry.id), comment=comment, who=who,
        settings=settings, now=now,
    )  # fmt: skip
    outbox.enqueue(
        session, slot, written, send_after=now, expires_at=now + EXPIRES, priority=PRIORITY, now=now
    )


def _language(account: Account, settings: Settings) -> Language:
    return language(account.language or settings.default_language)


def _title(entry: Entry, said: Language, settings: Settings) -> str:
    titled = [text for text in entry.translations if text.title]
    title = localised(titled, said.code, settings.languages).text.title
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"
