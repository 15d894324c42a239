"""Addresses that get no mail: who, why, since when, and how they get mail again."""

from __future__ import annotations

import logging

from flask import request, url_for
from werkzeug.wrappers import Response

from feedsvc.i18n import N_
from feedsvc.subscriptions import suppression
from feedsvc.web import context
from feedsvc.web.admin import pages
from feedsvc.web.admin.gate import actor, blueprint

log = logging.getLogger(__name__)

MOST = 200
REASONS = {
    suppression.HARD: N_("there is no such mailbox"),
    suppression.SOFT: N_("mail to it came back on several days"),
    suppression.COMPLAINT: N_("its reader reported a mail as spam"),
    suppression.OBJECTION: N_("its owner wants no mail"),
}
TITLE = N_("Addresses without mail")


@blueprint.get("/suppressions/")
def suppressions() -> Response:
    address = request.args.get("q", "").strip().lower()
    settings = context.settings()
    with context.db().read() as session:
        return pages.page(
            "suppressions/list.html",
            title=context.lang().gettext(TITLE),
            section="outbox",
            held=suppression.listed(session, address=address, limit=MOST, settings=settings),
            lifts=suppression.lifts(session),
            total=sum(suppression.counts(session).values()),
            most=MOST,
            reasons=REASONS,
            words=address,
        )


@blueprint.route("/suppressions/<digest>/lift", methods=["GET", "POST"])
def lift(digest: str) -> Response:
    if request.method == "POST":
        with context.db().begin() as session:
            suppression.lift(session, digest, actor=actor(), now=context.now())
        log.info("suppression %s lifted by account %s", digest, actor().id)
        sentence = context.lang().gettext(N_("This address gets mail again."))
        return pages.done(url_for("admin.suppressions"), sentence)
    with context.db().read() as session:
        found = suppression.one(session, digest)
    return pages.page(
        "suppressions/lift.html",
        title=context.lang().gettext(N_("Let this address have mail again")),
        section="outbox",
        held=found,
        reasons=REASONS,
        back=url_for("admin.suppressions"),
    )
