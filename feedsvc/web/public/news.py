"""The list of news, and an article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from flask import Blueprint, request
from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.calls import neighbours
from feedsvc.calls import queries as calls
from feedsvc.content import conditions, counts, filters
from feedsvc.content import queries as content
from feedsvc.content import rules as entry_rules
from feedsvc.content.filters import Filter
from feedsvc.content.media import words as media_words
from feedsvc.content.models import Entry
from feedsvc.i18n import N_
from feedsvc.news import queries as news
from feedsvc.news.models import NewsItem
from feedsvc.web import context
from feedsvc.web.context import FeedLink, Page
from feedsvc.web.public import answers, names, share_cards
from feedsvc.web.views import archive, cards, documents, pictures, reading, structured
from feedsvc.web.views import filters as view
from feedsvc.web.views.cards import CallCard, NewsCard
from feedsvc.web.views.reader import Reader, here

blueprint = Blueprint("news", __name__, template_folder="templates")

RELATED = 3
LIST = "/news/"
OFFERED = ("cluster", "published_within", "q")  # in the form


@blueprint.get(LIST)
@answers.kept
def news_list() -> str:
    reader = here()
    asked = filters.parse(request.args.items(multi=True), ignore=("after",))
    after = request.args.get("after")
    with context.db().read(limit=answers.LIMIT) as session:
        wanted = replace(content.checked_filter(session, asked), kind=None)
        if wanted != replace(asked, kind=None):  # a cluster that was renamed
            answers.moved(LIST, wanted.pairs())
        size = context.settings().page_size
        found = news.page(session, wanted, now=reader.now, after=after, limit=size)
        named = names.facet_names(session, reader)
        chips = view.chips(wanted, named, LIST, reader)
        count = partial(news.count, session, now=reader.now)
        return context.render(
            "public/news.html",
            page=_list_page(wanted, reader),
            wanted=wanted,
            total=count(wanted),
            items=[cards.news_card(item, reader, wanted.q) for item in found.items],
            facets=_facets(session, wanted, named, reader),
            chips=chips,
            kept=[pair for pair in wanted.pairs() if pair[0] not in OFFERED],
            way_out=None
            if found.items
            else view.way_out(wanted, view.narrowest(wanted, count), chips, LIST, reader),
            next_page=_next(wanted, found.next, reader),
            is_first=not after,
            archive=archive.years(news.months(session, wanted, reader.now), wanted, LIST, reader),
            follow=view.follow(
                LIST, wanted, reader, mail=Filter(kind="news", cluster=wanted.cluster, q=wanted.q)
            ),
        )


@blueprint.get("/news/<slug:slug>")
@answers.kept
def article(slug: str) -> str:
    reader = here()
    with context.db().read() as session:
        item = news.get(session, answers.entry_id(session, "news", slug))
        assert item is not None
        found = reader.text(item)
        beside = neighbours.related(session, item, reader.now)
        return context.render(
            "public/article.html",
            page=_page(item, reader),
            item=cards.news_card(item, reader),
            text=found.text,
            pieces=reading.pieces(found.text),
            foreign=reader.foreign(found),
            photo=pictures.whole(item.photo, reader.media) if item.photo else None,
            credit=media_words.credit(item),
            documents=documents.of(item, reader),
            updated=entry_rules.updated(item),
            related=_related(session, item, beside, reader),
            calls=_related_calls(session, beside, reader),
            data=structured.article(item, context.site_name(), reader),
        )


def _list_page(wanted: Filter, reader: Reader) -> Page:
    def feed(extension: str) -> str:
        return urls.with_query(urls.feed(LIST, extension), wanted.pairs())

    time = conditions.published(wanted, reader.language)
    title = reader.say(N_("News"))
    return Page(
        title=reader.say("%(name)s: %(value)s", name=title, value=time) if time else title,
        path=urls.with_query(LIST, wanted.pairs()),
        description=reader.say(N_("What is new, from the agency and its clusters.")),
        section="news",
        feeds=(
            FeedLink(reader.say(N_("News in this list")), feed("atom")),
            FeedLink(reader.say(N_("News in this list (RSS)")), feed("rss"), "application/rss+xml"),
        ),
    )


def _page(item: NewsItem, reader: Reader) -> Page:
    found = reader.text(item)
    return Page(
        title=found.text.title,
        path=urls.news_item(found.text.slug),
        description=cards.summary(found),
        section="news",
        alternates=reader.paths(item),
        translated=tuple(text.language for text in item.translations),
        feeds=(FeedLink(reader.say(N_("News")), urls.feed(LIST, "atom")),),
        kind="article",
        image=share_cards.address(item, reader),
    )


def _facets(
    session: Session, wanted: Filter, named: view.Names, reader: Reader
) -> tuple[view.Facet, ...]:
    """What news have to choose by. Months stand beside it as the archive: they are a way to read."""
    if wanted.only_calls:  # no news is left
        return ()
    found = counts.facets(session, replace(wanted, kind="news"), reader.now)
    offered = {name: values for name, values in found.items() if name in OFFERED}
    return view.facets(wanted, offered, named, reader)


def _next(wanted: Filter, after: str | None, reader: Reader) -> str:
    if not after:
        return ""
    return reader.path(urls.with_query(LIST, [*wanted.pairs(), ("after", after)]))


def _related(
    session: Session, item: NewsItem, beside: Sequence[Entry], reader: Reader
) -> list[NewsCard]:
    """The items that the editor chose, filled up with the latest of the same clusters."""
    chosen = [entry.id for entry in beside if entry.kind == "news"]
    near = Filter(cluster=tuple(cluster.slug for cluster in item.clusters))
    latest = news.page(session, near, now=reader.now, limit=RELATED + 1).items
    ids = dict.fromkeys([*chosen, *(other.id for other in latest)])
    found = news.by_ids(session, [number for number in ids if number != item.id][:RELATED])
    return [cards.news_card(other, reader) for other in found]


def _related_calls(session: Session, beside: Sequence[Entry], reader: Reader) -> list[CallCard]:
    found = calls.by_ids(session, [entry.id for entry in beside if entry.kind == "call"])
    return [cards.call_card(call, reader) for call in found]
