"""Read news: pages by keyset, newest first, and the months that have any."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Select, SQLColumnExpression, String, false, func, select
from sqlalchemy.orm import Session

from feedsvc.content import queries as content_queries
from feedsvc.content.cursors import Cursor
from feedsvc.content.filters import Filter
from feedsvc.content.queries import Page
from feedsvc.news.models import NewsItem


def matching(session: Session, wanted: Filter, now: dt.datetime) -> Select[int]:
    """Ids of the public news items that match; none where only calls can."""
    ids = content_queries.matching(session, replace(wanted, kind="news"), now)
    return ids.where(false()) if wanted.only_calls else ids


def page(
    session: Session,
    wanted: Filter,
    *,
    now: dt.datetime,
    after: str | None = None,
    limit: int = 20,
) -> Page[NewsItem]:
    """A page, newest first. Raises: BadRequest for a cursor that was not made here."""
    query = (
        select(NewsItem)
        .where(NewsItem.id.in_(matching(session, wanted, now)))
        .order_by(NewsItem.publish_at.desc(), NewsItem.id.desc())
        .limit(limit + 1)
    )
    if after:
        query = query.where(content_queries.ENTRIES.older_than(Cursor.parse(after)))
    rows = session.scalars(query).all()
    return Page(rows[:limit], _cursor_text(rows[limit - 1]) if len(rows) > limit else None)


def count(session: Session, wanted: Filter, now: dt.datetime) -> int:
    ids = matching(session, wanted, now).subquery()
    return session.scalar(select(func.count()).select_from(ids)) or 0


def months(session: Session, wanted: Filter, now: dt.datetime) -> list[tuple[int, int, int]]:
    """The months (of UTC, as in `Filter.published`) that have news: year, month, how many.

    The newest comes first. What the filter says of the time is left out: these are to choose from.
    """
    ids = matching(session, wanted.without("published"), now)
    month = _month_of(session)
    rows = session.execute(
        select(month, func.count())
        .where(NewsItem.id.in_(ids))
        .group_by(month)
        .order_by(month.desc())
    )
    return [(int(text[:4]), int(text[5:]), number) for text, number in rows]


def _month_of(session: Session) -> SQLColumnExpression[str]:
    """`2026-03`: each database has a function of its own for that."""
    if session.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", NewsItem.publish_at), "YYYY-MM", type_=String())
    return func.strftime("%Y-%m", NewsItem.publish_at, type_=String())


def get(session: Session, news_id: int) -> NewsItem | None:
    return session.get(NewsItem, news_id)


def by_ids(session: Session, ids: Sequence[int]) -> list[NewsItem]:
    """The items with those ids, in that order."""
    rows = {item.id: item for item in session.scalars(select(NewsItem).where(NewsItem.id.in_(ids)))}
    return [rows[entry_id] for entry_id in ids if entry_id in rows]


def _cursor_text(item: NewsItem) -> str:
    assert item.publish_at is not None
    return str(Cursor(item.publish_at, item.id))
