"""The links of one's account with an OpenID provider: see them, make one, take one away."""

from __future__ import annotations

import json
import logging

from flask import request, url_for
from werkzeug.wrappers import Response

from feedsvc import tokens
from feedsvc.auth.notices import Change
from feedsvc.auth.openid import links, trips
from feedsvc.auth.openid.answers import Identity
from feedsvc.auth.openid.provider import Provider
from feedsvc.errors import Conflict, NotFound
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import noticed, pages
from feedsvc.web.admin.forms.base import Form
from feedsvc.web.admin.forms.entry import whole
from feedsvc.web.admin.gate import account_session, actor, blueprint, digest

log = logging.getLogger(__name__)

ENDED = N_("This way in has ended, or was begun in another browser. Begin again.")


@blueprint.get("/openid", endpoint="openid")
def index() -> Response:
    return page()


@blueprint.post("/openid/keep", endpoint="openid_keep")
def keep() -> Response:
    """Link the account with whom the page before has named."""
    found = _named(request.form.get("which", ""))
    if found is None:
        return page(ENDED, status=400)
    try:
        with context.db().begin() as transaction:
            links.keep(transaction, found, actor=actor(), now=context.now())
            noticed.tell(transaction, actor().id, Change.LINKED, found.words, actor=actor())
    except Conflict as conflict:
        return page(conflict.message, status=409)
    log.info("openid linked: account %s", actor().id)
    return pages.done(url_for("admin.openid"), say(N_("From now on %(provider)s signs you in.")))


@blueprint.post("/openid/remove", endpoint="openid_remove")
def remove() -> Response:
    with context.db().begin() as transaction:
        number = whole(request.form.get("which")) or 0
        gone = links.remove(transaction, number, actor=actor(), now=context.now())
        noticed.tell(transaction, actor().id, Change.UNLINKED, gone, actor=actor())
    log.info("openid unlinked: account %s", actor().id)
    sentence = context.lang().gettext(N_("It does not sign you in any more."))
    return pages.done(url_for("admin.openid"), sentence)


def ask(found: Identity) -> Response:
    """The page that says with whom, and has the button."""
    said = json.dumps([digest(), found.issuer, found.subject, found.name])
    settings, now = context.settings(), context.now()
    return pages.page(
        "accounts/openid_link.html",
        title=say(N_("Link your account with %(provider)s?")),
        name=found.name,
        which=tokens.sign(
            settings.secret_key, "openid link", said, now=now, lifetime=trips.LASTS
        ),
    )  # fmt: skip


def page(problem: str = "", *, status: int = 200) -> Response:
    form = Form()
    if problem:
        form.marks[""] = [say(problem)]
    known = context.provider()
    with context.db().read() as reading:
        theirs = links.of_account(reading, account_session().actor.id or 0)
    issuer = known.settings.openid_issuer if known else ""
    return pages.page(
        "accounts/openid.html",
        title=context.lang().gettext(N_("Sign in with another account")),
        problems=form.problems(),
        status=status,
        links=theirs,
        is_linked=any(one.issuer == issuer for one in theirs),
    )


def provider() -> Provider:
    """Raises: NotFound."""
    found = context.provider()
    if found is None:
        raise NotFound(N_("This site is linked with no provider."))
    return found


def say(words: str) -> str:
    known = context.provider()
    return context.lang().gettext(words, provider=known.label if known else "")


def _named(which: str) -> Identity | None:
    """Whom this session was asked about."""
    key = context.settings().secret_key
    try:
        said = json.loads(tokens.verify(key, "openid link", which, now=context.now()))
    except tokens.BadToken:
        return None
    mine, *identity = said
    return Identity(*identity) if mine == digest() else None
