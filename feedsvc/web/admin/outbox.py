"""The outbox: every mail, found by what became of it, of which kind it is, to whom, and why."""

from __future__ import annotations

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.i18n import N_
from feedsvc.mail import queries, words
from feedsvc.mail.models import STATES
from feedsvc.mail.queries import Wanted
from feedsvc.reminders import reasons
from feedsvc.web import context
from feedsvc.web.admin import pages, sending
from feedsvc.web.admin.forms.entry import whole
from feedsvc.web.admin.gate import blueprint

PER_PAGE = 50
NAMES = words.STATE_NAMES
# What the address of the page calls the conditions.
QUERY = {
    "state": "state", "kind": "kind", "q": "search", "reply": "reply", "reader": "recipient_key",
}  # fmt: skip


@blueprint.get("/outbox/")
def outbox() -> Response:
    asked = {name: request.args.get(name, "").strip() for name in QUERY}
    asked["state"] = asked["state"] if asked["state"] in STATES else ""
    asked["kind"] = asked["kind"] if asked["kind"] in words.KIND_NAMES else ""
    wanted = Wanted(**{QUERY[name]: value for name, value in asked.items()})
    before = whole(request.args.get("before"))
    with context.db().read() as session:
        mails = queries.recent(session, wanted, before=before, limit=PER_PAGE + 1)
        return pages.page(
            "outbox/list.html",
            title=context.lang().gettext(N_("Mails")),
            section="outbox",
            mails=mails[:PER_PAGE],
            more=mails[PER_PAGE - 1].id if len(mails) > PER_PAGE else None,
            first_page=before is None,
            by_kind=queries.counts_by_kind(session),
            names=NAMES,
            kinds=words.KIND_NAMES,
            asked={name: value for name, value in asked.items() if value},
            reader=_address(session, wanted.recipient_key),
            health=sending.health(session, context.settings(), context.now()),
            server=sending.server(session, context.settings(), context.now()),
            why=lambda reason: reasons.words(reason, context.lang()),
        )


def _address(session: Session, recipient_key: str) -> str:
    """Of the reader whose mails are asked for, as their latest mail has it."""
    mails = queries.recent(session, Wanted(recipient_key=recipient_key), limit=1)
    return mails[0].address if recipient_key and mails else ""
