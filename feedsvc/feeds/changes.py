"""What happened to calls as the entries of a feed: each change once, with the old and the new.

A change is an entry of its own, because many readers never show that an entry was edited. It stays
as it was published. Its `updated` moves when its call is given another title; what it says of the
call as it stands now follows quietly, for whatever matters there is a change of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from feedsvc import i18n, urls
from feedsvc.calls import event_queries, event_words
from feedsvc.calls.models import Call, CallEvent, KeyDate
from feedsvc.content import rules
from feedsvc.feeds import content, moments, paging, titles
from feedsvc.feeds.entries import View, call_of, categories_of
from feedsvc.feeds.model import NEVER, FeedEntry
from feedsvc.feeds.outline import Outline, Ref, hub_of
from feedsvc.feeds.query import Query
from feedsvc.feeds.several import together
from feedsvc.i18n import ALL, Language
from feedsvc.settings import Settings
from feedsvc.urls import Site

CHANGE = "change"
BY_TITLE = func.coalesce(Call.retitled_at, CallEvent.at)


def outline_of(session: Session, query: Query, settings: Settings, now: datetime) -> Outline:
    matching = _matching(session, query, now)
    size = settings.feed_size
    rows = session.execute(_listed(query, matching).limit(size + 1)).all()
    ids, shown = paging.shown(session, query, [row.id for row in rows], size)
    rows = rows[: len(ids)]
    calls = {row.call_id for row in rows}
    passed = _passed(session, calls, now)
    links = paging.links(session, query, matching, shown, Site.of(settings), size=size)
    head = replace(
        titles.head_of(session, query, settings),
        updated=max((max(row.at, row.by_title) for row in rows), default=NEVER),
        links=(*hub_of(query, settings), *links),
    )
    return Outline(
        head,
        tuple(
            Ref(row.id, row.uid, CHANGE, row.revision, passed.get(row.call_id, 0)) for row in rows
        ),
        moments.together(
            [
                moments.around_date(session, KeyDate.call_id.in_(calls), moments.AT_ONCE, now),
                moments.departures(session, now),
            ]
        ),
    )


def entries_of(
    session: Session, query: Query, refs: Sequence[Ref], settings: Settings, now: datetime
) -> Iterator[tuple[Ref, FeedEntry]]:
    view = View(Site.of(settings), query.language, now, with_events=False)
    wanted = {ref.id: ref for ref in refs}
    events = session.scalars(select(CallEvent).where(CallEvent.id.in_(wanted))).all()
    for event, call in event_queries.with_calls(session, events, selectinload(Call.attachments)):
        yield wanted[event.id], _entry_of(event, call, view)


def _matching(session: Session, query: Query, now: datetime) -> Select[int]:
    if query.call_uid:
        return event_queries.news_of(query.call_uid, now)
    return event_queries.news(session, query.filter, now)


def _listed(query: Query, matching: Select[int]) -> Select[int, str, datetime, int, int, datetime]:
    """The changes from the newest to the oldest, each with the revision of its call."""
    listed = (
        select(
            CallEvent.id, CallEvent.uid, CallEvent.at, CallEvent.call_id, Call.revision,
            BY_TITLE.label("by_title"),
        )
        .join(Call, Call.id == CallEvent.call_id)
        .where(CallEvent.id.in_(matching))
        .order_by(CallEvent.at.desc(), CallEvent.id.desc())
    )  # fmt: skip
    if query.before is None:
        return listed
    return listed.where(event_queries.CHANGES.older_than(query.before))


def _passed(session: Session, calls: set[int], now: datetime) -> dict[int, int]:
    """How many key dates of each call are behind it."""
    rows = session.execute(
        select(KeyDate.call_id, func.count())
        .where(KeyDate.utc_at <= now, KeyDate.call_id.in_(calls))
        .group_by(KeyDate.call_id)
    )
    return {call_id: int(number) for call_id, number in rows}


def _entry_of(event: CallEvent, call: Call, view: View) -> FeedEntry:
    if view.language != ALL:
        return _in_language(event, call, view)
    written = {text.language for text in call.translations}
    codes = [code for code in view.site.languages if code in written] or view.site.languages[:1]
    return together([_in_language(event, call, replace(view, language=code)) for code in codes])


def _in_language(event: CallEvent, call: Call, view: View) -> FeedEntry:
    text = rules.localised(call.translations, view.language, view.site.languages).text
    page = view.site.absolute(urls.call(text.slug), view.language)
    url = f"{page}#{urls.change_anchor(event.uid)}"
    sentence = event_words.sentence(event, call.currency, view.said)
    reason = event_words.reason(event, view.said, view.site.languages)
    facts = call_of(call, page, view)
    now = view.said.gettext("The call as it stands now")
    link = f'<p><a href="{escape(url)}">{escape(text.title)}</a></p>'
    return FeedEntry(
        uid=event.uid,
        url=url,
        title=event_words.title(event, text.title, call.currency, view.said),
        summary=" ".join([sentence, *([reason.text] if reason else [])]),
        content="\n".join(
            [
                f"<p><strong>{escape(sentence)}</strong></p>",
                *([_reason(reason, view.said)] if reason else []),
                link,
                f"<h2>{escape(now)}</h2>",
                content.facts(facts, view.said),
            ]
        ),
        language=view.language,
        published=event.at,
        number=event.id,
        updated=max(event.at, call.retitled_at or event.at),
        categories=tuple(categories_of(call, view)),
        call=replace(facts, uid=call.uid),
    )


def _reason(reason: event_words.Reason, said: Language) -> str:
    """The editor's words; those of another language are marked."""
    text = escape(reason.text)
    if reason.language == said.code:
        return f"<p>{text}</p>"
    name = escape(i18n.language(reason.language).name)
    return f'<p lang="{reason.language}">{text} ({name})</p>'
