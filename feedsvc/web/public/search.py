"""Search: one question, calls and news that answer it, the words marked."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, request
from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.calls import queries as calls
from feedsvc.content import counts, filters
from feedsvc.content import queries as content
from feedsvc.content.filters import Filter
from feedsvc.i18n import N_
from feedsvc.news import queries as news
from feedsvc.web import context
from feedsvc.web.context import FeedLink, Page
from feedsvc.web.public import answers, counted, meant, names
from feedsvc.web.views import cards
from feedsvc.web.views import filters as view
from feedsvc.web.views.reader import Reader, here

blueprint = Blueprint("search", __name__, template_folder="templates")

PATH = "/search"
SHOWN = 10  # of each kind
OFFERED = ("kind", "cluster", "published_within")  # in the form


@blueprint.get("/search")
@answers.kept
def search() -> str:
    reader = here()
    asked = filters.parse(request.args.items(multi=True))
    with counted.reading() as session:
        wanted = content.checked_filter(session, asked)
        found = _found(session, wanted, reader)
        named = names.facet_names(session, reader)
        chips = view.chips(wanted, named, PATH, reader)
        count = partial(_count, session, reader=reader)
        if wanted.q and not found["count"]:
            agent = request.headers.get("User-Agent", "")
            context.runtime().counted.nothing_found(wanted.q, agent)
        return context.render(
            "public/search.html",
            page=_page(wanted, reader),
            q=wanted.q,
            asked=bool(wanted.pairs()),
            facets=_facets(session, wanted, named, reader),
            chips=chips,
            kept=[pair for pair in wanted.pairs() if pair[0] not in OFFERED],
            meant=() if found["count"] else meant.instead(session, wanted, PATH, count, reader),
            way_out=None
            if found["count"]
            else view.way_out(wanted, view.narrowest(wanted, count), chips, PATH, reader),
            follow=view.follow(PATH, wanted, reader, mail=replace(wanted, kind=None)),
            all_calls=reader.path(urls.with_query("/calls/", replace(wanted, kind=None).pairs())),
            all_news=reader.path(urls.with_query("/news/", replace(wanted, kind=None).pairs())),
            **found,
        )


def _found(session: Session, wanted: Filter, reader: Reader) -> dict[str, Any]:
    """The hits of each kind, and how many there are in all."""
    found_calls, found_news, call_count, news_count = [], [], 0, 0
    if wanted.pairs() and wanted.kind != "news":
        counter = counted.counter(session, wanted, reader.now)
        call_count, (ids, _) = counter.total(), counter.page("relevance", None, SHOWN)
        rows = calls.by_ids(session, ids)
        found_calls = [cards.call_card(call, reader, wanted.q) for call in rows]
    if wanted.pairs() and wanted.kind != "call":
        items = news.page(session, wanted, now=reader.now, limit=SHOWN).items
        news_count = news.count(session, wanted, reader.now)
        found_news = [cards.news_card(item, reader, wanted.q) for item in items]
    return {
        "calls": found_calls,
        "news": found_news,
        "call_count": call_count,
        "news_count": news_count,
        "count": call_count + news_count,
    }


def _facets(
    session: Session, wanted: Filter, named: view.Names, reader: Reader
) -> tuple[view.Facet, ...]:
    """Of what both kinds have; what only calls have is chosen beside the list of calls."""
    if not wanted.pairs():
        return ()
    found = dict(counts.facets(session, wanted, reader.now))
    if wanted.only_calls:
        del found["kind"]
    return view.facets(wanted, found, named, reader)


def _count(session: Session, wanted: Filter, *, reader: Reader) -> int:
    """How many there are of both kinds."""
    found = news.count(session, wanted, reader.now) if wanted.kind != "call" else 0
    if wanted.kind != "news":
        found += counted.counter(session, wanted, reader.now).total()
    return found


def _page(wanted: Filter, reader: Reader) -> Page:
    title = reader.say(N_("Search"))
    if wanted.q:
        title = reader.say(N_("Search for “%(q)s”"), q=wanted.q)
    path = urls.with_query(PATH, wanted.pairs())
    feed = urls.with_query(urls.feed(PATH, "atom"), wanted.pairs())
    feeds = (FeedLink(title, feed),) if wanted.q else ()
    return Page(title=title, path=path, section="search", feeds=feeds, index=not wanted.q)
