"""The list of calls, and the page of a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, request
from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.calls import dates, fit_queries, lists, neighbours
from feedsvc.calls import queries as calls
from feedsvc.calls.fit_words import Told
from feedsvc.calls.models import Call
from feedsvc.content import filters, profiles, workdays
from feedsvc.content import queries as content
from feedsvc.content.filters import BadFilter, Filter
from feedsvc.content.models import Entry
from feedsvc.content.profiles import Profile
from feedsvc.errors import BadRequest
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.context import FeedLink, Page
from feedsvc.web.public import answers, counted, meant, names, rows, share_cards
from feedsvc.web.views import call_page, cards, changes, editions, fit, qr, structured
from feedsvc.web.views import filters as view
from feedsvc.web.views.ahead import USUAL, Asked
from feedsvc.web.views.reader import Reader, here

blueprint = Blueprint("calls", __name__, template_folder="templates")

OF_THE_PAGE = ("after", "order")  # names in the query string that are no filter
RELATED = 4
LIST = "/calls/"
ORDER_NAMES = {
    "deadline": N_("Deadline"),
    "newest": N_("Newest"),
    "amount": N_("Funding cap"),
    "relevance": N_("Relevance"),
}


@blueprint.get(LIST)
@answers.kept
def call_list() -> str:
    reader = here()
    asked = filters.parse(request.args.items(multi=True), ignore=OF_THE_PAGE)
    order = _order(request.args.get("order") or "deadline")
    with counted.reading() as session:
        wanted = replace(content.checked_filter(session, asked), kind=None)
        if wanted != replace(asked, kind=None):  # a cluster that was renamed
            answers.moved(LIST, wanted.pairs())
        counter = counted.counter(session, wanted, reader.now)
        after, size = request.args.get("after"), context.settings().page_size
        ids, following = counter.page(order, after, size)
        named = names.facet_names(session, reader)
        chips = view.chips(wanted, named, LIST, reader)
        return context.render(
            "public/calls.html",
            page=_list_page(wanted, reader),
            wanted=wanted,
            order=order,
            order_names=ORDER_NAMES,
            kept=[
                *([("order", order)] if order != lists.ORDERS[0] else []),
                *wanted.profile.pairs(),
            ],
            total=counter.total(),
            rows=[
                cards.call_card(call, reader, wanted.q)
                for call in rows.calls(session, ids, whole=bool(wanted.q))
            ],
            next_page=_with(wanted, order, after=following, reader=reader) if following else "",
            is_first=not after,
            first_page=_with(wanted, order, reader=reader),
            orders=[
                (name, _with(wanted, name, reader=reader))
                for name in lists.ORDERS
                if name != "relevance" or wanted.q
            ],
            facets=view.facets(wanted, counter.facets(), named, reader),
            chips=chips,
            presets=view.presets(wanted, LIST, reader),
            meant=()
            if ids
            else meant.instead(
                session, wanted, LIST, lambda it: calls.count(session, it, reader.now), reader
            ),
            way_out=None if ids else view.way_out(wanted, counter.narrowest(), chips, LIST, reader),
            follow=view.follow(LIST, wanted, reader, mail=replace(wanted, kind="call")),
            changes=reader.path(
                urls.with_query(urls.CHANGES, wanted.standing().without("published").pairs())
            ),
        )


@blueprint.get("/calls/<slug:slug>")
@answers.kept
def call(slug: str) -> str:
    reader, asked, profile = here(), _asked(), _profile()
    with context.db().read() as session:
        found = calls.get(session, answers.entry_id(session, "call", slug))
        assert found is not None
        shown = call_page.call_page(found, reader, asked)
        told = changes.told(calls.events(session, found.id), found.currency, reader)
        beside = neighbours.related(session, found, reader.now)
        return context.render(
            "public/call.html",
            page=_page(found, shown, reader, (*profile.pairs(), *asked.pairs())),
            call=shown,
            changes=told,
            latest=changes.latest(told),
            editions=editions.editions(neighbours.editions(session, found, reader.now), reader),
            related=_related(session, found, beside, reader),
            news=[cards.news_card(entry, reader) for entry in beside if entry.kind == "news"],
            data=structured.grant(found, context.site_name(), reader),
            calendar=urls.feed(shown.local, "ics"),
            change_feed=urls.feed(urls.changes(reader.text(found).text.slug), "atom"),
            webcal=reader.webcal(urls.feed(shown.local, "ics")),
            offsets=context.settings().reminder_offsets,
            code=qr.code(reader.absolute(shown.local)),
            now=reader.now,
            profile=profile.pairs(),
            fits=_fits(session, found, profile, reader) if profile else (),
            fit_list=reader.path(urls.with_query(urls.FIT, profile.pairs())),
        )


def _order(name: str) -> str:
    if name not in lists.ORDERS:
        raise BadFilter(
            N_("“%(value)s” is no order. Choose from: %(known)s."),
            value=name[:60],
            known=", ".join(lists.ORDERS),
        )
    return name


def _with(wanted: Filter, order: str, *, reader: Reader, after: str | None = None) -> str:
    pairs = wanted.pairs()
    pairs += [("order", order)] if order != lists.ORDERS[0] else []
    pairs += [("after", after)] if after else []
    return reader.path(urls.with_query(LIST, pairs))


def _list_page(wanted: Filter, reader: Reader) -> Page:
    feeds = [
        FeedLink(reader.say(N_("Calls in this list")), urls.feed(LIST, "atom")),
        FeedLink(
            reader.say(N_("Calls in this list (RSS)")),
            urls.feed(LIST, "rss"),
            "application/rss+xml",
        ),
    ]
    return Page(
        title=reader.say(N_("Calls for projects")),
        path=urls.with_query(LIST, wanted.pairs()),
        description=reader.say(
            N_("Open, coming and closed calls for projects, with their deadlines.")
        ),
        section="calls",
        feeds=tuple(
            replace(feed, path=urls.with_query(feed.path, wanted.pairs())) for feed in feeds
        ),
    )


def _page(
    found: Call, shown: call_page.CallPage, reader: Reader, asked: Sequence[tuple[str, str]]
) -> Page:
    return Page(
        title=shown.title,
        path=shown.local,
        description=shown.summary,
        section="calls",
        alternates=reader.paths(found),
        translated=tuple(text.language for text in found.translations),
        asked=tuple(asked),
        feeds=(
            FeedLink(
                reader.say(N_("Dates of this call")), urls.feed(shown.local, "ics"), "text/calendar"
            ),
            FeedLink(
                reader.say(N_("Changes of this call")),
                urls.feed(urls.changes(reader.text(found).text.slug), "atom"),
            ),
        ),
        kind="article",
        image=share_cards.address(found, reader),
    )


def _asked() -> Asked:
    """What the query string asks of the dates. Raises: BadRequest."""
    zone = request.args.get("zone", "")
    if zone and zone not in dates.zones():
        raise BadRequest(
            N_("“%(value)s” is no time zone. One is Europe/Luxembourg."), value=zone[:60]
        )
    return Asked(workdays.parse(request.args) or USUAL, zone)


def _profile() -> Profile:
    """For whom the page is, if the link that led here says so. Raises: BadFilter."""
    pairs = request.args.items(multi=True)
    return filters.parse(pair for pair in pairs if pair[0] in profiles.NAMES).profile


def _fits(session: Session, found: Call, profile: Profile, reader: Reader) -> tuple[Told, ...]:
    present = content.present_profile(session, profile)
    mentions = fit_queries.mentions(session, [found.id], present.themes).get(found.id, ())
    clusters = names.facet_names(session, reader)["cluster"]
    return fit.reasons(found, mentions, present, clusters, reader)


def _related(
    session: Session, found: Call, beside: Sequence[Entry], reader: Reader
) -> list[cards.CallCard]:
    """The calls that the editor chose, else those of the same clusters that close next."""
    chosen = calls.by_ids(session, [entry.id for entry in beside if entry.kind == "call"])
    if not chosen and found.clusters:
        wanted = Filter(cluster=tuple(c.slug for c in found.clusters), status=("open", "forecast"))
        near = lists.page(session, wanted, now=reader.now, limit=RELATED + 1)
        chosen = [call for call in near.items if call.id != found.id]
    return [cards.call_card(call, reader) for call in chosen[:RELATED]]
