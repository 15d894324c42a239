"""One mail: how it looks, its story, and what a person can do about it."""

from __future__ import annotations

import re

from flask import make_response, url_for
from markupsafe import Markup, escape
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.auth import letters, notices, rules
from feedsvc.content import history
from feedsvc.errors import Forbidden, Gone, NotFound
from feedsvc.i18n import N_
from feedsvc.mail import again, message, queries, texts
from feedsvc.mail.message import Reading
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import reasons, story
from feedsvc.subscriptions.queries import suppressed
from feedsvc.web import context
from feedsvc.web.admin import pages
from feedsvc.web.admin.gate import actor, blueprint
from feedsvc.web.admin.outbox import NAMES
from feedsvc.web.security import PAGE_POLICY

# A mail is HTML that others will render: it may show itself and our logo, and do nothing else.
# Its links open in a window of their own, which is no part of the box.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:)]")
FORGOTTEN = N_("The text of this mail is not kept any more: its reader asked to be forgotten.")

SEALED = N_("This mail opens an account: only administrators may read it.")


@blueprint.get("/outbox/<int:mail_id>")
def mail(mail_id: int) -> Response:
    now, language, settings = context.now(), context.lang(), context.settings()
    with context.db().read() as session:
        found = _loaded(session, mail_id)
        response = pages.page(
            "outbox/mail.html",
            title=found.subject or language.gettext(N_("Mail %(number)s"), number=found.id),
            section="outbox",
            mail=found,
            reading=_reading(session, found),
            sealed=not _may_read(found),
            names=NAMES,
            story=story.of(session, found, settings=settings, language=language, now=now),
            reason=reasons.words(found.reason, language),
            may_retry=again.may_retry(found, now),
            may_hasten=again.may_hasten(found, now),
            blocked=bool(found.address) and suppressed(session, found.address, settings),
        )
    # The one page of the admin that holds a frame: the mail, from this very site.
    response.headers["Content-Security-Policy"] = _with_frame()
    return response


@blueprint.get("/outbox/<int:mail_id>/html")
def mail_html(mail_id: int) -> Response:
    """The mail as its reader sees it, in a box of its own: no script, no form, no other host."""
    with context.db().read() as session:
        html = message.read(_kept(session, mail_id)).html
    response = make_response(html.replace("<head>", '<head><base target="_blank">', 1))
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    return response


@blueprint.get("/outbox/<int:mail_id>/source.eml", endpoint="mail_source")
def source(mail_id: int) -> Response:
    """The mail as it goes to the mail server, byte for byte, for a mail program to open."""
    with context.db().read() as session:
        response = make_response(_kept(session, mail_id).encode("ascii"))
    response.headers["Content-Type"] = "message/rfc822"
    response.headers.set("Content-Disposition", "attachment", filename=f"mail-{mail_id}.eml")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@blueprint.post("/outbox/<int:mail_id>/retry", endpoint="mail_retry")
def retry(mail_id: int) -> Response:
    """Try a failed mail again, and keep who wanted that."""
    with context.db().begin() as session:
        again.retry(session, mail_id, now=context.now())
        _note(session, mail_id, story.RETRIED)
    return _done(mail_id, N_("It is tried again within seconds."))


@blueprint.post("/outbox/<int:mail_id>/hasten", endpoint="mail_hasten")
def hasten(mail_id: int) -> Response:
    """Make the next try of a mail now, and keep who wanted that."""
    with context.db().begin() as session:
        again.hasten(session, mail_id, now=context.now())
        _note(session, mail_id, story.HASTENED)
    return _done(mail_id, N_("The next try is made within seconds."))


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


def _loaded(session: Session, mail_id: int) -> OutboxMail:
    found = queries.get(session, mail_id)
    if found is None:
        raise NotFound(N_("There is no mail with this number."))
    return found


def _kept(session: Session, mail_id: int) -> str:
    """The content of a mail. Raises: Forbidden; Gone for one whose reader was forgotten."""
    found = _loaded(session, mail_id)
    if not _may_read(found):
        raise Forbidden(SEALED)
    if not found.content:
        raise Gone(FORGOTTEN)
    return texts.whole(session, found)


def _reading(session: Session, found: OutboxMail) -> Reading | None:
    """The mail taken apart, if it is kept and the actor's to read."""
    if not found.content or not _may_read(found):
        return None
    return message.read(texts.whole(session, found))


def _may_read(found: OutboxMail) -> bool:
    """A link in a mail to an account opens that account, and how its owner signs in is theirs."""
    return found.kind not in (*letters.KINDS, notices.KIND) or rules.may(actor(), rules.ACCOUNTS)


def _note(session: Session, mail_id: int, act: str) -> None:
    history.record(session, story.SUBJECT, mail_id, act, {}, actor=actor(), now=context.now())


def _done(mail_id: int, sentence: str) -> Response:
    return pages.done(url_for("admin.mail", mail_id=mail_id), context.lang().gettext(sentence))
