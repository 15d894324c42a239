"""The list of one kind of entry: its conditions, its order, page by page; all of it in the address."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc import urls
from feedsvc.auth.rules import ADMINISTRATOR, AUTHOR, Actor
from feedsvc.content import queries, rights
from feedsvc.content.desk import asked as desk_asked
from feedsvc.content.desk.asked import SEVERAL, Asked
from feedsvc.content.filters import Filter
from feedsvc.web import context
from feedsvc.web.admin import lists, pages
from feedsvc.web.admin.bulk.acts import ACTS, Act
from feedsvc.web.admin.gate import actor
from feedsvc.web.admin.kinds import Kind
from feedsvc.web.admin.listing import called, chips, counted, found, orders, shown, views

PAGE_NAMES = ("after", "view")  # in the address, beside the conditions


def respond(kind: Kind) -> Response:
    opening = views.opening(kind)
    if opening is not None:
        return redirect(opening, 303)
    asked, now, said = read(kind), context.now(), context.lang()
    here, after = url_for(f"admin.{kind.path}"), request.args.get("after")
    generation = context.runtime().present.generation()
    with context.db().read() as session:
        if not called.names(session, generation).include(asked):
            asked = present(session, asked)
        anywhere = cache(lambda: found.anywhere(session, kind.name, asked, actor=actor(), now=now))
        counts = counted.counts(session, kind.name, asked, anywhere)
        wanted = counts.narrowed(anywhere, asked, now)
        many = counts.many and context.db().is_sqlite  # PostgreSQL knows how many they are
        place = orders.page(
            session, wanted, asked, languages=languages(), now=now, after=after, many=many
        )
        named = chips.names(
            session, kind.name, actor(), said, context.settings().languages, generation=generation
        )
        return pages.page(
            "list.html",
            title=said.gettext(kind.list_title),
            section=kind.path,
            kind=kind,
            asked=asked,
            place=place,
            is_first=after is None,
            items=shown.rows(session, place.ids, kind.name),
            here=here,
            status_words={word: said.gettext(name) for word, name in shown.NAMES.items()},
            counts=counts,
            chips=chips.chips(asked, named, lambda it: address(here, it), said),
            choices=chips.offered(asked, named, said),
            acts=offered(actor()),
            clusters=named["cluster"] if actor().role != AUTHOR else {},
            link=lambda **changes: address(here, asked.but(**changes)),
            file=lambda endpoint: _file(endpoint, kind, asked),
            tabs=views.tabs(session, kind, asked),
            may_share=actor().role == ADMINISTRATOR,
            onward=address(here, asked, ("after", place.next)) if place.next else None,
            states=lists.STATES,
        )


def offered(who: Actor) -> dict[str, Act]:
    """What can be done to many entries by somebody with that role, to some of them at least."""
    if who.role != AUTHOR:
        return ACTS
    return {name: act for name, act in ACTS.items() if act.right in rights.AUTHORS["draft"]}


def read(kind: Kind) -> Asked:
    """What the address asks for. Raises: BadFilter."""
    return desk_asked.parse(
        request.args.items(multi=True),
        kind=kind.name, languages=context.settings().languages, ignore=PAGE_NAMES,
    )  # fmt: skip


def present(session: Session, asked: Asked) -> Asked:
    """With renamed things followed. Raises: BadFilter for what never was, Gone for what was deleted."""
    checked = queries.checked_filter(session, Filter(**{n: getattr(asked, n) for n in SEVERAL}))
    return replace(asked, **{name: getattr(checked, name) for name in SEVERAL})


def languages() -> tuple[str, ...]:
    """In which titles are shown: the page's first, then the site's."""
    return (context.lang().code, *context.settings().languages)


def address(here: str, asked: Asked, *more: tuple[str, str]) -> str:
    """The list with these conditions. Everything has an address of its own: `view=all`."""
    return urls.with_query(here, [*asked.pairs(), *more] or [("view", "all")])


def _file(endpoint: str, kind: Kind, asked: Asked) -> str:
    """The same list to take away."""
    pairs: dict[str, Any] = {**asked.by_name()}
    return url_for(f"admin.{endpoint}", path=kind.path, **pairs)
