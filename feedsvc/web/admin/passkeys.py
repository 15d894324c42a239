"""One's own passkeys, and signing in with one. Browsers make and ask for them by a small script.

The options of what the browser is to do stand in the page; its answer comes back as a form. So
there is no address that a script alone would call, and every answer carries the page's token.
"""

from __future__ import annotations

import logging

from flask import request, session, url_for
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.auth import attempts, queries
from feedsvc.auth.models import Account
from feedsvc.auth.notices import Change
from feedsvc.auth.passkeys import ceremonies, keys
from feedsvc.auth.passkeys.ceremonies import Asked
from feedsvc.errors import Conflict, Invalid
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import noticed, pages
from feedsvc.web.admin.forms.account import PasskeyForm
from feedsvc.web.admin.forms.entry import whole
from feedsvc.web.admin.gate import actor, blueprint
from feedsvc.web.clients import client

log = logging.getLogger(__name__)

TITLE = N_("Passkeys")


@blueprint.get("/passkeys", endpoint="passkeys")
def index() -> Response:
    return _page(PasskeyForm())


@blueprint.post("/passkeys/add", endpoint="passkey_add")
def add() -> Response:
    form = PasskeyForm(request.form)
    try:
        key = ceremonies.made(asked(), form.passkey.data or "")
        with context.db().begin() as transaction:
            kept = keys.keep(
                transaction, form.name.data or "", key, actor=actor(), now=context.now()
            )
            noticed.tell(transaction, actor().id, Change.PASSKEY_ADDED, kept.name, actor=actor())
    except Invalid as invalid:
        form.mark(*invalid.problems)
        return _page(form, status=422)
    except Conflict as conflict:
        form.marks["name"] = [context.lang().gettext(conflict.message)]
        return _page(form, status=409)
    log.info("passkey added: account %s", actor().id)
    sentence = context.lang().gettext(N_("The passkey is kept: from now on it signs you in."))
    return pages.done(url_for("admin.passkeys"), sentence)


@blueprint.post("/passkeys/remove", endpoint="passkey_remove")
def remove() -> Response:
    number = whole(request.form.get("which")) or 0
    with context.db().begin() as transaction:
        gone = keys.remove(transaction, number, actor=actor(), now=context.now())
        noticed.tell(transaction, actor().id, Change.PASSKEY_REMOVED, gone, actor=actor())
    log.info("passkey removed: account %s", actor().id)
    sentence = context.lang().gettext(N_("The passkey does not sign you in any more."))
    return pages.done(url_for("admin.passkeys"), sentence)


def asked() -> Asked:
    """A question to this browser: its session is known by the token of its forms."""
    generate_csrf()
    return Asked(context.settings(), session["csrf_token"], context.now())


def request_options() -> str | None:
    """What the sign-in page asks browsers; None where the address of the site allows no passkeys."""
    return ceremonies.request(asked()) if ceremonies.possible(context.settings()) else None


def own_request_options(transaction: Session, account: Account) -> str | None:
    """The same for somebody who is known; None if they have none."""
    known = [row.credential for row in keys.of_account(transaction, account.id)]
    return ceremonies.request(asked(), known) if known else None


def answered() -> Account | None:
    """Whose passkey the form carries; None if that is not right. Raises: TooMany."""
    now, key, answer = context.now(), context.settings().secret_key, request.form.get("passkey", "")
    with context.db().begin() as transaction:
        attempts.count(transaction, attempts.SIGN_IN_CLIENT, client(), key=key, now=now)
    try:
        with context.db().begin() as transaction:
            return keys.spend(transaction, asked(), answer)
    except Invalid:
        log.warning("passkey refused: client %s", client())
        return None


def _page(form: PasskeyForm, *, status: int = 200) -> Response:
    settings = context.settings()
    with context.db().read() as reading:
        account = queries.loaded(reading, actor().id or 0)
        known = keys.of_account(reading, account.id)
        options = ceremonies.creation(
            asked(), account.id, email=account.email, name=account.name,
            known=[row.credential for row in known],
        )  # fmt: skip
        return pages.page(
            "accounts/passkeys.html",
            title=context.lang().gettext(TITLE),
            problems=form.problems(),
            status=status,
            form=form,
            passkeys=known,
            options=options if ceremonies.possible(settings) else None,
        )
