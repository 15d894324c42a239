"""Sign in, sign out, a new password, and the language of the admin."""

from __future__ import annotations

import logging
from typing import TypeVar

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from feedsvc.auth import changes, links, queries, second_step
from feedsvc.auth.models import Account
from feedsvc.auth.passkeys import ceremonies
from feedsvc.errors import FeedsvcError, Invalid, TooMany
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import held, own_path, passkeys, sessions
from feedsvc.web.admin.forms.account import CodeForm, PasswordForm, SignInForm
from feedsvc.web.admin.forms.base import Form
from feedsvc.web.admin.gate import account_session, actor, blueprint, digest, posted, speak
from feedsvc.web.admin.pages import done, page
from feedsvc.web.admin.sessions import AccountSession
from feedsvc.web.clients import client

log = logging.getLogger(__name__)

HALF_WAY = "half_way"  # in the visitor's cookie: the password was right


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response:
    if isinstance(session, AccountSession):
        return redirect(url_for("admin.dashboard"), 303)
    if request.method == "GET":
        return _sign_in_page(SignInForm(next=own_path.of(request.args.get("next"))))
    form = SignInForm(request.form)
    if not form.right():
        return _sign_in_page(form, status=422)
    try:
        account = _authenticated(form.email.data or "", form.password.data or "")
    except TooMany as refused:
        return _sign_in_page(_marked(form, "email", refused.message), refused=refused)
    if account is None:
        log.warning("sign-in refused: client %s", client())
        words = N_("The address or the password is not right. Check both and try again.")
        return _sign_in_page(_marked(form, "email", words), status=401)
    if account.totp_since is not None:
        half = links.half_way(context.settings(), account, now=context.now())
        session[HALF_WAY] = half
        return _code_page(CodeForm(next=own_path.of(form.next.data)))
    return _let_in(account, form.password.data, form.next.data)


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
        return _code_page(_marked(form, "code", refused.message), refused=refused)
    with context.db().begin() as transaction:
        right = second_step.spend(transaction, account, form.code.data or "", key=key, now=now)
    if not right:
        log.warning("code refused: account %s, client %s", account.id, client())
        return _code_page(_marked(form, "code", second_step.WRONG), status=401)
    return _let_in(account, None, form.next.data)


@blueprint.post("/passkey")
def passkey() -> Response:
    """Sign in with a passkey: it stands for password and code."""
    form = SignInForm(request.form)
    try:
        account = passkeys.answered()
    except TooMany as refused:
        return _sign_in_page(_marked(form, "email", refused.message), refused=refused)
    if account is None:
        return _sign_in_page(_marked(form, "email", ceremonies.REFUSED), status=401)
    return _let_in(account, None, form.next.data)


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
            return _door("password.html", title, form, status=422)
        except TooMany as refused:
            return _door(
                "password.html", title, _marked(form, "old", refused.message), refused=refused
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
        held_token = session.get(HALF_WAY, "")
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


def _let_in(account: Account, password: str | None, wanted: str | None) -> Response:
    """A new session in an answer that leads to the page that was wanted."""
    with context.db().begin() as transaction:
        secret = changes.sign_in(
            transaction, account, password, client=client(), agent=request.user_agent.string,
            key=context.settings().secret_key, language=context.lang().code, now=context.now(),
        )  # fmt: skip
    # 307 repeats the request: fields that waited for this go on their way (see `held`).
    response = redirect(own_path.of(wanted), 307 if held.fields() else 303)
    sessions.give(response, secret)
    log.info("signed in: account %s, client %s", account.id, client())
    session.clear()  # the visitor's cookie has done its work
    return response


F = TypeVar("F", bound=Form)


def _marked(form: F, field: str, words: str) -> F:
    form.marks[field] = [context.lang().gettext(words)]
    return form


def _sign_in_page(
    form: SignInForm, *, status: int = 200, refused: TooMany | None = None
) -> Response:
    title = context.lang().gettext(N_("Sign in"))
    return _door("sign_in.html", title, form, status=status, refused=refused)


def _code_page(form: CodeForm, *, status: int = 200, refused: TooMany | None = None) -> Response:
    title = context.lang().gettext(N_("Your code"))
    return _door("accounts/code.html", title, form, status=status, refused=refused)


def _door(
    template: str, title: str, form: Form, *, status: int = 200, refused: TooMany | None = None
) -> Response:
    response = page(
        template, title=title, problems=form.problems(), form=form, kept=held.fields(),
        options=passkeys.request_options() if isinstance(form, SignInForm) else None,
        status=429 if refused else status,
    )  # fmt: skip
    if refused is not None:
        response.headers["Retry-After"] = str(refused.retry_after)
    return response
