"""Sign in, sign out, a new password, and the language of the admin."""

from __future__ import annotations

import logging
import re

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from feedsvc.auth import changes, queries
from feedsvc.errors import Invalid, TooMany
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import held, sessions
from feedsvc.web.admin.forms.account import PasswordForm, SignInForm
from feedsvc.web.admin.forms.base import ErrorLine
from feedsvc.web.admin.gate import account_session, actor, blueprint, digest, posted, speak
from feedsvc.web.admin.pages import done, page
from feedsvc.web.admin.sessions import AccountSession
from feedsvc.web.clients import client

log = logging.getLogger(__name__)

# Only a path of the admin itself: no scheme, no host, nothing that a browser could read as one.
OWN_PATH = re.compile(r"/admin/[A-Za-z0-9_./-]*(?:\?[A-Za-z0-9_.=&%+-]*)?", re.ASCII)


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response:
    if isinstance(session, AccountSession):
        return redirect(url_for("admin.dashboard"), 303)
    if request.method == "GET":
        return _sign_in_page(SignInForm(next=own_path(request.args.get("next"))))
    form = SignInForm(request.form)
    if not form.right():
        return _sign_in_page(form, status=422)
    try:
        secret = _signed_in(form.email.data, form.password.data)
    except TooMany as refused:
        form.marks["email"] = [context.lang().gettext(refused.message)]
        response = _sign_in_page(form, status=429)
        response.headers["Retry-After"] = str(refused.retry_after)
        return response
    if secret is None:
        log.warning("sign-in refused: client %s", client())
        words = N_("The address or the password is not right. Check both and try again.")
        form.marks["email"] = [context.lang().gettext(words)]
        return _sign_in_page(form, status=401)
    # 307 repeats the request: fields that waited for this go on their way (see `held`).
    response = redirect(own_path(form.next.data), 307 if held.fields() else 303)
    sessions.give(response, secret)
    log.info("signed in: client %s", client())
    session.clear()  # the visitor's cookie has done its work
    return response


@blueprint.post("/sign-out")
def sign_out() -> Response:
    account_session().end()
    return redirect(url_for("admin.sign_in"), 303)


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> Response:
    form = PasswordForm(posted())
    title = context.lang().gettext(N_("Change your password"))
    if request.method == "POST":
        try:
            with context.db().begin() as transaction:
                changes.change_password(
                    transaction, actor().id or 0, old=form.old.data or "", new=form.new.data or "",
                    digest=digest(),
                )  # fmt: skip
        except Invalid as invalid:
            form.mark(*invalid.problems)
            return page(
                "password.html", title=title, problems=form.problems(), form=form, status=422
            )
        say = context.lang().gettext
        return done(
            url_for("admin.dashboard"),
            say(N_("Your password is changed. Every other browser was signed out.")),
        )
    return page("password.html", title=title, form=form)


@blueprint.post("/language")
def language() -> Response:
    """Speak another language from now on."""
    code = request.form.get("language")
    if code in context.settings().languages:
        session["language"] = code
        speak()
    return redirect(own_path(request.form.get("back")), 303)


def own_path(wanted: str | None) -> str:
    """The address if it is one of the admin's own, else the dashboard."""
    if wanted and OWN_PATH.fullmatch(wanted):
        return wanted
    return url_for("admin.dashboard")


def _signed_in(email: str, password: str) -> str | None:
    """The secret of a new session, None if address and password are not right. Raises: TooMany."""
    db, now, key = context.db(), context.now(), context.settings().secret_key
    with db.begin() as transaction:
        changes.count_attempt(transaction, email, client(), key=key, now=now)
    with db.read() as reading:
        account = queries.authenticated(reading, email, password)
    if account is None:
        return None
    with db.begin() as transaction:
        return changes.sign_in(
            transaction, account, password, client=client(), key=key, now=now,
            language=context.lang().code,
        )  # fmt: skip


def _sign_in_page(form: SignInForm, *, status: int = 200) -> Response:
    problems: list[ErrorLine] = form.problems()
    title = context.lang().gettext(N_("Sign in"))
    return page(
        "sign_in.html", title=title, problems=problems, form=form, kept=held.fields(), status=status
    )
