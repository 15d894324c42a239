"""Which feed: a filter, a language, a format, and the page of which it is the feed. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from types import ModuleType
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from feedsvc import urls
from feedsvc.calls import alarms, event_queries
from feedsvc.content.cursors import Cursor
from feedsvc.content.filters import BadFilter, Filter
from feedsvc.content.profiles import NOBODY
from feedsvc.content.workdays import Ahead
from feedsvc.errors import NotFound
from feedsvc.feeds import atom, csv, ical, jsonfeed, rss
from feedsvc.i18n import N_
from feedsvc.subscriptions.rules import Following

RENDERERS: dict[str, ModuleType] = {
    "rss": rss, "atom": atom, "json": jsonfeed, "ics": ical, "csv": csv,
}  # fmt: skip
CALLS_ONLY = ("ics", "csv")  # formats that hold dates or money, and every match of them
# Calendar programs refuse files of some megabytes, and nobody plans for what ended a year ago.
NOT_ARCHIVED = ("cancelled", "closed", "forecast", "open", "suspended")
# Feeds of calls in these states are lists to work with: they hold all that there is, up to a point.
STANDING = ("closing_soon", "forecast", "open", "suspended")
MOST_STANDING = 500
EVERYTHING, NEWS, CALLS, SEARCH = "/", "/news/", "/calls/", "/search"
CHANGES = urls.CHANGES
FIT = urls.FIT
OWN = "/own/"  # under it, the feeds of one reader each


@dataclass(frozen=True)
class Query:
    """A feed, or a page of it.

    `language` may be ALL. `page` is the local path of its list; `call_uid` that of the only call
    in it. With `before` it holds what is older than that. `alarms` ring that long before a date;
    `ahead` adds a day before each deadline, by which to be ready.
    `own` is what the one reader follows for whom it is, at the page whose path nobody else knows.
    """

    filter: Filter
    format: str
    language: str
    page: str = EVERYTHING
    call_uid: str = ""
    before: Cursor | None = None
    alarms: tuple[timedelta, ...] = ()
    ahead: Ahead | None = None
    own: Following | None = None

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The query string: what the filter says and the path does not."""
        implied = _implied(self.page)
        return [pair for pair in self.filter.pairs() if pair not in implied]

    @property
    def options(self) -> list[tuple[str, str]]:
        """What the query string says beside the filter."""
        before = [("before", str(self.before))] if self.before else []
        ringing = [("alarm", alarms.written(alarm)) for alarm in self.alarms]
        return [*before, *ringing, *(self.ahead.pairs if self.ahead else [])]

    @property
    def form(self) -> str:
        """All but the entry itself on which the rendered form of an entry depends."""
        ahead = [f"{self.ahead.days}-{self.ahead.place}"] if self.ahead else []
        form = " ".join([self.format, self.language, *map(alarms.written, self.alarms), *ahead])
        profile = self.filter.profile if self.has_text else NOBODY
        return f"{form} {urlencode(profile.pairs())}" if profile else form

    @property
    def address(self) -> str:
        """The local address of the feed, in its one canonical spelling."""
        return urls.with_query(urls.feed(self.page, self.format), [*self.pairs, *self.options])

    @property
    def page_address(self) -> str:
        """The local address of the same list as a web page."""
        if self.call_uid and self.is_of_changes:
            return self.page.removesuffix(urls.OF_CHANGES)
        page = SEARCH if self.page == EVERYTHING and self.pairs else self.page
        if self.own:  # it is on no page: what it holds is among these
            page = CALLS
        return urls.with_query(page, self.pairs)

    @property
    def id(self) -> str:
        """The same for every format, host and scheme: never shown as new because a site moved.

        Pages and archives are parts of one feed and have its id (RFC 5005 sections 3 and 4).
        """
        present = self.present
        page = f"{OWN}{self.own.reader_uid}" if self.own else self.page  # not what is secret
        what = urls.with_query(page, present.pairs)
        if self.call_uid:  # a call is given another address sometimes
            what = f"{self.call_uid}{urls.OF_CHANGES if self.is_of_changes else ''}"
        name = f"feedsvc:{self.language}:{what}"
        return f"urn:uuid:{uuid5(NAMESPACE_URL, name)}"

    @property
    def present(self) -> Query:
        """The feed of which this is a page or an archive: the address to subscribe to."""
        return replace(self, filter=replace(self.filter, published=None), before=None)

    @property
    def is_archive(self) -> bool:
        """Whether it holds all of one month (RFC 5005 section 4)."""
        return "-" in (self.filter.published or "") and self.before is None

    @property
    def has_archives(self) -> bool:
        """Whether its months stay as they were: not where time alone moves entries in and out."""
        wanted = self.present.wanted
        is_of_all = not self.call_uid and not self.is_of_changes and self.own is None
        return self.has_text and is_of_all and wanted.standing() == wanted

    @property
    def is_standing(self) -> bool:
        """Whether it is a list of what is going on now, to be given whole."""
        asked = self.filter
        going_on = bool(asked.status) and set(asked.status) <= set(STANDING)
        return (going_on or asked.closes_within is not None) and self.before is None

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
    def is_pushed(self) -> bool:
        """Whether a hub tells of it: of a feed itself, not of its parts, and not of one reader's."""
        is_for_some = self.alarms or self.ahead or self.own
        return self == self.present and not is_for_some

    @property
    def is_of_changes(self) -> bool:
        """Whether its entries are what happened to calls, and not the calls."""
        return self.page == CHANGES or (bool(self.call_uid) and self.has_text)

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
    if query.format in CALLS_ONLY:
        _check_calls_only(query)
    if query.alarms and query.format != "ics":
        raise BadFilter(N_("Only calendars (ics) ring; take “alarm” away."))
    if query.ahead and query.format != "ics":
        raise BadFilter(N_("Only calendars (ics) count working days; take “workdays” away."))
    if query.is_of_changes:
        event_queries.checked(query.filter)
    if query.filter.kind == "news" and replace(query.filter, kind=None).only_calls:
        raise BadFilter(N_("News cannot be filtered by what only calls have."))
    _check_said(query)
    return query


def _check_said(query: Query) -> None:
    """Two pages hold nothing until somebody says what. Raises: BadFilter."""
    if query.page == SEARCH and not query.filter.q:
        raise BadFilter(N_("Say what to search for: add “q=…” to the address."))
    if query.page == FIT and not query.filter.profile:
        raise BadFilter(N_("Say for whom: add a description like “my_kind=sme” to the address."))


def _check_calls_only(query: Query) -> None:
    if query.page == CHANGES or query.call_uid:
        raise NotFound(
            N_("Changes are neither dates nor a table: choose the format rss, atom or json.")
        )
    if query.page == NEWS:
        raise NotFound(
            N_("News have neither deadlines nor money: the formats ics and csv hold calls only.")
        )
    if query.filter.kind == "news":
        raise BadFilter(N_("The formats ics and csv hold calls only; take “kind=news” away."))
    if query.before:
        raise BadFilter(N_("The formats ics and csv hold everything that matches, without pages."))


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
    if page in (CALLS, CHANGES, FIT) or page.startswith(OWN):
        return [("kind", "call")]
    if page.startswith("/clusters/"):
        return [("cluster", page.removeprefix("/clusters/"))]
    return []
