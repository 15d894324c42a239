"""The rows of a list: what a table shows of each entry, and nothing else that there is of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.calls import rules as call_rules
from feedsvc.calls import words
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import rules
from feedsvc.content.models import Entry, Translation
from feedsvc.web import context
from feedsvc.web.admin import choices, lists

NAMES = {**lists.STATES, **words.STATUS_NAMES}
CALLS = Call.__table__.c
OF_ENTRIES = (Entry.id, Entry.publish_at, Entry.withdrawn_at, Entry.review, Entry.updated_at)
OF_CALLS = (
    CALLS.opens_at, CALLS.closes_at, CALLS.cancelled_at, CALLS.suspended_at, CALLS.close_reason,
    CALLS.deadline_model,
)  # fmt: skip
OF_DATES = (
    KeyDate.call_id, KeyDate.local_date, KeyDate.local_time, KeyDate.zone, KeyDate.precision,
    KeyDate.certainty, KeyDate.is_deadline, KeyDate.utc_at,
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One entry; `status` is that of a call, and the state of a news item. `next` is when a call
    closes next, in words."""

    id: int
    title: str
    languages: str
    status: str
    next: str
    publish_at: dt.datetime | None
    updated_at: dt.datetime


def rows(session: Session, ids: Sequence[int], kind: str) -> list[Row]:
    """The entries with these numbers, in this order."""
    texts: dict[int, dict[str, str]] = defaultdict(dict)
    named = select(Translation.entry_id, Translation.language, Translation.title)
    for number, code, title in session.execute(named.where(Translation.entry_id.in_(ids))):
        texts[number][code] = title
    facts = _calls(session, ids) if kind == "call" else _entries(session, ids)
    return [_row(facts[number], texts[number]) for number in ids if number in facts]


def _entries(session: Session, ids: Sequence[int]) -> dict[int, Any]:
    found = session.execute(select(*OF_ENTRIES).where(Entry.id.in_(ids))).mappings()
    return {row["id"]: SimpleNamespace(**row, key_dates=None) for row in found}


def _calls(session: Session, ids: Sequence[int]) -> dict[int, Any]:
    """With the deadlines that are ahead."""
    dates = ahead(session, ids, context.now())
    query = select(*OF_ENTRIES, *OF_CALLS).join(Call.__table__, CALLS.id == Entry.id)
    return {
        row["id"]: SimpleNamespace(**row, key_dates=dates[row["id"]])
        for row in session.execute(query.where(Entry.id.in_(ids))).mappings()
    }


def ahead(session: Session, ids: Sequence[int], now: dt.datetime) -> Mapping[int, list[Any]]:
    """The deadlines of calls that have not passed."""
    found: dict[int, list[Any]] = defaultdict(list)
    dates = select(*OF_DATES).where(
        KeyDate.call_id.in_(ids), KeyDate.is_deadline.is_(True), KeyDate.utc_at > now
    )
    for date in session.execute(dates):
        found[date.call_id].append(date)
    return found


def _row(facts: Any, texts: Mapping[str, str]) -> Row:
    now, said = context.now(), context.lang()
    titled = {code: title for code, title in texts.items() if title}
    status, closes = rules.state(facts, now), None
    if facts.key_dates is not None:
        soon = context.settings().closing_soon_days
        status = call_rules.status(facts, now, closing_soon_days=soon)
        closes = call_rules.next_deadline(facts.key_dates, now)
    return Row(
        id=facts.id,
        title=rules.in_language(titled, said.code, context.settings().languages),
        languages=_codes(texts),
        status=status,
        next=words.moment(closes, said) if closes is not None else "",
        publish_at=facts.publish_at,
        updated_at=facts.updated_at,
    )


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(sorted(texts)).upper()


def helpers() -> dict[str, Any]:
    """What pages that name entries ask of one."""
    return {
        "title_of": choices.title,
        "moment": words.moment,
        "key_date_name": words.key_date_name,
    }
