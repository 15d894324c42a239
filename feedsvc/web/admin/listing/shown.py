"""The rows of a list: what a table shows of each entry, and nothing else that there is of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from feedsvc.calls import rules as call_rules
from feedsvc.calls import words
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import rules
from feedsvc.content.models import Entry, Translation
from feedsvc.i18n import Language
from feedsvc.settings import Settings
from feedsvc.statements import one_of
from feedsvc.web import context
from feedsvc.web.admin import choices, lists

NEVER = "–"
NAMES = {**lists.STATES, **words.STATUS_NAMES}
ENTRY, CALL, TEXT, DATE = (
    model.__table__.c for model in (Entry, Call, Translation, KeyDate)
)  # fmt: skip
OF_ENTRIES = (ENTRY.id, ENTRY.publish_at, ENTRY.withdrawn_at, ENTRY.review, ENTRY.updated_at)
OF_CALLS = (
    CALL.opens_at, CALL.closes_at, CALL.cancelled_at, CALL.suspended_at, CALL.close_reason,
    CALL.deadline_model,
)  # fmt: skip
OF_DATES = (
    DATE.call_id, DATE.local_date, DATE.local_time, DATE.zone, DATE.precision, DATE.certainty,
    DATE.is_deadline, DATE.utc_at,
)  # fmt: skip
# Made once: a list is asked for often, and its statements are the same.
_TEXTS = select(TEXT.entry_id, TEXT.language, TEXT.title).where(one_of(TEXT.entry_id, "ids"))
_ENTRIES = select(*OF_ENTRIES).where(one_of(ENTRY.id, "ids"))
_CALLS = (
    select(*OF_ENTRIES, *OF_CALLS)
    .join_from(Call.__table__, Entry.__table__, CALL.id == ENTRY.id)
    .where(one_of(CALL.id, "ids"))
)
_AHEAD = select(*OF_DATES).where(
    one_of(DATE.call_id, "ids"), DATE.is_deadline.is_(True), DATE.utc_at > bindparam("now")
)


@dataclass(frozen=True)
class Row:
    """One entry; `status` is that of a call, and the state of a news item.

    In words: `next` is when a call closes next, `published` from when on it is public, and
    `updated` when it was last edited; a dash where there is no such time.
    """

    id: int
    title: str
    languages: str
    status: str
    next: str
    published: str
    updated: str


def rows(session: Session, ids: Sequence[int], kind: str) -> list[Row]:
    """The entries with these numbers, in this order."""
    texts: dict[int, dict[str, str]] = defaultdict(dict)
    for number, code, title in session.connection().execute(_TEXTS, {"ids": ids}):
        texts[number][code] = title
    facts = _calls(session, ids) if kind == "call" else _entries(session, ids)
    read = _Reader(context.lang(), context.settings(), context.zone(), context.now())
    return [read.row(facts[number], texts[number]) for number in ids if number in facts]


def _entries(session: Session, ids: Sequence[int]) -> dict[int, Any]:
    found = session.connection().execute(_ENTRIES, {"ids": ids}).mappings()
    return {row["id"]: SimpleNamespace(**row, key_dates=None) for row in found}


def _calls(session: Session, ids: Sequence[int]) -> dict[int, Any]:
    """With the deadlines that are ahead."""
    dates = ahead(session, ids, context.now())
    found = session.connection().execute(_CALLS, {"ids": ids}).mappings()
    return {row["id"]: SimpleNamespace(**row, key_dates=dates[row["id"]]) for row in found}


def ahead(session: Session, ids: Sequence[int], now: dt.datetime) -> Mapping[int, list[Any]]:
    """The deadlines of calls that have not passed."""
    found: dict[int, list[Any]] = defaultdict(list)
    for date in session.connection().execute(_AHEAD, {"ids": ids, "now": now}):
        found[date.call_id].append(date)
    return found


@dataclass(frozen=True)
class _Reader:
    """For whom and when, asked once and not for each row."""

    said: Language
    settings: Settings
    zone: ZoneInfo
    now: dt.datetime

    def row(self, facts: Any, texts: Mapping[str, str]) -> Row:
        titled = {code: title for code, title in texts.items() if title}
        status, closes = self._status(facts)
        return Row(
            id=facts.id,
            title=rules.in_language(titled, self.said.code, self.settings.languages),
            languages=_codes(texts),
            status=status,
            next=words.moment(closes, self.said) if closes is not None else NEVER,
            published=self._stamp(facts.publish_at),
            updated=self._stamp(facts.updated_at),
        )

    def _status(self, facts: Any) -> tuple[str, Any]:
        """Of a call with its next deadline, if there is one."""
        if facts.key_dates is None:
            return rules.state(facts, self.now), None
        soon = self.settings.closing_soon_days
        status = call_rules.status(facts, self.now, closing_soon_days=soon)
        return status, call_rules.next_deadline(facts.key_dates, self.now)

    def _stamp(self, at: dt.datetime | None) -> str:
        return self.said.stamp(at, self.zone) if at is not None else NEVER


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(sorted(texts)).upper()


def helpers() -> dict[str, Any]:
    """What pages that name entries ask of one."""
    return {
        "title_of": choices.title,
        "moment": words.moment,
        "key_date_name": words.key_date_name,
    }
