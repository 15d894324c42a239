"""The page that explains every feed to somebody who never used one."""

from __future__ import annotations

from flask import Blueprint

from feedsvc import urls
from feedsvc.content import queries as content
from feedsvc.feeds import vocabulary
from feedsvc.feeds.lists import OPML_PATH
from feedsvc.feeds.query import CALLS
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.context import FeedLink, Page
from feedsvc.web.public import answers
from feedsvc.web.views import cards, ways
from feedsvc.web.views.reader import Reader, here

blueprint = Blueprint("feed_page", __name__, template_folder="templates")


@blueprint.get("/feeds/")
@answers.kept
def feeds() -> str:
    reader = here()
    with context.db().read() as session:
        tags = [cards.tag(cluster, reader) for cluster in content.clusters(session)]
    return context.render(
        "public/feeds.html",
        page=_page(reader),
        everything=reader.absolute("/feed.atom"),
        deadlines=ways.calendar(CALLS, reader),
        lists=ways.lists(reader),
        clusters=ways.of_clusters(tags, reader),
        opml=reader.absolute(OPML_PATH),
        namespace=reader.path(vocabulary.PATH),
    )


def _page(reader: Reader) -> Page:
    return Page(
        title=reader.say(N_("Follow us your way")),
        path="/feeds/",
        description=reader.say(N_("News, calls and deadlines by feed, calendar, mail or table.")),
        section="feeds",
        feeds=(
            FeedLink(reader.say(N_("News")), urls.feed("/news/", "atom")),
            FeedLink(reader.say(N_("Calls")), urls.feed("/calls/", "atom")),
        ),
    )
