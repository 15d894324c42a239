"""Unsubscribe by the link of a mail or by one click (RFC 8058), and take that back for a week."""

from __future__ import annotations

from flask import Blueprint, request
from sqlalchemy.orm import Session

from feedsvc.i18n import N_
from feedsvc.subscriptions import changes, links, queries, undo
from feedsvc.subscriptions.models import Subscriber, Subscription
from feedsvc.web import context
from feedsvc.web.public import owners
from feedsvc.web.views import follow as view
from feedsvc.web.views.reader import here

blueprint = Blueprint("leaving", __name__, template_folder="templates")
blueprint.after_request(owners.keep_private)


@blueprint.get("/unsubscribe/<token>")
def ask_unsubscribe(token: str) -> str:
    reader_uid, uid = _who(token)
    with context.db().read() as session:
        reader = queries.subscriber(session, reader_uid)
        ending = [row for row in reader.subscriptions if uid in ("", row.uid)] if reader else []
        rows = view.rows(session, ending, context.settings(), here())
        if reader is None or not rows:
            return _unsubscribed(session, reader, uid)
        return owners.render(
            "follow/unsubscribe.html",
            N_("Stop these reminders?") if uid else N_("Stop all mail?"),
            rows=rows,
            address=view.masked(reader),
        )


@blueprint.post("/unsubscribe/<token>")
def unsubscribe(token: str) -> str:
    """Also the one-click POST of mail readers: 200, and again 200 when repeated.

    `act=undo` begins again what was ended by this link in the last seven days.
    """
    reader_uid, uid = _who(token)
    settings, now = context.settings(), context.now()
    with context.db().begin() as session:
        reader = queries.subscriber(session, reader_uid)
        if reader is not None and request.form.get("act") == "undo":
            undo.restore(session, reader, uid, settings=settings, now=now)
            followed = [row for row in reader.subscriptions if uid in ("", row.uid)]
            if followed:
                return _restored(session, reader, followed)
        elif reader is not None:
            changes.unsubscribe(session, reader, uid, settings=settings, now=now)
        return _unsubscribed(session, reader, uid)


def _who(token: str) -> tuple[str, str]:
    return links.who_unsubscribes(context.settings(), token, now=context.now())


def _restored(session: Session, reader: Subscriber, followed: list[Subscription]) -> str:
    return owners.render(
        "follow/confirmed.html",
        N_("Your reminders go on"),
        rows=view.rows(session, followed, context.settings(), here()),
        manage=owners.manage_path(reader),
    )


def _unsubscribed(session: Session, reader: Subscriber | None, uid: str) -> str:
    ended = undo.ended(session, reader, uid, now=context.now()) if reader else ()
    return owners.render(
        "follow/unsubscribed.html",
        N_("These reminders have ended"),
        manage=owners.manage_path(reader) if reader and reader.subscriptions else "",
        address=view.masked(reader) if reader and ended else "",
        may_undo=bool(ended),
    )
