"""A reader's own feed and calendar, at an address that nobody else knows.

1. The secret in the path is the right to read, and to nothing else: it can neither change nor end
   what is followed.
2. What a reader follows is asked for at each poll, so that a change shows at the next one. The feed
   made of it is kept like others, but never under its address: nothing is answered before this.
3. It is for one reader: no shared cache, index or page of another site may have it, and no hub
   pushes it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from feedsvc.content import filters, queries
from feedsvc.errors import FeedsvcError, NotFound
from feedsvc.feeds import query as feed_query
from feedsvc.feeds.query import Query
from feedsvc.i18n import N_
from feedsvc.subscriptions import private_feeds
from feedsvc.subscriptions.rules import Following
from feedsvc.web import conditional, context, front
from feedsvc.web.public import feeds

blueprint = Blueprint("own_feed", __name__)
blueprint.register_error_handler(FeedsvcError, feeds.in_words)

FORMATS = ("atom", "rss", "json")


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Of errors too: they tell whether there was such an address."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.get("/own/<token>/feed.<extension>")
def feed(token: str, extension: str) -> Response:
    if extension not in FORMATS:
        raise NotFound(
            N_("There is no feed of the format “%(format)s”. The formats are: %(known)s."),
            format=extension[:20], known=", ".join(FORMATS),
        )  # fmt: skip
    return _answer(token, extension)


@blueprint.get("/own/<token>/calendar.ics")
def calendar(token: str) -> Response:
    return _answer(token, "ics")


def _answer(token: str, extension: str) -> Response:
    """Raises: NotFound, Gone, BadFilter."""
    now = context.now()
    with context.db().read() as session:
        own = private_feeds.following(session, token)
        query = _query(session, own, extension)
        published = front.publisher().current(session, query, now)
    agent = request.headers.get("User-Agent", "")
    context.runtime().counted.poll(f"/own.{extension}", agent)  # the address itself is a secret
    dated = replace(published, last_modified=max(published.last_modified, _second_after(own)))
    answer = conditional.reply(dated, front.asked(request.environ), now, private=True)
    # As a list: of HEAD, the length that is said is not that of what is sent.
    return Response([answer.body], answer.status, answer.headers)


def _query(session: Session, own: Following, extension: str) -> Query:
    """The conditions of a filter may be added: they choose among what is followed."""
    page = context.local_path().removesuffix(f".{extension}")
    asked = filters.parse(request.args.items(multi=True), ignore=feeds.OPTIONS)
    present = queries.checked_filter(session, feed_query.with_page(asked, page))
    language = context.feed_language()
    return feed_query.checked(
        Query(
            present, extension, language, page,
            before=feeds.before(), alarms=feeds.ringing(), ahead=feeds.ahead(), own=own,
        )
    )  # fmt: skip


def _second_after(own: Following) -> datetime:
    """The first whole second at which the reader's last change was made: dates have no fractions."""
    whole = own.changed_at.replace(microsecond=0)
    return whole if whole == own.changed_at else whole + timedelta(seconds=1)
