"""Go anywhere by a few words: to an entry, a list, a view, a page. And what the keyboard does.

Both are pages. With its script the admin shows them in a window of the page that one is on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.auth import rules
from feedsvc.content import filter_values
from feedsvc.content.desk import views
from feedsvc.content.desk.asked import Asked
from feedsvc.demo import away
from feedsvc.i18n import N_
from feedsvc.search.rules import tokens
from feedsvc.web import context
from feedsvc.web.admin import menu, pages
from feedsvc.web.admin.gate import actor, blueprint
from feedsvc.web.admin.kinds import KINDS, Kind, address
from feedsvc.web.admin.listing import found, listed, orders, shown
from feedsvc.web.admin.menu import Place

EACH = 6  # entries of a kind


@dataclass(frozen=True)
class Way:
    """Somewhere to go, and what it is."""

    words: str
    address: str
    what: str


@blueprint.get("/jump", endpoint="jump")
def jump() -> Response:
    """Only what the actor may see, and only where they may go."""
    typed = request.args.get("q", "").strip()[: filter_values.MAX_QUERY]
    with context.db().read() as session:
        ways = [*_entries(session, typed), *_views(session, typed), *_places(session, typed)]
    return pages.page(
        "jump.html", title=context.lang().gettext(N_("Go to")), words=typed, ways=ways
    )


@blueprint.get("/keys", endpoint="keys")
def keys() -> Response:
    return pages.page("keys.html", title=context.lang().gettext(N_("Keyboard")))


def _entries(session: Session, typed: str) -> list[Way]:
    """The last edited first; without words none."""
    if not typed:
        return []
    return [way for kind in KINDS.values() for way in _of_kind(session, kind, typed)]


def _of_kind(session: Session, kind: Kind, typed: str) -> list[Way]:
    asked, now, say = Asked(q=typed), context.now(), context.lang().gettext
    wanted = found.matching(session, kind.name, asked, actor=actor(), now=now)
    place = orders.page(session, wanted, asked, languages=listed.languages(), now=now, limit=EACH)
    return [
        Way(row.title, address(kind, row.id), say(shown.NAMES[row.status]))
        for row in shown.rows(session, place.ids, kind.name)
    ]


def _views(session: Session, typed: str) -> list[Way]:
    say = context.lang().gettext
    return [
        Way(view.name, f"{url_for(f'admin.{kind.path}')}?{view.query}", say(kind.list_title))
        for kind in KINDS.values()
        for view in views.seen(session, kind.name, actor=actor())
        if view.query and _meant(view.name, typed)
    ]


def _places(session: Session, typed: str) -> list[Way]:
    say = context.lang().gettext
    return [
        Way(say(place.words), _address(place), "")
        for place in (*menu.BEYOND[:2], *menu.MENU, *menu.BEYOND[2:])
        if rules.may(actor(), place.right)
        and _meant(say(place.words), typed)
        and _has_something(session, place)
    ]


def _has_something(session: Session, place: Place) -> bool:
    """Whether this site has what the place is about."""
    if place.endpoint == "openid":
        return context.provider() is not None
    return place.endpoint != "demo_away" or away.is_there(session)


def _meant(name: str, typed: str) -> bool:
    """Whether each word that was typed begins one of the name."""
    words = tokens(name)
    return all(any(word.startswith(token) for word in words) for token in tokens(typed))


def _address(place: Place) -> str:
    values: dict[str, Any] = dict(place.values)
    return url_for(f"admin.{place.endpoint}", **values)
