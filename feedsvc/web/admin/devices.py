"""Where one is signed in, and how to end that from here; and who it is, asked once more."""

from __future__ import annotations

import logging

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from feedsvc import tokens
from feedsvc.auth import audit, browsers, changes, queries, rules, second_step, sessions
from feedsvc.auth.accounts import SUBJECT
from feedsvc.auth.models import Account
from feedsvc.auth.openid import links
from feedsvc.errors import TooMany
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import own_path, pages, passkeys
from feedsvc.web.admin.forms.account import ConfirmForm
from feedsvc.web.admin.gate import actor, blueprint, digest, posted
from feedsvc.web.clients import client

log = logging.getLogger(__name__)

PROOF = "openid proof"  # that a provider has confirmed who this session is, and the code is missing


@blueprint.get("/sessions", endpoint="sessions")
def index() -> Response:
    with context.db().read() as session:
        return pages.page(
            "accounts/sessions.html",
            title=context.lang().gettext(N_("Where you are signed in")),
            sessions=sessions.of_account(session, actor().id or 0, now=context.now()),
            here=digest(),
            browser=lambda agent: browsers.in_words(agent, context.lang()),
        )


@blueprint.post("/sessions/end", endpoint="sessions_end")
def end() -> Response:
    """End one, or with `others` all but this."""
    number, say = actor().id or 0, context.lang().gettext
    which = request.form.get("which", "")
    with context.db().begin() as session:
        if which == "others":
            sessions.end_all(session, number, but=digest())
        else:
            sessions.end_one(session, number, which)
        audit.record(session, SUBJECT, number, "signed_out", {}, actor=actor(), now=context.now())
    log.info("sessions ended from another one: account %s", number)
    if which == digest():
        return redirect(url_for("admin.sign_in"), 303)
    others = which == "others"
    sentence = say(N_("Every other browser is signed out.") if others else N_("It is signed out."))
    return pages.done(url_for("admin.sessions"), sentence)


@blueprint.route("/confirm", methods=["GET", "POST"])
def confirm() -> Response:
    """The password, and the code where there is one: then dangerous acts are open for a while."""
    form = ConfirmForm(posted(), next=own_path.of(request.args.get("next")))
    with context.db().read() as session:
        account = queries.loaded(session, actor().id or 0)
    if request.method == "GET":
        return confirm_page(account, form)
    try:
        if "passkey" in request.form:
            right = _is_theirs(account)
        elif form.proof.data:
            right = _has_code(account, form.proof.data, form.code.data or "")
        else:
            right = _is_them(account, form.password.data or "", form.code.data or "")
    except TooMany as refused:
        form.marks[form.first.id] = [context.lang().gettext(refused.message)]
        return confirm_page(account, form, status=429)
    if not right:
        log.warning("confirmation refused: account %s, client %s", account.id, client())
        words = N_("That is not right. Check it and try again.")
        form.marks[form.first.id] = [context.lang().gettext(words)]
        return confirm_page(account, form, status=401)
    return _confirmed(form.next.data)


def proven(account: Account, wanted: str | None) -> Response:
    """What comes after the word of a provider: the code, where there is one."""
    if account.totp_since is None:
        return _confirmed(wanted)
    settings, now = context.settings(), context.now()
    proof = tokens.sign(settings.secret_key, PROOF, digest(), now=now, lifetime=rules.HALF_WAY)
    return confirm_page(account, ConfirmForm(next=own_path.of(wanted), proof=proof))


def _is_them(account: Account, password: str, code: str) -> bool:
    """Raises: TooMany."""
    db, now, key = context.db(), context.now(), context.settings().secret_key
    with db.begin() as session:
        changes.count_attempt(session, account.email, client(), key=key, now=now)
    with db.read() as session:
        if queries.authenticated(session, account.email, password) is None:
            return False
    with db.begin() as session:
        if account.totp_since is not None and not second_step.spend(
            session, account, code, key=key, now=now
        ):
            return False
        changes.forgive(session, account, client(), key=key)
    return True


def _has_code(account: Account, proof: str, code: str) -> bool:
    """The code, of who has shown the rest in this session a moment ago. Raises: TooMany."""
    db, now, key = context.db(), context.now(), context.settings().secret_key
    with db.begin() as session:
        changes.count_attempt(session, account.email, client(), key=key, now=now)
    try:
        if tokens.verify(key, PROOF, proof, now=now) != digest():
            return False
    except tokens.BadToken:
        return False
    with db.begin() as session:
        if not second_step.spend(session, account, code, key=key, now=now):
            return False
        changes.forgive(session, account, client(), key=key)
    return True


def _is_theirs(account: Account) -> bool:
    """Whether the passkey that was used is one of the account. Raises: TooMany."""
    found = passkeys.answered()
    if found is None or found.id != account.id:
        return False
    with context.db().begin() as session:
        changes.forgive(session, account, client(), key=context.settings().secret_key)
    return True


def _confirmed(wanted: str | None) -> Response:
    with context.db().begin() as session:
        sessions.confirm(session, digest(), now=context.now())
    return redirect(own_path.of(wanted), 303)


def confirm_page(account: Account, form: ConfirmForm, *, status: int = 200) -> Response:
    with context.db().read() as session:
        options = passkeys.own_request_options(session, account)
        issuers = {link.issuer for link in links.of_account(session, account.id)}
    return pages.page(
        "accounts/confirm.html",
        title=context.lang().gettext(N_("Is it you?")),
        problems=form.problems(),
        status=status,
        form=form,
        has_code=account.totp_since is not None,
        options=options,
        is_linked=context.settings().openid_issuer in issuers,
    )
