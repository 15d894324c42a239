"""The page behind the link of a confirmation mail: one button, and what was asked for begins."""

from __future__ import annotations

from flask import Blueprint, request
from sqlalchemy.orm import Session

from feedsvc.errors import Invalid
from feedsvc.i18n import N_
from feedsvc.reminders import welcome
from feedsvc.subscriptions import changes, links
from feedsvc.subscriptions.models import Subscriber
from feedsvc.web import context
from feedsvc.web.public import owners
from feedsvc.web.views import follow as view
from feedsvc.web.views.reader import here

blueprint = Blueprint("own", __name__, template_folder="templates")
blueprint.after_request(owners.keep_private)


@blueprint.get("/confirm/<token>")
def ask_confirmation(token: str) -> str:
    with context.db().read() as session:
        return _page(session, owners.reader(session, links.CONFIRM, token))


@blueprint.post("/confirm/<token>")
def confirm(token: str) -> str | tuple[str, int]:
    """Begin what the page listed; said again once it has begun, whatever was pressed twice.

    A form that names nothing begins nothing, and is answered with the page that lists.
    """
    settings, now = context.settings(), context.now()
    with context.db().begin() as session:
        reader = owners.reader(session, links.CONFIRM, token)
        named = request.form.getlist("subscription")
        try:
            new = changes.confirm(session, reader, named, settings=settings, now=now)
        except Invalid as invalid:
            return _page(session, reader, invalid), 422
        welcome.enqueue(session, reader, new, settings=settings, now=now)
        begun = [row for row in reader.subscriptions if row.confirmed_at is not None]
        if not begun:
            return _page(session, reader)
        return owners.render(
            "follow/confirmed.html",
            N_("Your reminders begin"),
            rows=view.rows(session, begun, settings, here()),
            manage=owners.manage_path(reader),
        )


def _page(session: Session, reader: Subscriber, invalid: Invalid | None = None) -> str:
    waiting = [row for row in reader.subscriptions if row.confirmed_at is None]
    return owners.render(
        "follow/confirm.html",
        N_("Confirm your reminders"),
        rows=view.rows(session, waiting, context.settings(), here()),
        manage=owners.manage_path(reader),
        problem_lines=[("subscriptions", text) for text in owners.sentences(invalid).values()],
    )
