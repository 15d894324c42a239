"""What a view may ask for: settings, database, site, language and the time of this request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, render_template, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from feedsvc import i18n, urls
from feedsvc.auth.openid.provider import Provider
from feedsvc.calls.counts import Teller
from feedsvc.db import Database
from feedsvc.i18n import Language
from feedsvc.settings import KNOWN_LANGUAGES, Settings
from feedsvc.web.counting import Counted
from feedsvc.web.present import Present
from feedsvc.web.shelf import Shelf

Clock = Callable[[], datetime]
MOST_PAGES = 200  # kept ready in memory
MOST_LANGUAGES = 20
MOST_ROWS = 500  # about 10 kB each


@dataclass(frozen=True)
class Runtime:
    """What one running app holds; there is one, made by `create_app`.

    `settings` are the operator's; those that hold for a request are `context.settings()`.
    """

    settings: Settings
    db: Database
    clock: Clock
    present: Present
    counted: Counted
    provider: Provider | None = None  # with whom accounts may be linked
    pages: Shelf = field(default_factory=lambda: Shelf(MOST_PAGES))
    names: Shelf = field(default_factory=lambda: Shelf(MOST_LANGUAGES))  # of things, by language
    rows: Shelf = field(default_factory=lambda: Shelf(MOST_ROWS))  # calls of lists, by revision
    changes: Shelf = field(default_factory=lambda: Shelf(1))  # the next one that time brings
    counts: Shelf = field(default_factory=lambda: Shelf(100))  # of the desk's lists
    called: Shelf = field(default_factory=lambda: Shelf(MOST_LANGUAGES))  # the same for editors
    teller: Teller = field(default_factory=Teller)


@dataclass(frozen=True)
class FeedLink:
    """A feed that a page offers to readers that look for one; `path` is local."""

    title: str
    path: str
    media_type: str = "application/atom+xml"


@dataclass(frozen=True)
class Page:
    """What the layout says about a page. Paths are local: without a language prefix.

    `alternates` are the page's local paths by language; empty when all are the same path.
    `translated` are the languages in which its text exists; empty when in all of them. `asked` is what
    the address says of its reader: no part of the page's name, and kept in another language.
    """

    title: str
    path: str = "/"
    description: str = ""
    section: str = ""  # the item of the main menu that is marked
    alternates: dict[str, str] = field(default_factory=dict)
    translated: tuple[str, ...] = ()
    asked: tuple[tuple[str, str], ...] = ()
    feeds: tuple[FeedLink, ...] = ()
    index: bool = True  # may search engines list it
    kind: str = "website"  # Open Graph type
    image: str = ""  # absolute address of a picture, for cards

    def local(self, language: str) -> str:
        """The local path of this page in a language."""
        return self.alternates.get(language, self.path)

    def switched(self, language: str) -> str:
        """Where who reads this page reads it in that language."""
        return urls.with_query(self.local(language), self.asked)

    def languages(self, known: tuple[str, ...]) -> tuple[str, ...]:
        """The languages in which the text of the page exists."""
        return tuple(code for code in known if not self.translated or code in self.translated)

    def original(self, asked: str, known: tuple[str, ...]) -> str:
        """The language of the canonical page: `asked`, or the one that stands in for it."""
        written = self.languages(known)
        return asked if asked in written or not written else written[0]


def install(app: Flask, runtime: Runtime) -> None:
    app.extensions["feedsvc"] = runtime
    app.before_request(_must_be_spoken)


def _must_be_spoken() -> None:
    """There are addresses for every language that is known, and pages in those of the site only.

    Raises: NotFound, also for the default language behind a prefix.
    """
    first = request.path.split("/", 2)[1]
    if first in KNOWN_LANGUAGES and first not in site().languages[1:]:
        raise NotFound


def runtime() -> Runtime:
    return cast("Runtime", current_app.extensions["feedsvc"])


def settings() -> Settings:
    """The settings that hold for this request: the operator's, and what the admin has decided."""
    if "settings" not in g:
        g.settings = runtime().present.settings(runtime().settings)
    return cast("Settings", g.settings)


def settle(session: Session) -> None:
    """From here on those of this snapshot hold: for what is kept under its generation."""
    g.settings = runtime().present.read(session, runtime().settings)


def site_name() -> str:
    """The name of the site in the language of this request."""
    return settings().named(lang().code)


def db() -> Database:
    return runtime().db


def provider() -> Provider | None:
    """The OpenID provider of the site, if it has one."""
    return runtime().provider


def site() -> urls.Site:
    return urls.Site.of(settings())


def zone() -> ZoneInfo:
    """The agency's time zone."""
    return ZoneInfo(settings().timezone)


def now() -> datetime:
    """The instant of this request: the clock is read once for each."""
    if "now" not in g:
        g.now = runtime().clock()
    return cast("datetime", g.now)


def lang() -> Language:
    """The language of this request: its path's prefix, else the default language."""
    if "language" not in g:
        code = _split()[0]
        g.language = i18n.language(site().languages[0] if code == i18n.ALL else code)
    return cast("Language", g.language)


def speak(code: str) -> None:
    """Answer this request in another language than its path says (the admin's choice)."""
    g.language = i18n.language(code)


def feed_language() -> str:
    """The language of this request's path for a feed: a code, or ALL."""
    return _split()[0]


def local_path() -> str:
    """The path of this request without its language prefix."""
    return _split()[1]


def path(local: str, language: str | None = None) -> str:
    """The path in this request's language, or in `language`."""
    return site().path(local, language or lang().code)


def render(template: str, *, page: Page, **values: Any) -> str:
    return render_template(template, page=page, **values)


def _split() -> tuple[str, str]:
    languages = site().languages
    _, first, *rest = [*request.path.split("/", 2), ""]
    if first in (*languages[1:], i18n.ALL):
        return first, "/" + rest[0]
    return languages[0], request.path
