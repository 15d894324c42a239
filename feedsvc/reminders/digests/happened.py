"""Find what is new and what changed lately, once for everybody, and which filters find it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedsvc.auth.models import History
from feedsvc.calls import rules as call_rules
from feedsvc.calls.models import Call, CallEvent
from feedsvc.content import queries as content
from feedsvc.content.models import Entry
from feedsvc.news.models import NewsItem
from feedsvc.reminders import followers
from feedsvc.reminders.digests.rules import OVERLAP, Happened

FRESH = timedelta(days=7)  # news that were dated longer ago when they appeared are none
RUNNING = ("forecast", "open", "closing_soon")


@dataclass
class Lately:
    """Entries by id and what came of them, and by stored filter that of those which it finds."""

    entries: dict[int, Entry] = field(default_factory=dict)
    happened: dict[int, Happened] = field(default_factory=dict)
    by_filter: dict[int, list[Happened]] = field(default_factory=dict)

    @property
    def latest(self) -> list[tuple[int, datetime]]:
        """The filters with what they last found, the newest first."""
        found = [(key, max(one.last_at for one in rows)) for key, rows in self.by_filter.items()]
        return sorted(found, key=lambda row: (row[1], row[0]), reverse=True)


def since(session: Session, after: datetime, now: datetime) -> Lately:
    """What became public or changed after that instant, up to now."""
    after -= OVERLAP
    appeared, events = _appeared(session, after, now), _events(session, after, now)
    lately = Lately({row.id: row for row in _entries(session, {*appeared, *events}, now)})
    audiences = followers.audiences(session, lately.entries.keys())
    for row in lately.entries.values():
        one = _happened(row, appeared.get(row.id), tuple(events.get(row.id, ())), now)
        if one is not None:
            lately.happened[row.id] = one
            for filter_id in set(followers.filters(session, audiences[row.id])):
                lately.by_filter.setdefault(filter_id, []).append(one)
    return lately


def _appeared(session: Session, after: datetime, now: datetime) -> dict[int, datetime]:
    """By entry when it became public: an importer may date it back, an editor publish it again."""
    planned = select(Entry.id, Entry.publish_at).where(
        Entry.publish_at > after, Entry.publish_at <= now
    )
    acted = (
        select(History.subject_id, func.max(History.at))
        .where(
            History.at > after,
            History.at <= now,
            History.subject.in_(("call", "news")),
            History.act == "published",
        )
        .group_by(History.subject_id)
    )
    found: dict[int, datetime] = {}
    for entry_id, at in (*session.execute(planned), *session.execute(acted)):
        found[entry_id] = max(at, found.get(entry_id, at))
    return found


def _events(
    session: Session, after: datetime, now: datetime
) -> Mapping[int, list[tuple[int, datetime]]]:
    """By call what readers need to know of (ix_call_event_listing)."""
    rows = session.execute(
        select(CallEvent.call_id, CallEvent.id, CallEvent.at)
        .where(
            CallEvent.at > after,
            CallEvent.at <= now,
            CallEvent.material.is_(True),
            CallEvent.type.not_in(call_rules.SILENT),
        )
        .order_by(CallEvent.id)
    )
    found: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for call_id, number, at in rows:
        found[call_id].append((number, at))
    return found


def _entries(session: Session, ids: Iterable[int], now: datetime) -> list[Entry]:
    wanted = list(ids)
    return [
        row
        for kind in (Call, NewsItem)
        for row in session.scalars(select(kind).where(kind.id.in_(wanted), content.public(now)))
    ]


def _happened(
    row: Entry,
    appeared_at: datetime | None,
    events: tuple[tuple[int, datetime], ...],
    now: datetime,
) -> Happened | None:
    if isinstance(row, Call):
        over = call_rules.status(row, now) not in RUNNING
        return Happened(row.id, appeared_at, events, over)
    assert row.publish_at is not None, "it is public"
    if appeared_at is None or appeared_at > row.publish_at + FRESH:
        return None
    return Happened(row.id, appeared_at)
