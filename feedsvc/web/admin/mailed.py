"""For who cannot sign in: ask for a link, and choose a password at the address that was mailed."""

from __future__ import annotations

import logging

from flask import request, url_for
from werkzeug.wrappers import Response

from feedsvc.auth import attempts, changes, links
from feedsvc.auth.notices import Change
from feedsvc.errors import Invalid
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import noticed, pages
from feedsvc.web.admin.forms.account import ChooseForm, ForgotForm
from feedsvc.web.admin.gate import blueprint, posted
from feedsvc.web.clients import client

log = logging.getLogger(__name__)

TITLES = {
    links.INVITATION: N_("Welcome: choose a password"),
    links.RESET: N_("Choose a new password"),
}


@blueprint.route("/forgot", methods=["GET", "POST"])
def forgot() -> Response:
    """The answer is the same whether there is an account or not."""
    form = ForgotForm(posted())
    title = context.lang().gettext(N_("Forgotten your password?"))
    if request.method == "GET":
        return pages.page("accounts/forgot.html", title=title, form=form)
    if not form.right():
        return pages.page(
            "accounts/forgot.html", title=title, form=form, problems=form.problems(), status=422
        )
    settings, now = context.settings(), context.now()
    with context.db().begin() as session:
        attempts.count(session, attempts.RESET_CLIENT, client(), key=settings.secret_key, now=now)
        changes.ask_for_reset(
            session, form.email.data or "", language=context.lang().code, settings=settings, now=now
        )
    log.info("asked for a new password: client %s", client())
    return pages.page("accounts/sent.html", title=context.lang().gettext(N_("Look at your mail")))


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
def invitation(token: str) -> Response:
    return _choose(links.INVITATION, token)


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> Response:
    return _choose(links.RESET, token)


def _choose(purpose: str, token: str) -> Response:
    """A look changes nothing: mail scanners open every link."""
    form, settings, now = ChooseForm(posted()), context.settings(), context.now()
    if request.method == "POST":
        try:
            with context.db().begin() as session:
                owner = changes.choose_password(
                    session, purpose, token, form.new.data or "",
                    client=client(), settings=settings, now=now,
                )  # fmt: skip
                if purpose == links.RESET:
                    noticed.tell(session, owner.id, Change.PASSWORD, actor=owner)
        except Invalid as invalid:
            form.mark(*invalid.problems)
        else:
            log.info("password chosen by a mailed link: client %s", client())
            sentence = context.lang().gettext(N_("Your password is set. Sign in with it."))
            return _private(pages.done(url_for("admin.sign_in"), sentence))
    with context.db().read() as session:
        account = changes.by_link(session, purpose, token, settings=settings, now=now)
    return _private(
        pages.page(
            "accounts/choose.html",
            title=context.lang().gettext(TITLES[purpose]),
            form=form,
            email=account.email,
            problems=form.problems(),
            status=422 if form.marks else 200,
        )
    )


def _private(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is a secret
    return response
