"""The front page: what closes next, and the latest news."""

from __future__ import annotations

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc import urls
from feedsvc.calls import lists
from feedsvc.calls import queries as calls
from feedsvc.content import queries as content
from feedsvc.content.filters import Filter
from feedsvc.i18n import N_
from feedsvc.news import queries as news
from feedsvc.web import context
from feedsvc.web.context import FeedLink, Page
from feedsvc.web.public import answers, arrival
from feedsvc.web.views import cards, cluster_page, structured
from feedsvc.web.views.filters import Chip
from feedsvc.web.views.reader import Reader, here

blueprint = Blueprint("home", __name__, template_folder="templates")

CALLS, NEWS = 6, 4
OPEN = Filter(status=("open",))
SOON = Filter(closes_within=30)
AHEAD = Filter(status=("forecast",))


@blueprint.get("/")
def home() -> Response:
    """In the language of its address, or for a first visit in that of the browser."""
    answer = arrival.elsewhere(request) or _home()
    answer.vary.update(arrival.VARY)
    return answer


@answers.kept_in_part
def _home() -> str:
    reader = here()
    with context.db().read() as session:
        coming = lists.page(session, OPEN, now=reader.now, limit=CALLS).items
        rows = [cards.call_card(call, reader) for call in coming if call.closes_at is not None]
        latest = news.page(session, Filter(), now=reader.now, limit=NEWS).items
        return context.render(
            "public/home.html",
            page=_page(reader),
            soonest=rows[0] if rows else None,
            rows=rows[1:],
            items=[cards.news_card(item, reader) for item in latest],
            clusters=[
                cluster_page.cluster_card(cluster, reader) for cluster in content.clusters(session)
            ],
            ways_in=_ways_in(session, reader),
            data=structured.website(context.site_name(), reader),
        )


def _ways_in(session: Session, reader: Reader) -> list[Chip]:
    """Short cuts into the list of calls, each with its number; none that leads nowhere."""

    def number(wanted: Filter) -> int:
        return calls.count(session, wanted, reader.now)

    found = []
    if open_now := number(OPEN):
        found.append(
            _way(reader.ngettext("%(n)s open call", "%(n)s open calls", open_now), OPEN, reader)
        )
    if soon := number(SOON):
        label = reader.ngettext("%(n)s closes within 30 days", "%(n)s close within 30 days", soon)
        found.append(_way(label, SOON, reader))
    if ahead := number(AHEAD):
        found.append(
            _way(reader.ngettext("%(n)s opens soon", "%(n)s open soon", ahead), AHEAD, reader)
        )
    return found


def _way(label: str, wanted: Filter, reader: Reader) -> Chip:
    return Chip(label, reader.path(urls.with_query("/calls/", wanted.pairs())))


def _page(reader: Reader) -> Page:
    return Page(
        title=context.site_name(),
        path="/",
        description=reader.say(
            N_("Calls for projects, their deadlines, and news of the clusters.")
        ),
        section="home",
        feeds=(
            FeedLink(reader.say(N_("News")), urls.feed("/news/", "atom")),
            FeedLink(reader.say(N_("Calls")), urls.feed("/calls/", "atom")),
        ),
    )
