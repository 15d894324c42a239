"""The clusters, and the page of each: its history, its news, its calls, its feeds."""

from __future__ import annotations

from flask import Blueprint

from feedsvc import urls
from feedsvc.calls import lists
from feedsvc.calls import queries as calls
from feedsvc.content import addresses
from feedsvc.content import queries as content
from feedsvc.content.addresses import Moved
from feedsvc.content.filters import Filter
from feedsvc.content.models import Cluster
from feedsvc.errors import NotFound
from feedsvc.i18n import N_
from feedsvc.news import queries as news
from feedsvc.web import context
from feedsvc.web.context import FeedLink, Page
from feedsvc.web.public import answers, counted
from feedsvc.web.views import cards, cluster_page
from feedsvc.web.views import filters as view
from feedsvc.web.views.reader import here

blueprint = Blueprint("clusters", __name__, template_folder="templates")

CALLS, NEWS = 5, 6  # shown on a cluster's page


@blueprint.get("/clusters/")
@answers.kept
def cluster_list() -> str:
    reader = here()
    with context.db().read() as session:
        found_open = counted.counter(session, Filter(status=("open",)), reader.now).facets()[
            "cluster"
        ]
        found = [
            cluster_page.cluster_card(cluster, reader, found_open.get(cluster.slug, 0))
            for cluster in content.clusters(session)
        ]
    page = Page(
        title=reader.say(N_("Clusters")),
        path="/clusters/",
        description=reader.say(N_("The sectors in which companies and researchers work together.")),
        section="clusters",
    )
    return context.render("public/clusters.html", page=page, clusters=found)


@blueprint.get("/clusters/<slug:slug>")
@answers.kept
def cluster(slug: str) -> str:
    reader = here()
    with context.db().read() as session:
        found = addresses.resolve_cluster(session, slug)
        if isinstance(found, Moved):
            answers.moved(urls.cluster(found.slug))
        row = session.get(Cluster, found.id)
        if row is None:
            raise NotFound(N_("There is no page at this address."))
        wanted = Filter(cluster=(row.slug,))
        coming = Filter(cluster=(row.slug,), status=("open", "forecast"))
        shown = cluster_page.cluster_page(row, reader)
        return context.render(
            "public/cluster.html",
            page=_page(shown),
            cluster=shown,
            calls=[
                cards.call_card(call, reader)
                for call in lists.page(session, coming, now=reader.now, limit=CALLS).items
            ],
            all_calls=calls.count(session, wanted, reader.now),
            news=[
                cards.news_card(item, reader)
                for item in news.page(session, wanted, now=reader.now, limit=NEWS).items
            ],
            follow=view.follow(urls.cluster(row.slug), Filter(), reader, mail=wanted),
        )


def _page(shown: cluster_page.ClusterPage) -> Page:
    local = urls.cluster(shown.slug)
    return Page(
        title=shown.name,
        path=local,
        description=shown.summary,
        section="clusters",
        feeds=(
            FeedLink(shown.name, urls.feed(local, "atom")),
            FeedLink(f"{shown.name} (RSS)", urls.feed(local, "rss"), "application/rss+xml"),
        ),
    )
