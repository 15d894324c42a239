"""Sign in, sign out, a new password, and the language of the admin."""

from __future__ import annotations

import logging

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from feedsvc.auth import changes, links, queries, second_step
from feedsvc.auth.models import Account
from feedsvc.auth.notices import Change
from feedsvc.auth.passkeys import ceremonies
from feedsvc.errors import FeedsvcError, Invalid, TooMany
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import doors, noticed, own_path, passkeys
from feedsvc.web.admin.forms.account import CodeForm, PasswordForm, SignInForm
from feedsvc.web.admin.gate import account_session, actor, blueprint, digest, posted, speak
from feedsvc.web.admin.pages import done, page
from feedsvc.web.admin.sessions import AccountSession
from feedsvc.web.clients import client

log = logging.getLogger(__name__)


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response:
    if isinstance(session, AccountSession):
        return redirect(url_for("admin.dashboard"), 303)
    if request.method == "GET":
        return doors.sign_in_page(SignInForm(next=own_path.of(request.args.get("next"))))
    form = SignInForm(request.form)
    if not form.right():
        return doors.sign_in_page(form, status=422)
    try:
        account = _authenticated(form.email.data or "", form.password.data or "")
    except TooMany as refused:
        return doors.sign_in_page(doors.marked(form, "email", refused.message), refused=refused)
    if account is None:
        log.warning("sign-in refused: client %s", client())
        words = N_("The address or the password is not right. Check both and try again.")
        return doors.sign_in_page(doors.marked(form, "email", words), status=401)
    if account.totp_since is not None:
        return doors.ask_code(account, form.next.data)
    return doors.let_in(account, form.password.data, form.next.data)


@blueprint.post("/code")
def code() -> Response:
    """The second step, for who has just given the right password in this browser."""
    form, settings, now = CodeForm(request.form), context.settings(), context.now()
    account = _half_way()
    if account is None:
        return redirect(url_for("admin.sign_in"), 303)
    key = settings.secret_key
    try:
        with context.db().begin() as transaction:
            second_step.count(transaction, account.id, key=key, now=now)
    except TooMany as refused:
        return doors.code_page(doors.marked(form, "code", refused.message), refused=refused)
    with context.db().begin() as transaction:
        right = second_step.spend(transaction, account, form.code.data or "", key=key, now=now)
    if not right:
        log.warning("code refused: account %s, client %s", account.id, client())
        return doors.code_page(doors.marked(form, "code", second_step.WRONG), status=401)
    return doors.let_in(account, None, form.next.data, way=session.get(doors.WAY, ""))


@blueprint.post("/passkey")
def passkey() -> Response:
    """Sign in with a passkey: it stands for password and code."""
    form = SignInForm(request.form)
    try:
        account = passkeys.answered()
    except TooMany as refused:
        return doors.sign_in_page(doors.marked(form, "email", refused.message), refused=refused)
    if account is None:
        return doors.sign_in_page(doors.marked(form, "email", ceremonies.REFUSED), status=401)
    return doors.let_in(account, None, form.next.data)


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
            _change_password(form)
        except Invalid as invalid:
            form.mark(*invalid.problems)
            return doors.door("password.html", title, form, status=422)
        except TooMany as refused:
            return doors.door(
                "password.html", title, doors.marked(form, "old", refused.message), refused=refused
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
    return redirect(own_path.of(request.form.get("back")), 303)


def _change_password(form: PasswordForm) -> None:
    """Guesses of the present password count as tries to sign in. Raises: TooMany, Invalid."""
    db, now, key = context.db(), context.now(), context.settings().secret_key
    with db.begin() as transaction:
        account = queries.loaded(transaction, actor().id or 0)
        changes.count_attempt(transaction, account.email, client(), key=key, now=now)
    with db.begin() as transaction:
        changes.change_password(
            transaction, actor(), old=form.old.data or "", new=form.new.data or "",
            digest=digest(), now=now,
        )  # fmt: skip
        changes.forgive(transaction, account, client(), key=key)
        noticed.tell(transaction, account.id, Change.PASSWORD, actor=actor())


def _authenticated(email: str, password: str) -> Account | None:
    """The account, None if address and password are not right. Raises: TooMany."""
    db, now, key = context.db(), context.now(), context.settings().secret_key
    with db.begin() as transaction:
        changes.count_attempt(transaction, email, client(), key=key, now=now)
    with db.read() as reading:
        return queries.authenticated(reading, email, password)


def _half_way() -> Account | None:
    """Whose password was right in this browser a moment ago, and still is theirs."""
    settings, now = context.settings(), context.now()
    try:
        held_token = session.get(doors.HALF_WAY, "")
        number = links.who_is_half_way(settings, held_token, now=now)
        with context.db().read() as reading:
            account = queries.loaded(reading, number)
        if account.disabled_at is None and links.is_half_way(
            settings, held_token, account, now=now
        ):
            return account
    except FeedsvcError:
        pass
    return None
