"""Addresses: every path of the public site is spelled here and nowhere else. Pure.

The default language has no prefix; the others live under `/fr/`, `/de/`. Links that leave the
site are built from the configured base URL, never from a Host header.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import quote, urlencode, urlsplit

from feedsvc.settings import Settings

Query = Sequence[tuple[str, str]]

HUB = "/hub"
MEDIA = "/media/"
CHANGES = "/changes/"
FIT = "/fit"
ABOUT, PRIVACY, ACCESSIBILITY, IMPRINT = "/about", "/privacy", "/accessibility", "/imprint"
STORED_DATA = "/privacy/data"
EMBED, EMBEDDED = "/embed", "/embed/calls"
OF_CHANGES = "/changes"  # behind the address of a call


def is_own_machine(address: str) -> bool:
    """Whether an address leads whoever follows it to the machine that they sit at."""
    host = urlsplit(address).hostname or ""
    try:
        found = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return found.is_loopback or found.is_unspecified


def news_item(slug: str) -> str:
    return f"/news/{quote(slug)}"


def call(slug: str) -> str:
    return f"/calls/{quote(slug)}"


def changes(slug: str) -> str:
    """The changes of one call."""
    return call(slug) + OF_CHANGES


def change_anchor(uid: str) -> str:
    """Where on the page of its call a change stands."""
    return f"change-{uid}"


def entry(kind: str, slug: str) -> str:
    return call(slug) if kind == "call" else news_item(slug)


def share_card(kind: str, slug: str) -> str:
    """The picture that a link to an entry shows where it is shared."""
    return f"{entry(kind, slug)}/card.png"


def cluster(slug: str) -> str:
    return f"/clusters/{quote(slug)}"


def confirm(token: str) -> str:
    return f"/confirm/{token}"


def manage(token: str) -> str:
    return f"/manage/{token}"


def invitation(token: str) -> str:
    return f"/admin/invitation/{token}"


def forgot() -> str:
    return "/admin/forgot"


def reset(token: str) -> str:
    return f"/admin/reset/{token}"


def desk(kind: str, entry_id: int) -> str:
    """The page of an entry in the admin, for mails to those who work there."""
    return f"/admin/{'calls' if kind == 'call' else 'news'}/{entry_id}"


def unsubscribe(token: str) -> str:
    return f"/unsubscribe/{token}"


def mute(token: str) -> str:
    return f"/mute/{token}"


def renew(token: str) -> str:
    return f"/renew/{token}"


def own_feed(token: str, extension: str) -> str:
    return f"/own/{token}/feed.{extension}"


def own_calendar(token: str) -> str:
    return f"/own/{token}/calendar.ics"


def media(name: str) -> str:
    return MEDIA + quote(name)


def logo(settings: Settings, *, square: bool = False) -> str:
    """The absolute address of the logo as PNG, for mail programs and feed readers; empty for none."""
    stem = settings.logo.rpartition(".")[0]
    ending = "-square.png" if square else ".png"
    return Site.of(settings).absolute(media(stem + ending)) if stem else ""


def document(name: str) -> str:
    return f"/documents/{quote(name)}"


def feed(list_path: str, extension: str) -> str:
    """The feed of a list: `/calls/` -> `/calls.atom`, `/` -> `/feed.atom`."""
    stem = list_path.rstrip("/") or "/feed"
    return f"{stem}.{extension}"


def with_query(path: str, query: Query) -> str:
    return f"{path}?{urlencode(query)}" if query else path


@dataclass(frozen=True)
class Site:
    """The public address and the languages it is spoken in."""

    base_url: str
    languages: tuple[str, ...]

    @staticmethod
    def of(settings: Settings) -> Site:
        return _site(settings.base_url, settings.languages)

    def path(self, path: str, language: str) -> str:
        """The path in that language: `/calls/` -> `/fr/calls/`."""
        return path if language == self.languages[0] else f"/{language}{path}"

    def absolute(self, path: str, language: str | None = None) -> str:
        return self.base_url + (self.path(path, language) if language else path)


@lru_cache(maxsize=16)
def _site(base_url: str, languages: tuple[str, ...]) -> Site:
    return Site(base_url.rstrip("/"), languages)


def hub(settings: Settings) -> str:
    """The absolute address of the WebSub hub that feeds name: an external one, or our own."""
    return settings.hub_url or Site.of(settings).absolute(HUB)
