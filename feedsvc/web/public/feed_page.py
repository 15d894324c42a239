"""The page that explains every feed to somebody who never used one."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint

from feedsvc import urls
from feedsvc.content import queries as content
from feedsvc.content.filters import Filter
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.context import FeedLink, Page
from feedsvc.web.public import answers
from feedsvc.web.views import cards
from feedsvc.web.views import filters as view
from feedsvc.web.views.reader import Reader, here

blueprint = Blueprint("feed_page", __name__, template_folder="templates")


@dataclass(frozen=True)
class Format:
    """A form in which everything can be followed: for whom it is, and its address."""

    key: str
    icon: str
    name: str
    sentence: str
    address: str


@blueprint.get("/feeds/")
@answers.kept
def feeds() -> str:
    reader = here()
    with context.db().read() as session:
        tags = [cards.tag(cluster, reader) for cluster in content.clusters(session)]
    page = Page(
        title=reader.say(N_("Follow us your way")),
        path="/feeds/",
        description=reader.say(N_("News, calls and deadlines by feed, calendar, mail or table.")),
        section="feeds",
        feeds=(
            FeedLink(reader.say(N_("News")), urls.feed("/news/", "atom")),
            FeedLink(reader.say(N_("Calls")), urls.feed("/calls/", "atom")),
        ),
    )
    return context.render(
        "public/feeds.html",
        page=page,
        formats=_formats(reader),
        tags=tags,
        lists=[
            (_("Everything"), view.follow("/", Filter(), reader), True),
            (_("News"), view.follow("/news/", Filter(), reader), False),
            (_("Calls"), view.follow("/calls/", Filter(), reader), True),
            (_("Changes to calls"), view.follow(urls.CHANGES, Filter(), reader), False),
        ],
        clusters=[(tag, view.follow(urls.cluster(tag.slug), Filter(), reader)) for tag in tags],
    )


def _(message: str) -> str:
    return context.lang().gettext(message)


def _formats(reader: Reader) -> list[Format]:
    def address(path: str) -> str:
        return reader.absolute(path)

    return [
        Format("atom", "feed", _("Feed (Atom)"), _("For feed readers and mail programs: new entries and changes appear by themselves."), address("/feed.atom")),
        Format("ics", "calendar", _("Calendar"), _("For Outlook, Google, Apple and others: every deadline in your calendar, and it moves when the deadline moves."), address("/calls.ics")),
        Format("rss", "feed", _("Feed (RSS)"), _("The same as Atom in the older form that some programs prefer."), address("/feed.rss")),
        Format("json", "code", _("JSON Feed"), _("For programmers: the same entries with dates and amounts as data."), address("/feed.json")),
        Format("csv", "table", _("Table (CSV)"), _("All calls as a table for spreadsheets."), address("/calls.csv")),
    ]  # fmt: skip
