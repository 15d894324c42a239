"""The first visit: site and first account in one form, opened by a code that the server printed."""

from __future__ import annotations

import logging

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from feedsvc.auth import changes as account_changes
from feedsvc.errors import Invalid, TooMany
from feedsvc.house import first_visit, rules
from feedsvc.house.edits import is_fixed
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import pages, sessions
from feedsvc.web.admin.forms.fields import zone_names
from feedsvc.web.admin.forms.house import SetupForm
from feedsvc.web.admin.gate import blueprint, posted
from feedsvc.web.admin.house import address
from feedsvc.web.clients import client

log = logging.getLogger(__name__)


@blueprint.route("/setup", methods=["GET", "POST"], endpoint="setup")
def setup() -> Response:
    form = SetupForm(posted(), data=_beginning())
    with context.db().read() as reading:
        if not first_visit.is_open(reading):
            return redirect(url_for("admin.sign_in"), 303)
    if posted() is None or not form.right():
        return _page(form)
    try:
        secret = _begun(form)
    except TooMany as refused:
        form.marks["code"] = [context.lang().gettext(refused.message)]
        response = _page(form, status=429)
        response.headers["Retry-After"] = str(refused.retry_after)
        return response
    except Invalid as invalid:
        log.warning("first visit refused: client %s", client())
        form.mark(*invalid.problems)
        return _page(form)
    response = redirect(url_for("admin.dashboard"), 303)
    sessions.give(response, secret)
    session.clear()  # the visitor's cookie has done its work
    return response


def _begun(form: SetupForm) -> str:
    """The secret of the session of the first account. Raises: TooMany, Gone, Invalid."""
    db, settings, now = context.db(), context.runtime().settings, context.now()
    with db.begin() as transaction:
        first_visit.count_attempt(transaction, client(), settings=settings, now=now)
    with db.begin() as transaction:
        account = first_visit.begin(
            transaction, form.code.data or "", form.edit(), form.account(),
            form.password.data or "", settings=settings, now=now,
        )  # fmt: skip
        log.info("the site is set up: account %s, client %s", account.id, client())
        return account_changes.sign_in(
            transaction, account, None, client=client(), agent=request.user_agent.string,
            key=settings.secret_key, language=context.lang().code, now=now,
        )  # fmt: skip


def _beginning() -> dict[str, object]:
    settings = context.settings()
    return {
        "site_name": settings.site_name if "site_name" in settings.fixed else "",
        "languages": list(settings.languages),
        "main": context.lang().code,
        "timezone": settings.timezone,
        "mail_address": rules.sender_parts(settings.mail_from)[1]
        if "mail_from" in settings.fixed
        else "",
    }


def _page(form: SetupForm, *, status: int = 0) -> Response:
    operators = context.runtime().settings
    return pages.page(
        "house/setup.html",
        title=context.lang().gettext(N_("Set up this site")),
        problems=form.problems(),
        status=status or (422 if form.marks else 200),
        form=form,
        nowhere=address.nowhere(),
        held=context.settings(),
        zones=zone_names(),
        fixed=lambda name: is_fixed(operators, name),
    )
