"""Which feed: a filter, a language, a format, and the page of which it is the feed. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import ModuleType
from uuid import NAMESPACE_URL, uuid5

from feedsvc import urls
from feedsvc.content.filters import BadFilter, Filter
from feedsvc.errors import NotFound
from feedsvc.feeds import atom, csv, ical, jsonfeed, rss
from feedsvc.i18n import N_

RENDERERS: dict[str, ModuleType] = {
    "rss": rss, "atom": atom, "json": jsonfeed, "ics": ical, "csv": csv,
}  # fmt: skip
CALLS_ONLY = ("ics", "csv")  # formats that hold dates or money, and every match of them
# Calendar programs refuse files of some megabytes, and nobody plans for what ended a year ago.
NOT_ARCHIVED = ("cancelled", "closed", "forecast", "open", "suspended")
EVERYTHING, NEWS, CALLS, SEARCH = "/", "/news/", "/calls/", "/search"


@dataclass(frozen=True)
class Query:
    """A feed. `page` is the local path of its list; `call_uid` that of the only call in it."""

    filter: Filter
    format: str
    language: str
    page: str = EVERYTHING
    call_uid: str = ""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The query string: what the filter says and the path does not."""
        implied = _implied(self.page)
        return [pair for pair in self.filter.pairs() if pair not in implied]

    @property
    def address(self) -> str:
        """The local address of the feed, in its one canonical spelling."""
        return urls.with_query(urls.feed(self.page, self.format), self.pairs)

    @property
    def page_address(self) -> str:
        """The local address of the same list as a web page."""
        return urls.with_query(self.page, self.pairs)

    @property
    def id(self) -> str:
        """The same for every format, host and scheme: never shown as new because a site moved."""
        name = f"feedsvc:{self.language}:{self.page_address}"
        return f"urn:uuid:{uuid5(NAMESPACE_URL, name)}"

    @property
    def wanted(self) -> Filter:
        """What is selected: of calls-only formats, calls; of calendars, those not long over."""
        if self.format not in CALLS_ONLY:
            return self.filter
        calls = replace(self.filter, kind="call")
        if self.format == "ics" and not self.filter.status:
            return replace(calls, status=NOT_ARCHIVED)
        return calls

    @property
    def renderer(self) -> ModuleType:
        return RENDERERS[self.format]

    @property
    def has_text(self) -> bool:
        """Whether the format holds the full text of its entries."""
        return self.format not in CALLS_ONLY

    @property
    def shows_status(self) -> bool:
        """Whether the passing of a date changes an entry of this format."""
        return self.format != "ics"


def checked(query: Query) -> Query:
    """The query itself if it can have entries. Raises: BadFilter, NotFound."""
    if query.format not in RENDERERS:
        raise NotFound(
            N_("There is no feed of the format “%(format)s”. The formats are: %(known)s."),
            format=query.format[:20], known=", ".join(RENDERERS),
        )  # fmt: skip
    if query.page == NEWS and query.format in CALLS_ONLY:
        raise NotFound(
            N_("News have neither deadlines nor money: the formats ics and csv hold calls only.")
        )
    if query.filter.kind == "news" and query.format in CALLS_ONLY:
        raise BadFilter(N_("The formats ics and csv hold calls only; take “kind=news” away."))
    if query.filter.kind == "news" and replace(query.filter, kind=None).only_calls:
        raise BadFilter(N_("News cannot be filtered by what only calls have."))
    if query.page == SEARCH and not query.filter.q:
        raise BadFilter(N_("Say what to search for: add “q=…” to the address."))
    return query


def with_page(found: Filter, page: str) -> Filter:
    """The filter with what the path says. Raises: BadFilter if the two contradict each other."""
    implied = dict(_implied(page))
    kind, cluster = implied.get("kind"), implied.get("cluster")
    if kind and found.kind not in (None, kind):
        raise _contradiction("kind", found.kind or "")
    if cluster and found.cluster not in ((), (cluster,)):
        raise _contradiction("cluster", ", ".join(found.cluster))
    if kind:
        found = replace(found, kind=kind)
    return replace(found, cluster=(cluster,)) if cluster else found


def _contradiction(name: str, value: str) -> BadFilter:
    return BadFilter(
        N_("“%(name)s=%(value)s” contradicts the address, which holds other entries."),
        name=name, value=value[:60],
    )  # fmt: skip


def _implied(page: str) -> list[tuple[str, str]]:
    if page == NEWS:
        return [("kind", "news")]
    if page == CALLS:
        return [("kind", "call")]
    if page.startswith("/clusters/"):
        return [("cluster", page.removeprefix("/clusters/"))]
    return []
