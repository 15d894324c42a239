"""Lists of calls for other people's sites: one line of HTML, and the page that makes it.

The list is a page of its own in a frame: no script runs on the site that shows it, and no style of
either reaches the other. It may stand in any frame, and nothing else of this site may.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from feedsvc import colours, urls
from feedsvc.calls import lists
from feedsvc.content import filters
from feedsvc.content import queries as content
from feedsvc.content.filters import Filter
from feedsvc.content.words import STATUS_NAMES
from feedsvc.errors import BadRequest
from feedsvc.i18n import N_
from feedsvc.web import context, security
from feedsvc.web.context import Page
from feedsvc.web.public import answers
from feedsvc.web.public.names import facet_names
from feedsvc.web.views import cards
from feedsvc.web.views import embed as view
from feedsvc.web.views import filters as filter_view
from feedsvc.web.views.embed import THEMES, Look
from feedsvc.web.views.reader import Reader, here

blueprint = Blueprint("embed", __name__, template_folder="templates")

OF_THE_LOOK = ("theme", "accent", "number")  # names that are no filter
STATUSES = ("open", "closing_soon", "forecast")  # of calls that somebody can still apply for
FIVE_MINUTES = "public, max-age=300, stale-while-revalidate=3600"


@blueprint.get(urls.EMBEDDED)
def embedded() -> Response:
    """The list itself. Who shows it need not ask again for five minutes."""
    response = _list()
    response.headers["Content-Security-Policy"] = security.EMBED_POLICY
    if response.status_code in (200, 304):
        response.headers["Cache-Control"] = FIVE_MINUTES
    return response


@blueprint.get(urls.EMBED)
def maker() -> Response:
    """The page on which somebody makes the line."""
    response = _maker()
    response.headers["Content-Security-Policy"] = security.PREVIEW_POLICY
    return response


@answers.kept_in_part
def _list() -> str:
    reader, look = here(), _look()
    with context.db().read() as session:
        wanted = _wanted(session)
        found = lists.page(
            session,
            wanted,
            now=reader.now,
            limit=look.number,
            closing_soon_days=reader.closing_soon_days,
        )
        names = facet_names(session, reader)
        return context.render(
            "public/embedded.html",
            page=Page(title=view.title(wanted, names, reader), path=urls.EMBEDDED, index=False),
            look=look,
            rows=[cards.call_card(call, reader) for call in found.items],
            all_calls=reader.absolute(urls.with_query("/calls/", wanted.pairs())),
        )


@answers.kept_in_part
def _maker() -> str:
    reader, look = here(), _look()
    with context.db().read() as session:
        wanted = _wanted(session)
        names = facet_names(session, reader)
        tags = [cards.tag(cluster, reader) for cluster in content.clusters(session)]
    return context.render(
        "public/embed.html",
        page=_page(reader),
        look=look,
        themes=[(name, reader.say(said)) for name, said in THEMES.items()],
        statuses=[(word, reader.say(STATUS_NAMES[word])) for word in STATUSES],
        wanted=wanted,
        tags=tags,
        others=[pair for pair in wanted.pairs() if pair[0] not in ("cluster", "status")],
        chips=filter_view.chips(wanted, names, urls.EMBED, reader),
        frame=view.frame(wanted, look, view.title(wanted, names, reader), reader),
        accent=look.accent or context.settings().accent,
    )


def _wanted(session: Session) -> Filter:
    """The calls to show: those that are open, unless the address says another status."""
    asked = filters.parse(request.args.items(multi=True), ignore=OF_THE_LOOK)
    wanted = replace(content.checked_filter(session, asked), kind=None)
    return wanted if wanted.status else replace(wanted, status=("open",))


def _look() -> Look:
    """Raises: BadRequest."""
    theme = request.args.get("theme", "") or "auto"
    accent = request.args.get("accent", "").removeprefix("#").lower()
    number = request.args.get("number", "") or str(view.USUAL)
    if theme not in THEMES:
        _refuse(N_("“theme” is one of: %(known)s."), known=", ".join(THEMES))
    if accent and not colours.is_colour(f"#{accent}"):
        _refuse(N_("“accent” is a colour of six figures from 0 to f, like 0b5d4e."))
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:4]) <= view.MOST):
        _refuse(N_("“number” is how many calls to show, from 1 to %(most)s."), most=view.MOST)
    return Look(theme, f"#{accent}" if accent else "", int(number))


def _refuse(message: str, **values: object) -> None:
    raise BadRequest(message, **values)


def _page(reader: Reader) -> Page:
    return Page(
        title=reader.say(N_("Calls on your own site")),
        path=urls.EMBED,
        description=reader.say(
            N_("One line of HTML shows the calls that concern your members, always up to date.")
        ),
    )
