"""Stories, enquiries and previews as lines for a terminal, or for another program."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call, KeyDate
from feedsvc.content.models import Translation
from feedsvc.errors import NotFound
from feedsvc.i18n import N_, Language
from feedsvc.mail import queries
from feedsvc.mail.words import STATE_NAMES
from feedsvc.reminders import enquiry, reasons, story, words
from feedsvc.reminders.rehearsal import Expected
from feedsvc.reminders.told import DEADLINE, OPENING, Dated
from feedsvc.settings import Settings
from feedsvc.subscriptions import rules

FORGOTTEN = N_("forgotten")


def mail(
    session: Session, mail_id: int, *, settings: Settings, language: Language, now: datetime
) -> Iterator[str]:
    """The story of one mail. Raises: NotFound."""
    found = queries.get(session, mail_id)
    if found is None:
        raise NotFound(N_("There is no mail with this number."))
    zone = ZoneInfo(settings.timezone)
    state = language.gettext(STATE_NAMES[found.state])
    number = language.gettext(N_("Mail %(number)s"), number=found.id)
    yield f"{number}: {found.subject or '–'}"
    yield f"{found.address or language.gettext(FORGOTTEN)}  {state}"
    yield ""
    for step in story.of(session, found, settings=settings, language=language, now=now):
        at = language.stamp(step.at, zone) if step.at else ""
        yield f"{at:18}{step.words}"


def address(
    session: Session,
    written: str,
    *,
    slug: str | None,
    settings: Settings,
    language: Language,
    now: datetime,
) -> Iterator[str]:
    """What is known of an address, in chapters. Raises: Invalid, NotFound."""
    chapters = enquiry.of(
        session, rules.address(written), call=_call(session, slug) if slug else None,
        settings=settings, language=language, now=now,
    )  # fmt: skip
    for number, chapter in enumerate(chapters):
        if number:
            yield ""
        yield chapter.title
        yield from (f"  {line}" for line in chapter.lines)


def table(session: Session, expected: Sequence[Expected], settings: Settings) -> Iterator[str]:
    """A line for each reminder: when it leaves, to whom, what about; or why it is not sent."""
    language, zone = Language("en"), ZoneInfo(settings.timezone)
    abouts = _Abouts(session, language, settings)
    for one in expected:
        when = f"{one.leaves_at.astimezone(zone):%Y-%m-%d %H:%M}"
        why = f"  (not sent: {reasons.words(one.reason, language)})" if one.reason else ""
        yield f"{when}  {one.address:32}  {abouts.title(one)}: {abouts.words(one)}{why}"
    sent = sum(not one.reason for one in expected)
    yield f"{sent} reminders, {len(expected) - sent} not sent; nothing was planned."


def lines(session: Session, expected: Sequence[Expected], settings: Settings) -> Iterator[str]:
    """A JSON object for each reminder; instants in UTC."""
    abouts = _Abouts(session, Language("en"), settings)
    for one in expected:
        facts = asdict(one) | {"call": abouts.title(one)}
        yield json.dumps(facts, default=datetime.isoformat, ensure_ascii=False)


class _Abouts:
    """Titles and dates in words, each asked for once."""

    def __init__(self, session: Session, language: Language, settings: Settings) -> None:
        self._session = session
        self._language = language
        self._settings = settings
        self._titles: dict[int, str] = {}
        self._dates: dict[int, KeyDate] = {}

    def title(self, one: Expected) -> str:
        if one.call_id not in self._titles:
            found = story.title(self._session, one.call_id, self._language, self._settings)
            self._titles[one.call_id] = found
        return self._titles[one.call_id]

    def words(self, one: Expected) -> str:
        """`Closes: 30 April 2026, 17:00 (Luxembourg time), 7 days before`."""
        date = self._dates.get(one.key_date_id)
        if date is None:
            date = self._dates[one.key_date_id] = self._session.get_one(KeyDate, one.key_date_id)
        dated = Dated(
            kind=OPENING if date.type == "opens" else DEADLINE, days=one.days, type=date.type,
            labels=date.labels, at=one.deadline_at, zone=date.zone,
            timed=date.local_time is not None,
        )  # fmt: skip
        return f"{words.about(dated, self._language)}, {words.lead(dated, self._language)}"


def _call(session: Session, slug: str) -> Call:
    """Raises: NotFound."""
    query = select(Call).join(Translation, Translation.entry_id == Call.id)
    found = session.scalars(query.where(Translation.slug == slug).limit(1)).first()
    if found is None:
        raise NotFound(N_("There is no call with this address."))
    return found
