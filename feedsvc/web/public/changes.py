"""What has changed in calls: extended, brought forward, reopened, cancelled, other money."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, request

from feedsvc import urls
from feedsvc.calls import event_queries as events
from feedsvc.content import filters
from feedsvc.content import queries as content
from feedsvc.content.filters import Filter
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.context import FeedLink, Page
from feedsvc.web.public import answers
from feedsvc.web.public.names import facet_names
from feedsvc.web.views import cards, changes
from feedsvc.web.views import filters as view
from feedsvc.web.views.reader import Reader, here

blueprint = Blueprint("changes", __name__, template_folder="templates")

LIST = urls.CHANGES


@blueprint.get(LIST)
@answers.kept
def change_list() -> str:
    reader = here()
    asked = events.checked(filters.parse(request.args.items(multi=True), ignore=("after",)))
    after = request.args.get("after")
    with context.db().read() as session:
        wanted = replace(content.checked_filter(session, asked), kind=None)
        if wanted != replace(asked, kind=None):  # a cluster that was renamed
            answers.moved(LIST, wanted.pairs())
        size = context.settings().page_size
        found = events.page(session, wanted, now=reader.now, after=after, limit=size)
        others = wanted.without("cluster")
        return context.render(
            "public/changes.html",
            page=_page(wanted, reader),
            wanted=wanted,
            total=events.count(session, wanted, reader.now),
            rows=[changes.row(event, call, reader) for event, call in found.items],
            tags=[
                (
                    cards.tag(cluster, reader),
                    _address(replace(others, cluster=(cluster.slug,)), reader),
                )
                for cluster in content.clusters(session)
            ],
            any_cluster=_address(others, reader),
            chips=view.chips(others, facet_names(session, reader), LIST, reader),
            next_page=_address(wanted, reader, after=found.next) if found.next else "",
            first_page=_address(wanted, reader),
            is_first=not after,
            follow=view.follow(LIST, wanted, reader, mail=replace(wanted, kind="call")),
            calls=reader.path(urls.with_query("/calls/", wanted.pairs())),
        )


@blueprint.get("/calls/<slug:slug>/changes")
def of_call(slug: str) -> str:
    """The changes of a call stand on its page; its feeds have this address and an extension."""
    with context.db().read() as session:
        answers.entry_id(session, "call", slug, under="changes")
    answers.moved(urls.call(slug) + "#changes")


def _page(wanted: Filter, reader: Reader) -> Page:
    def feed(extension: str) -> str:
        return urls.with_query(urls.feed(LIST, extension), wanted.pairs())

    return Page(
        title=reader.say(N_("Changes to calls")),
        path=urls.with_query(LIST, wanted.pairs()),
        description=reader.say(
            N_("Deadlines that moved, calls that were cancelled or reopened, other amounts.")
        ),
        section="calls",
        feeds=(
            FeedLink(reader.say(N_("Changes in this list")), feed("atom")),
            FeedLink(
                reader.say(N_("Changes in this list (RSS)")), feed("rss"), "application/rss+xml"
            ),
        ),
    )


def _address(wanted: Filter, reader: Reader, *, after: str | None = None) -> str:
    pairs = [*wanted.pairs(), *([("after", after)] if after else [])]
    return reader.path(urls.with_query(LIST, pairs))
