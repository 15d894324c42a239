"""The pages behind the links of mails: confirm, manage, unsubscribe. No account, no cookie.

1. GET and HEAD change nothing: mail scanners open every link. Each act is a button (POST).
2. The token in the path is the right to act, so that a POST needs no other proof of where it comes
   from: RFC 8058 has mail readers send one, and a page that sends no referrer sends no origin.
3. No address is ever in a path or query, and no page is kept by a cache.
"""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from feedsvc import tokens, urls
from feedsvc.errors import Gone, Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.subscriptions import changes, links, private_feeds, queries, rules
from feedsvc.subscriptions.models import Subscriber
from feedsvc.subscriptions.rules import Choice
from feedsvc.web import context
from feedsvc.web.context import Page
from feedsvc.web.views import follow as view
from feedsvc.web.views.own_feed import own_feed
from feedsvc.web.views.reader import here

blueprint = Blueprint("own", __name__, template_folder="templates")

GONE = N_("This address is no longer on our list.")


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Nobody keeps these pages, and no link from them tells their address."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/confirm/<token>")
def ask_confirmation(token: str) -> str:
    with context.db().read() as session:
        reader = _reader(session, links.CONFIRM, token)
        waiting = [row for row in reader.subscriptions if row.confirmed_at is None]
        rows = view.rows(session, waiting, context.settings(), here())
        return _render(
            "follow/confirm.html", N_("Confirm your reminders"), rows=rows, manage=_manage(reader)
        )


@blueprint.post("/confirm/<token>")
def confirm(token: str) -> str:
    """Begin what the page listed; said again once it has begun, whatever was pressed twice.

    A form that names nothing begins nothing, and is answered with the page that lists.
    """
    settings, now = context.settings(), context.now()
    with context.db().begin() as session:
        reader = _reader(session, links.CONFIRM, token)
        named = request.form.getlist("subscription")
        changes.confirm(session, reader, named, settings=settings, now=now)
        begun = [row for row in reader.subscriptions if row.confirmed_at is not None]
        if not begun:
            return ask_confirmation(token)
        rows = view.rows(session, begun, settings, here())
        return _render(
            "follow/confirmed.html", N_("Your reminders begin"), rows=rows, manage=_manage(reader)
        )


@blueprint.get("/manage/<token>")
def manage(token: str) -> str:
    with context.db().read() as session:
        return _manage_page(session, _reader(session, links.MANAGE, token))


@blueprint.post("/manage/<token>")
def change(token: str) -> BaseResponse | str | tuple[str, int]:
    """`act` is save, confirm, stop (with a `subscription`), stop-all, feed, feed-end or erase.

    `feed` is answered with the page itself: it alone ever shows the address that was made.
    """
    settings, now = context.settings(), context.now()
    act, _, uid = request.form.get("act", "save").partition(":")
    with context.db().begin() as session:
        reader = _reader(session, links.MANAGE, token)
        if act == "erase":
            changes.erase(session, reader, settings=settings, now=now)
            return _render("follow/erased.html", N_("You are forgotten"))
        if act == "feed":
            form = request.form.get("form", "")
            secret = private_feeds.begin(session, reader, form, settings=settings, now=now)
            return _manage_page(session, reader, secret=secret)
        if act == "feed-end":
            private_feeds.end(session, reader, settings=settings, now=now)
        elif act == "stop-all" or (act == "stop" and uid):
            changes.unsubscribe(session, reader, uid, settings=settings, now=now)
        elif act == "confirm":
            changes.confirm(session, reader, [uid], settings=settings, now=now)
        elif act == "save":
            try:
                _save(session, reader)
            except Invalid as invalid:
                return _manage_page(session, reader, invalid), 422
    return redirect(f"{context.path(urls.manage(token))}?done={act}", 303)


@blueprint.get("/unsubscribe/<token>")
def ask_unsubscribe(token: str) -> str:
    reader_uid, uid = _unsubscribes(token)
    with context.db().read() as session:
        reader = queries.subscriber(session, reader_uid)
        ending = [row for row in reader.subscriptions if uid in ("", row.uid)] if reader else []
        rows = view.rows(session, ending, context.settings(), here())
        if reader is None or not rows:
            return _unsubscribed(reader)
        return _render(
            "follow/unsubscribe.html",
            N_("Stop these reminders?") if uid else N_("Stop all mail?"),
            rows=rows,
            address=view.masked(reader),
        )


@blueprint.post("/unsubscribe/<token>")
def unsubscribe(token: str) -> str:
    """Also the one-click POST of mail readers (RFC 8058): 200, and again 200 when repeated."""
    reader_uid, uid = _unsubscribes(token)
    settings, now = context.settings(), context.now()
    with context.db().begin() as session:
        reader = queries.subscriber(session, reader_uid)
        if reader is not None:
            changes.unsubscribe(session, reader, uid, settings=settings, now=now)
        return _unsubscribed(reader)


def _reader(session: Session, purpose: str, token: str) -> Subscriber:
    """Raises: BadToken, ExpiredToken; Gone for an address that was deleted."""
    uid = tokens.verify(context.settings().secret_key, purpose, token, now=context.now())
    reader = queries.subscriber(session, uid)
    if reader is None:
        raise Gone(GONE)
    return reader


def _unsubscribes(token: str) -> tuple[str, str]:
    return links.who_unsubscribes(context.settings(), token, now=context.now())


def _save(session: Session, reader: Subscriber) -> None:
    """The offsets of each subscription that the form held, and the language. Raises: Invalid."""
    changes.change(
        session,
        reader,
        language=request.form.get("language", ""),
        choices={uid: Choice(_offsets(uid)) for uid in request.form.getlist("subscription")},
        settings=context.settings(),
        now=context.now(),
    )


def _offsets(uid: str) -> tuple[int, ...]:
    typed = request.form.getlist(f"offsets-{uid}")
    if not all(text.isdecimal() for text in typed):
        raise Invalid(Problem("offsets", N_("Choose from the days that are offered.")))
    return tuple(int(text) for text in typed)


def _manage_page(
    session: Session,
    reader: Subscriber,
    invalid: Invalid | None = None,
    *,
    secret: str | None = None,
) -> str:
    """With `secret` it shows the addresses of the reader's own feed that was just made."""
    settings, begun_at = context.settings(), private_feeds.begun_at(session, reader)
    return _render(
        "follow/manage.html",
        N_("Your reminders"),
        rows=view.rows(session, reader.subscriptions, settings, here()),
        address=view.masked(reader),
        language=reader.language,
        choices=rules.choices(settings.reminder_offsets),
        own=own_feed(tokens.secret(), begun_at, secret, here()) if reader.confirmed_at else None,
        done=request.args.get("done", "") if request.method == "GET" else "",
        problem_lines=[("subscriptions", text) for text in _sentences(invalid)],
    )


def _sentences(invalid: Invalid | None) -> list[str]:
    return list(view.sentences(invalid.problems, here()).values()) if invalid else []


def _unsubscribed(reader: Subscriber | None) -> str:
    manage = _manage(reader) if reader is not None and reader.subscriptions else ""
    return _render("follow/unsubscribed.html", N_("These reminders have ended"), manage=manage)


def _manage(reader: Subscriber) -> str:
    return context.path(urls.manage(links.manage_token(context.settings(), reader.uid)))


def _render(template: str, title: str, **values: object) -> str:
    page = Page(title=context.lang().gettext(title), path=context.local_path(), index=False)
    return context.render(template, page=page, **values)
