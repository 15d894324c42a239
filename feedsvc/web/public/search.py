"""Search: one question, calls and news that answer it, the words marked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, request
from sqlalchemy.orm import Session

from feedsvc import markup, urls
from feedsvc.calls import lists
from feedsvc.calls import queries as calls
from feedsvc.content import conditions, filters
from feedsvc.content import queries as content
from feedsvc.content.filters import Filter
from feedsvc.content.models import Entry
from feedsvc.i18n import N_
from feedsvc.news import queries as news
from feedsvc.search import highlight
from feedsvc.search.highlight import Segment
from feedsvc.web import context
from feedsvc.web.context import FeedLink, Page
from feedsvc.web.public import answers
from feedsvc.web.views import cards
from feedsvc.web.views import filters as view
from feedsvc.web.views.cards import CallCard, NewsCard
from feedsvc.web.views.reader import Reader, here

blueprint = Blueprint("search", __name__, template_folder="templates")

SHOWN = 10  # of each kind


@dataclass(frozen=True)
class Hit:
    """An entry that answers: its card, its title and a piece of its text with the words marked."""

    card: CallCard | NewsCard
    title: tuple[Segment, ...]
    snippet: tuple[Segment, ...]


@blueprint.get("/search")
@answers.kept
def search() -> str:
    reader = here()
    asked = filters.parse(request.args.items(multi=True))
    with context.db().read() as session:
        wanted = content.checked_filter(session, asked)
        return context.render(
            "public/search.html",
            page=_page(wanted, reader),
            q=wanted.q,
            asked=bool(wanted.pairs()),
            conditions=conditions.in_words(
                session, wanted.without("q"), reader.language, context.settings().languages
            ),
            follow=view.follow("/search", wanted, reader, mail=replace(wanted, kind=None)),
            all_calls=reader.path(urls.with_query("/calls/", replace(wanted, kind=None).pairs())),
            all_news=reader.path(urls.with_query("/news/", replace(wanted, kind=None).pairs())),
            **_found(session, wanted, reader),
        )


def _found(session: Session, wanted: Filter, reader: Reader) -> dict[str, object]:
    """The hits of each kind, and how many there are in all."""
    if not wanted.pairs():
        return {"calls": [], "news": [], "call_count": 0, "news_count": 0}
    found_calls = lists.page(session, wanted, now=reader.now, limit=SHOWN).items
    found_news = news.page(session, wanted, now=reader.now, limit=SHOWN).items
    if wanted.kind == "news":
        found_calls = []
    if wanted.kind == "call":
        found_news = []
    return {
        "calls": [
            _hit(call, cards.call_card(call, reader), wanted.q, reader) for call in found_calls
        ],
        "news": [
            _hit(item, cards.news_card(item, reader), wanted.q, reader) for item in found_news
        ],
        "call_count": calls.count(session, wanted, reader.now) if found_calls else 0,
        "news_count": news.count(session, wanted, reader.now) if found_news else 0,
    }


def _hit(entry: Entry, card: CallCard | NewsCard, q: str, reader: Reader) -> Hit:
    text = reader.text(entry).text
    words = " ".join(
        markup.plain(part) for part in (text.summary, text.body, *text.sections.values())
    )
    return Hit(card, highlight.highlight(text.title, q), highlight.snippet(words, q))


def _page(wanted: Filter, reader: Reader) -> Page:
    title = reader.say(N_("Search"))
    if wanted.q:
        title = reader.say(N_("Search for “%(q)s”"), q=wanted.q)
    path = urls.with_query("/search", wanted.pairs())
    feed = urls.with_query(urls.feed("/search", "atom"), wanted.pairs())
    feeds = (FeedLink(title, feed),) if wanted.q else ()
    return Page(title=title, path=path, section="search", feeds=feeds, index=not wanted.q)
