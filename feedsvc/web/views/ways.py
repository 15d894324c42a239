"""Every list with all the ways to follow it, as the page of feeds offers them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from feedsvc import i18n, urls
from feedsvc.content.filters import Filter
from feedsvc.feeds.query import CALLS, EVERYTHING, NEWS
from feedsvc.i18n import N_
from feedsvc.web.views.cards import Tag
from feedsvc.web.views.reader import Reader

# How Google takes a calendar that is subscribed to, not copied: by its webcal address.
GOOGLE = "https://calendar.google.com/calendar/r?cid="


@dataclass(frozen=True)
class Calendar:
    """A calendar to subscribe to: its address, and links that hand it to a program."""

    address: str
    webcal: str
    google: str


@dataclass(frozen=True)
class Elsewhere:
    """The same feed in another language."""

    code: str
    name: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Way:
    """A list and its addresses, all of them absolute but `page` and `mail`.

    What a list does not have is empty: news have neither dates nor money.
    """

    key: str  # names its part of the page
    name: str
    sentence: str
    page: str
    atom: str
    rss: str
    json: str
    languages: tuple[Elsewhere, ...]
    all_languages: str = ""
    calendar: Calendar | None = None
    table: str = ""
    mail: str = ""
    opml: str = ""
    colour: str = ""

    @property
    def reader(self) -> str:
        """A link that opens a reader which has made itself known to the system.

        In `feed:https://…`, which some write as well, an address would stand where the URL
        standard wants a path (https://url.spec.whatwg.org/#url-writing): no valid link.
        """
        return f"feed://{self.atom.partition('://')[2]}"


def lists(reader: Reader) -> tuple[Way, ...]:
    """Everything, calls and news, in the order in which most people want them."""
    return (
        _way(
            EVERYTHING, reader, key="everything", name=reader.say(N_("Everything")),
            sentence=reader.say(N_("News and calls for projects, the newest first.")),
            mail=Filter(),
        ),
        _way(
            CALLS, reader, key="calls", name=reader.say(N_("Calls for projects")),
            sentence=reader.say(N_("Every call with its deadlines and its money.")),
            mail=Filter(),
        ),
        _way(
            NEWS, reader, key="news", name=reader.say(N_("News")),
            sentence=reader.say(N_("What happens in the clusters and around them.")),
        ),
        _way(
            urls.CHANGES, reader, key="changes", name=reader.say(N_("Changes to calls")),
            sentence=reader.say(
                N_("A moved deadline, a cancelled or reopened call: each is an entry of its own.")
            ),
        ),
    )  # fmt: skip


def of_cluster(tag: Tag, reader: Reader) -> Way:
    return _way(
        urls.cluster(tag.slug), reader, key=f"cluster-{tag.slug}", name=tag.name,
        sentence=reader.say(N_("News and calls of this cluster.")),
        mail=Filter(cluster=(tag.slug,)), colour=tag.colour,
        opml=reader.absolute(urls.feed(urls.cluster(tag.slug), "opml")),
    )  # fmt: skip


def of_clusters(tags: Sequence[Tag], reader: Reader) -> tuple[Way, ...]:
    return tuple(of_cluster(tag, reader) for tag in tags)


def calendar(list_path: str, reader: Reader) -> Calendar:
    local = urls.feed(list_path, "ics")
    webcal = reader.webcal(local)
    return Calendar(reader.absolute(local), webcal, GOOGLE + quote(webcal, safe=""))


def _way(
    list_path: str, reader: Reader, *, key: str, name: str, sentence: str,
    mail: Filter | None = None, colour: str = "", opml: str = "",
) -> Way:  # fmt: skip
    """`mail` is what a subscription would hold; of what has no calls there is none."""
    has_calls = mail is not None
    return Way(
        key=key,
        name=name,
        sentence=sentence,
        page=reader.path(list_path),
        atom=reader.absolute(urls.feed(list_path, "atom")),
        rss=reader.absolute(urls.feed(list_path, "rss")),
        json=reader.absolute(urls.feed(list_path, "json")),
        languages=_elsewhere(list_path, reader),
        all_languages=_together(list_path, reader),
        calendar=calendar(list_path, reader) if has_calls else None,
        table=reader.absolute(urls.feed(list_path, "csv")) if has_calls else "",
        mail=reader.path(urls.with_query("/subscribe", mail.standing().pairs()))
        if mail is not None
        else "",
        colour=colour,
        opml=opml,
    )


def _elsewhere(list_path: str, reader: Reader) -> tuple[Elsewhere, ...]:
    return tuple(
        Elsewhere(code, i18n.NAMES[code], reader.site.absolute(urls.feed(list_path, "atom"), code))
        for code in reader.site.languages
        if code != reader.language.code
    )


def _together(list_path: str, reader: Reader) -> str:
    """The feed that has each entry once, in every language; empty where there is only one."""
    if len(reader.site.languages) == 1:
        return ""
    return reader.site.absolute(urls.feed(list_path, "atom"), i18n.ALL)
