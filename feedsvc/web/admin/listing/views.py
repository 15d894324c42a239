"""Keep a list under a name, and let it go: tabs over the list, for oneself or for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.content.desk import asked as desk_asked
from feedsvc.content.desk import views
from feedsvc.content.desk.asked import Asked
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import pages
from feedsvc.web.admin.gate import actor, blueprint
from feedsvc.web.admin.kinds import KINDS, Kind

PLACE = "/<any(news,calls):path>/views"


@dataclass(frozen=True)
class Tab:
    """A view over the list; `number` is there for one that the actor may remove."""

    name: str
    address: str
    current: bool
    number: int | None = None


@blueprint.post(PLACE, endpoint="list_view_save")
def save(path: str) -> Response:
    """Raises: Invalid for a name that is none, or too long a list; BadFilter for one that is none."""
    kind, form = KINDS[path], request.form
    asked = read(kind, form.get("query", ""))
    with context.db().begin() as session:
        view = views.save(
            session, kind.name, form.get("name", ""), asked,
            opens="first" in form, shared="shared" in form, actor=actor(),
        )  # fmt: skip
        address = _address(kind, view.query)
    return pages.done(address, context.lang().gettext(N_("The view is kept.")))


@blueprint.post(f"{PLACE}/<int:number>/remove", endpoint="list_view_remove")
def remove(path: str, number: int) -> Response:
    with context.db().begin() as session:
        views.remove(session, number, actor=actor())
    address = _address(KINDS[path], "")
    return pages.done(address, context.lang().gettext(N_("The view is gone; its entries are not.")))


def tabs(session: Session, kind: Kind, asked: Asked) -> list[Tab]:
    """All entries, then each view; none if there are no views."""
    seen = views.seen(session, kind.name, actor=actor())
    if not seen:
        return []
    query = asked.query()
    whole = Tab(context.lang().gettext(N_("All entries")), _address(kind, ""), not query)
    return [whole] + [
        Tab(
            view.name, _address(kind, view.query), view.query == query,
            view.id if views.may_remove(view, actor()) else None,
        )
        for view in seen
    ]  # fmt: skip


def opening(kind: Kind) -> str | None:
    """Where the list of somebody leads who asked for nothing: to the view that it opens with."""
    if request.args:
        return None
    with context.db().read() as session:
        query = views.first(session, kind.name, actor=actor())
    return _address(kind, query) if query else None


def read(kind: Kind, query: str) -> Asked:
    """Raises: BadFilter."""
    pairs = parse_qsl(query)
    languages = context.settings().languages
    return desk_asked.parse(pairs, kind=kind.name, languages=languages)


def _address(kind: Kind, query: str) -> str:
    return f"{url_for(f'admin.{kind.path}')}?{query or 'view=all'}"
