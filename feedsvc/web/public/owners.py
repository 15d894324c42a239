"""What the pages behind the links of mails share. No account, no cookie.

1. GET and HEAD change nothing: mail scanners open every link. Each act is a button (POST).
2. The token in the path is the right to act, so that a POST needs no other proof of where it comes
   from: RFC 8058 has mail readers send one, and a page that sends no referrer sends no origin.
3. No address is ever in a path or query, and no page is kept by a cache.
"""

from __future__ import annotations

from flask import Response
from sqlalchemy.orm import Session

from feedsvc import tokens, urls
from feedsvc.errors import Gone, Invalid
from feedsvc.i18n import N_
from feedsvc.subscriptions import links, queries
from feedsvc.subscriptions.models import Subscriber
from feedsvc.web import context
from feedsvc.web.context import Page
from feedsvc.web.views import follow as view
from feedsvc.web.views.reader import here

GONE = N_("This address is no longer on our list.")


def keep_private(response: Response) -> Response:
    """Nobody keeps these pages, and no link from them tells their address."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def reader(session: Session, purpose: str, token: str) -> Subscriber:
    """Raises: BadToken, ExpiredToken; Gone for an address that was deleted."""
    uid = tokens.verify(context.settings().secret_key, purpose, token, now=context.now())
    found = queries.subscriber(session, uid)
    if found is None:
        raise Gone(GONE)
    return found


def manage_path(subscriber: Subscriber) -> str:
    return context.path(urls.manage(links.manage_token(context.settings(), subscriber.uid)))


def sentences(invalid: Invalid | None) -> dict[str, str]:
    return view.sentences(invalid.problems, here()) if invalid else {}


def render(template: str, title: str, **values: object) -> str:
    page = Page(title=context.lang().gettext(title), path=context.local_path(), index=False)
    return context.render(template, page=page, **values)
