"""The outbox: every mail, what became of it and why, and how it looks."""

from __future__ import annotations

import re

from flask import make_response, request
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from feedsvc.errors import NotFound
from feedsvc.i18n import N_
from feedsvc.mail import message, queries
from feedsvc.mail.models import STATES, OutboxMail
from feedsvc.web import context
from feedsvc.web.admin import pages
from feedsvc.web.admin.forms.entry import whole
from feedsvc.web.admin.gate import blueprint
from feedsvc.web.security import PAGE_POLICY

PER_PAGE = 50
NAMES = {
    "queued": N_("waiting"),
    "leased": N_("taken"),
    "sending": N_("being sent"),
    "accepted": N_("accepted"),
    "bounced": N_("came back"),
    "failed": N_("failed"),
    "expired": N_("expired"),
    "void": N_("not needed any more"),
}
# A mail is HTML that others will render: it may show itself, and do nothing else.
# Its links open in a window of their own, which is no part of the box.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:)]")


@blueprint.get("/outbox/")
def outbox() -> Response:
    state, words = request.args.get("state", ""), request.args.get("q", "").strip()
    state = state if state in STATES else ""
    before = whole(request.args.get("before"))
    with context.db().read() as session:
        mails = queries.recent(
            session, state=state, search=words, before=before, limit=PER_PAGE + 1
        )
        return pages.page(
            "outbox/list.html",
            title=context.lang().gettext(N_("Mails")),
            section="outbox",
            mails=mails[:PER_PAGE],
            more=mails[PER_PAGE - 1].id if len(mails) > PER_PAGE else None,
            counts=queries.counts(session),
            names=NAMES,
            state=state,
            words=words,
        )


@blueprint.get("/outbox/<int:mail_id>")
def mail(mail_id: int) -> Response:
    with context.db().read() as session:
        found = _loaded(queries.get(session, mail_id))
        response = pages.page(
            "outbox/mail.html",
            title=found.subject,
            section="outbox",
            mail=found,
            reading=message.read(found.content),
            names=NAMES,
        )
    # The one page of the admin that holds a frame: the mail, from this very site.
    response.headers["Content-Security-Policy"] = _with_frame()
    return response


@blueprint.get("/outbox/<int:mail_id>/html")
def mail_html(mail_id: int) -> Response:
    """The mail as its reader sees it, in a box of its own: no script, no form, no other host."""
    with context.db().read() as session:
        found = _loaded(queries.get(session, mail_id))
        html = message.read(found.content).html
    response = make_response(html.replace("<head>", '<head><base target="_blank">', 1))
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    return response


@blueprint.app_template_filter("links")
def links(text: str) -> Markup:
    """A plain text whose web addresses can be clicked."""
    parts: list[Markup] = []
    end = 0
    for found in LINK.finditer(text):
        parts.append(escape(text[end : found.start()]))
        parts.append(
            Markup('<a href="{0}" target="_blank" rel="noopener">{0}</a>').format(found[0])
        )
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _with_frame() -> str:
    return f"{PAGE_POLICY}; frame-src 'self'"


def _loaded(found: OutboxMail | None) -> OutboxMail:
    if found is None:
        raise NotFound(N_("There is no mail with this number."))
    return found
