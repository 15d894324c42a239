"""The pages at which people sign in, and the way in once they have shown who they are."""

from __future__ import annotations

import logging
from typing import TypeVar

from flask import redirect, request, session
from werkzeug.wrappers import Response

from feedsvc.auth import changes, links
from feedsvc.auth.models import Account
from feedsvc.errors import TooMany
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import held, own_path, passkeys, sessions
from feedsvc.web.admin.forms.account import CodeForm, SignInForm
from feedsvc.web.admin.forms.base import Form
from feedsvc.web.admin.pages import page
from feedsvc.web.clients import client

log = logging.getLogger(__name__)

# In the visitor's cookie: who it is has been shown, the code is missing; and by which way.
HALF_WAY, WAY = "half_way", "way"


def ask_code(account: Account, wanted: str | None, *, lead: str = "", way: str = "") -> Response:
    """The page for the code of an account with a second step; this browser is half way in.

    `lead` is said in place of that the password was right; `way` is for the log (see `let_in`).
    """
    session[WAY] = way
    session[HALF_WAY] = links.half_way(context.settings(), account, now=context.now())
    return code_page(CodeForm(next=own_path.of(wanted)), lead=lead)


def let_in(
    account: Account, password: str | None, wanted: str | None, *, way: str = ""
) -> Response:
    """A new session in an answer that leads to the page that was wanted; the log names the `way`."""
    with context.db().begin() as transaction:
        secret = changes.sign_in(
            transaction, account, password, client=client(), agent=request.user_agent.string,
            way=way,
            key=context.settings().secret_key, language=context.lang().code, now=context.now(),
        )  # fmt: skip
    # 307 repeats the request: fields that waited for this go on their way (see `held`).
    response = redirect(own_path.of(wanted), 307 if held.fields() else 303)
    sessions.give(response, secret)
    log.info("signed in: account %s, client %s", account.id, client())
    session.clear()  # the visitor's cookie has done its work
    return response


F = TypeVar("F", bound=Form)


def marked(form: F, field: str, words: str) -> F:
    form.marks[field] = [context.lang().gettext(words)]
    return form


def sign_in_page(
    form: SignInForm, *, status: int = 200, refused: TooMany | None = None
) -> Response:
    title = context.lang().gettext(N_("Sign in"))
    return door("sign_in.html", title, form, status=status, refused=refused)


def code_page(
    form: CodeForm, *, status: int = 200, refused: TooMany | None = None, lead: str = ""
) -> Response:
    title = context.lang().gettext(N_("Your code"))
    return door("accounts/code.html", title, form, status=status, refused=refused, lead=lead)


def door(
    template: str,
    title: str,
    form: Form,
    *,
    status: int = 200,
    refused: TooMany | None = None,
    **values: str,
) -> Response:
    response = page(
        template, title=title, problems=form.problems(), form=form, kept=held.fields(),
        options=passkeys.request_options() if isinstance(form, SignInForm) else None,
        status=429 if refused else status, **values,
    )  # fmt: skip
    if refused is not None:
        response.headers["Retry-After"] = str(refused.retry_after)
    return response
