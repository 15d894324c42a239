"""What a feed says, as frozen values: the renderers know these and nothing else.

Every text is plain, in one language, except `FeedEntry.content`, which is HTML with absolute
addresses. Every instant is aware and comes from a stored value: no clock ever gets in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from feedsvc.calls.calendar import DateEvent

NEVER = datetime(2000, 1, 1, tzinfo=UTC)  # `updated` of a feed that has no entry


@dataclass(frozen=True)
class HeadLink:
    """Where else there is something of a feed: `rel` is a registered relation (RFC 8288)."""

    rel: str
    href: str
    media_type: str = ""
    language: str = ""


@dataclass(frozen=True)
class Buried:
    """An entry that was taken away, and when (RFC 6721)."""

    uid: str
    at: datetime

    @property
    def id(self) -> str:
        return entry_id(self.uid)


@dataclass(frozen=True)
class Logo:
    """The logo of the site as PNG: as it is, of so many pixels, and in a square."""

    url: str
    width: int
    height: int
    square_url: str


@dataclass(frozen=True, kw_only=True)
class FeedHead:
    """The feed itself. `id` never changes with host or scheme; `language` is empty for several.

    `is_complete`: what is not in it is no more. `is_archive`: its entries are not going to change.
    """

    id: str
    title: str
    description: str
    language: str
    self_url: str
    page_url: str  # the same list as a web page
    site_name: str
    site_url: str
    namespace_url: str  # where the namespace of deadlines is explained
    schema_url: str
    updated: datetime = NEVER
    links: tuple[HeadLink, ...] = ()
    is_complete: bool = False
    is_archive: bool = False
    buried: tuple[Buried, ...] = ()
    logo: Logo | None = None

    def link(self, rel: str) -> str:
        """The address of that relation; empty if there is none."""
        return next((link.href for link in self.links if link.rel == rel), "")


@dataclass(frozen=True, kw_only=True)
class FeedDate:
    """A key date. `machine` is an instant with its offset, or as much of a date as is known."""

    type: str
    name: str
    words: str
    machine: str
    zone: str
    precision: str
    certainty: str
    is_deadline: bool


@dataclass(frozen=True, kw_only=True)
class FeedCall:
    """What is particular to a call. `award_max` is the funding cap; None is unknown, never 0.

    `uid` is the call's where the entry is something else.
    """

    about: str  # the page that explains these names
    status: str  # forecast | open | closed | suspended | cancelled
    status_name: str
    model: str
    reference: str = ""
    series: str = ""
    edition: str = ""
    funders: tuple[str, ...] = ()
    programme: str = ""
    dates: tuple[FeedDate, ...] = ()
    currency: str = "EUR"
    total_budget: Decimal | None = None
    award_min: Decimal | None = None
    award_max: Decimal | None = None
    expected_awards: int | None = None
    cofinancing_min: Decimal | None = None
    cofinancing_max: Decimal | None = None
    money: str = ""
    share: str = ""
    applicants: tuple[str, ...] = ()
    geographies: tuple[str, ...] = ()
    apply_url: str = ""
    info_url: str = ""
    calendar_url: str = ""
    documents: tuple[tuple[str, str], ...] = ()  # title, address
    uid: str = ""
    fit: tuple[str, ...] = ()  # why it fits whom the feed is for

    @property
    def opens(self) -> FeedDate | None:
        return next((date for date in self.dates if date.type == "opens"), None)

    @property
    def deadlines(self) -> tuple[FeedDate, ...]:
        """In order of time: the final one is the last."""
        return tuple(date for date in self.dates if date.is_deadline)


@dataclass(frozen=True)
class Category:
    """A sector."""

    term: str
    label: str
    scheme: str


@dataclass(frozen=True)
class Image:
    """A picture by its absolute address; `size` in bytes."""

    url: str
    media_type: str
    size: int


@dataclass(frozen=True)
class File:
    """A document to take along, by its absolute address; `size` in bytes."""

    url: str
    media_type: str
    size: int
    title: str
    language: str = ""


@dataclass(frozen=True, kw_only=True)
class FeedEntry:
    """A news item, a call, or a change of a call. `uid` was minted once.

    `language` is the language of the texts; empty for several. `number` tells entries of the same
    second apart.
    """

    uid: str
    url: str
    title: str
    summary: str
    content: str
    language: str
    published: datetime
    updated: datetime
    number: int = 0
    categories: tuple[Category, ...] = ()
    image: Image | None = None
    files: tuple[File, ...] = ()
    call: FeedCall | None = None
    events: tuple[DateEvent, ...] = ()

    @property
    def id(self) -> str:
        return entry_id(self.uid)


@dataclass(frozen=True)
class FeedDocument:
    """A whole feed, and the instants between which the passing of time does not change it."""

    head: FeedHead
    entries: tuple[FeedEntry, ...]
    changed_by_time_at: datetime | None = None
    valid_until: datetime | None = None


def entry_id(uid: str) -> str:
    """What readers remember an entry by (RFC 4287 section 4.2.6)."""
    return f"urn:uuid:{uid}"


def amount(value: Decimal) -> str:
    """An amount for machines: `200000`, `1250.5`."""
    return f"{value.normalize():f}"
