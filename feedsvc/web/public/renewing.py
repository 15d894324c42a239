"""The page behind the yearly question whether a reader still reads: one button."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy.orm import Session

from feedsvc.i18n import N_
from feedsvc.subscriptions import links, renewal
from feedsvc.subscriptions.models import Subscriber
from feedsvc.web import context
from feedsvc.web.public import owners
from feedsvc.web.views import follow as view
from feedsvc.web.views.reader import here

blueprint = Blueprint("renewing", __name__, template_folder="templates")
blueprint.after_request(owners.keep_private)


@blueprint.get("/renew/<token>")
def ask(token: str) -> str:
    with context.db().read() as session:
        return _page(session, owners.reader(session, links.RENEW, token), done=False)


@blueprint.post("/renew/<token>")
def renew(token: str) -> str:
    with context.db().begin() as session:
        reader = owners.reader(session, links.RENEW, token)
        renewal.renew(session, reader, settings=context.settings(), now=context.now())
        return _page(session, reader, done=True)


def _page(session: Session, reader: Subscriber, *, done: bool) -> str:
    followed = [row for row in reader.subscriptions if row.confirmed_at is not None]
    return owners.render(
        "follow/renew.html",
        N_("Your reminders go on") if done else N_("Do you still want these mails?"),
        rows=view.rows(session, followed, context.settings(), here()),
        to=view.masked(reader),
        done=done,
        manage=owners.manage_path(reader),
    )
