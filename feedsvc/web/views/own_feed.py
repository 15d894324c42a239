"""View model of a reader's own feed on the page of its owner: its addresses, shown only once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feedsvc import urls
from feedsvc.i18n import N_
from feedsvc.web.views.reader import Reader


@dataclass(frozen=True)
class Address:
    """One form of the feed: for what it is, and its whole address."""

    key: str
    icon: str
    name: str
    address: str


@dataclass(frozen=True)
class OwnFeed:
    """What the page says: since when there is an address ("" for none), and which, if just made.

    `form` is the random word by which the form that makes an address is known when it comes twice.
    """

    form: str
    since: str
    addresses: tuple[Address, ...] = ()
    webcal: str = ""


def own_feed(form: str, begun_at: datetime | None, secret: str | None, reader: Reader) -> OwnFeed:
    """With `secret` the addresses are shown."""
    since = _day(begun_at, reader) if begun_at else ""
    if secret is None:
        return OwnFeed(form, since)
    webcal = reader.webcal(urls.own_calendar(secret))
    return OwnFeed(form, since, _addresses(secret, reader), webcal)


def _day(at: datetime, reader: Reader) -> str:
    return reader.language.date(at.astimezone(reader.zone).date())


def _addresses(secret: str, reader: Reader) -> tuple[Address, ...]:
    forms = (
        ("atom", "feed", N_("Feed (Atom)"), urls.own_feed(secret, "atom")),
        ("rss", "feed", N_("Feed (RSS)"), urls.own_feed(secret, "rss")),
        ("json", "code", N_("JSON Feed"), urls.own_feed(secret, "json")),
        ("ics", "calendar", N_("Calendar"), urls.own_calendar(secret)),
    )
    return tuple(
        Address(f"own-{key}", icon, reader.say(name), reader.absolute(path))
        for key, icon, name, path in forms
    )
