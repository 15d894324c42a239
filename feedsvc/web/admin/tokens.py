"""Tokens by which programs act for an account: one's own, and for administrators everybody's."""

from __future__ import annotations

import logging

from flask import request, url_for
from werkzeug.wrappers import Response

from feedsvc.auth.access import changes, queries, rules
from feedsvc.errors import Invalid
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import pages
from feedsvc.web.admin.forms.tokens import SCOPE_NAMES, TokenForm
from feedsvc.web.admin.gate import actor, blueprint, only_shown, posted

log = logging.getLogger(__name__)


@blueprint.get("/tokens/", endpoint="tokens")
def index() -> Response:
    """One's own."""
    with context.db().read() as session:
        return pages.page(
            "accounts/tokens.html",
            title=context.lang().gettext(N_("Your access tokens")),
            tokens=queries.of_account(session, actor().id or 0, now=context.now()),
            scope_names=SCOPE_NAMES,
        )


@blueprint.route("/tokens/new", methods=["GET", "POST"], endpoint="token_new")
def make() -> Response:
    """The page that answers shows the secret, this one time."""
    form = TokenForm(posted(), scopes=[rules.READ])
    form.scopes.choices = [(name, SCOPE_NAMES[name]) for name in rules.offered(actor().role)]
    if posted() is None or only_shown():
        return _form(form)
    if not form.right():
        return _form(form, status=422)
    try:
        with context.db().begin() as session:
            secret = changes.make(session, form.edit(), actor=actor(), now=context.now())
    except Invalid as invalid:
        form.mark(*invalid.problems)
        return _form(form, status=422)
    log.info("token made: account %s", actor().id)
    title = context.lang().gettext(N_("Your new token"))
    return pages.page("accounts/token.html", title=title, secret=secret)


@blueprint.post("/tokens/revoke", endpoint="token_revoke")
def revoke() -> Response:
    """End one of one's own."""
    _revoke(of=actor().id)
    return pages.done(url_for("admin.tokens"), context.lang().gettext(N_("The token is revoked.")))


@blueprint.get("/accounts/tokens", endpoint="account_tokens")
def everyone_s() -> Response:
    """Whose tokens there are."""
    with context.db().read() as session:
        return pages.page(
            "accounts/tokens_of_all.html",
            title=context.lang().gettext(N_("Access tokens of all accounts")),
            section="accounts",
            tokens=queries.everyone_s(session, now=context.now()),
            scope_names=SCOPE_NAMES,
        )


@blueprint.post("/accounts/tokens/revoke", endpoint="account_token_revoke")
def revoke_any() -> Response:
    _revoke(of=None)
    sentence = context.lang().gettext(N_("The token is revoked."))
    return pages.done(url_for("admin.account_tokens"), sentence)


def _revoke(*, of: int | None) -> None:
    """Raises: NotFound."""
    which = request.form.get("which", type=int) or 0
    with context.db().begin() as session:
        changes.revoke(session, which, of=of, actor=actor(), now=context.now())
    log.info("token %s revoked by account %s", which, actor().id)


def _form(form: TokenForm, *, status: int = 200) -> Response:
    return pages.page(
        "accounts/token_new.html",
        title=context.lang().gettext(N_("Make a token")),
        problems=form.problems(),
        status=status,
        form=form,
        longest=rules.LONGEST_DAYS,
    )
