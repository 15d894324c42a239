"""Key dates as the entries of a calendar: those of calls that match, and those to be struck.

What was called off of late is in every calendar that held it, wherever its call stands now: a
program that merges what it reads keeps for ever what only vanished (`calls.rules.in_calendars`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Select, func, or_, select, true
from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.calls import calendar, fit_queries, queries, struck
from feedsvc.calls.models import Call, StruckDate
from feedsvc.calls.rules import STRUCK_FOR
from feedsvc.content import queries as content_queries
from feedsvc.content import rules
from feedsvc.content.models import Entry
from feedsvc.feeds import moments, titles
from feedsvc.feeds.entries import View, entry_of
from feedsvc.feeds.following import followed, struck_uids
from feedsvc.feeds.model import FeedEntry
from feedsvc.feeds.moments import Moments
from feedsvc.feeds.outline import Outline, Ref, hub_of
from feedsvc.feeds.query import Query
from feedsvc.feeds.several import together
from feedsvc.i18n import ALL
from feedsvc.settings import Settings
from feedsvc.urls import Site

AT_A_TIME = 500  # rows loaded together
CALL, STRUCK = "call", "struck"


def outline_of(session: Session, query: Query, settings: Settings, now: datetime) -> Outline:
    soon = settings.closing_soon_days
    rows = session.execute(
        select(Entry.id, Entry.uid, Entry.revision)
        .where(or_(*(Entry.id.in_(ids) for ids in _matching(session, query, now, soon))))
        .order_by(Entry.publish_at.desc(), Entry.id.desc())
    )
    calls = [Ref(row.id, row.uid, CALL, row.revision, 0) for row in rows]
    dates = [Ref(row.id, row.uid, STRUCK, row.sequence, 0) for row in _struck(session, query, now)]
    head = replace(titles.head_of(session, query, settings), links=hub_of(query, settings))
    found = [
        moments.around(session, query, [], now, soon),
        *_ends(session, query, now),
    ]
    return Outline(head, (*calls, *dates), moments.together(found))


def entries_of(
    session: Session, query: Query, refs: Sequence[Ref], settings: Settings, now: datetime
) -> Iterator[tuple[Ref, FeedEntry]]:
    profile = query.filter.profile
    view = View(
        Site.of(settings), query.language, now,
        with_text=False, alarms=query.alarms, ahead=query.ahead, profile=profile,
    )  # fmt: skip
    for start in range(0, len(refs), AT_A_TIME):
        some = refs[start : start + AT_A_TIME]
        calls = {ref.id: ref for ref in some if ref.kind == CALL}
        dates = {ref.id: ref for ref in some if ref.kind == STRUCK}
        if calls:
            mentions = fit_queries.mentions(session, calls, profile.themes)
            for call in session.scalars(select(Call).where(Call.id.in_(calls))):
                yield calls[call.id], entry_of(call, replace(view, mentions=mentions))
        if dates:
            for date in session.scalars(select(StruckDate).where(StruckDate.id.in_(dates))):
                yield dates[date.id], _struck_entry(date, view)
        session.expunge_all()  # a long calendar must not hold every row at once


def _matching(
    session: Session, query: Query, now: datetime, closing_soon_days: int
) -> Iterator[Select[int]]:
    """The calls that match and were not called off long ago, and those just called off."""
    just = struck.is_shown(Call.cancelled_at, now)
    shown = or_(Call.cancelled_at.is_(None), just)
    if query.call_uid:
        yield select(Call.id).where(Call.uid == query.call_uid, content_queries.public(now), shown)
        return
    wanted = query.wanted
    whose = followed(session, query.own, now) if query.own else true()
    found = queries.matching(session, wanted, now, closing_soon_days=closing_soon_days)
    yield found.where(shown, whose)
    yield queries.matching(session, wanted.standing(), now).where(just, whose)


def _struck(session: Session, query: Query, now: datetime) -> Sequence[StruckDate]:
    if query.call_uid:
        return struck.of_call(session, query.call_uid, now)
    found = struck.matching(session, query.wanted, now)
    if query.own is None:
        return found
    whose = struck_uids(session, query.own, now)
    return [row for row in found if row.uid in whose]


def _ends(session: Session, query: Query, now: datetime) -> Iterator[Moments]:
    """When a date that was called off left the calendars, or will."""
    for at, uid in ((Call.cancelled_at, Call.uid), (StruckDate.called_off_at, StruckDate.call_uid)):
        stays = struck.is_shown(at, now)
        ends = select(func.max(at).filter(at <= now - STRUCK_FOR), func.min(at).filter(stays))
        past, coming = session.execute(
            ends.where(uid == query.call_uid) if query.call_uid else ends
        ).one()
        yield Moments(past and past + STRUCK_FOR, coming and coming + STRUCK_FOR)


def _struck_entry(date: StruckDate, view: View) -> FeedEntry:
    if view.language != ALL:
        return _in_language(date, view)
    codes = [code for code in view.site.languages if code in date.titles]
    forms = [replace(view, language=code) for code in codes or view.site.languages[:1]]
    return together([_in_language(date, form) for form in forms])


def _in_language(date: StruckDate, view: View) -> FeedEntry:
    languages = view.site.languages
    title = rules.in_language(date.titles, view.language, languages)
    slug = rules.in_language(date.slugs, view.language, languages)
    url = view.site.absolute(urls.call(slug), view.language)
    event = calendar.struck_event(date, title=title, url=url, language=view.said)
    return FeedEntry(
        uid=date.uid,
        url=url,
        title=title,
        summary="",
        content="",
        language=view.language,
        published=date.published_at,
        updated=date.called_off_at,
        events=calendar.with_days_ahead([event], title, view.ahead, view.said),
    )
