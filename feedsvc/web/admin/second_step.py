"""One's own second step: a picture for the telephone, the codes for when it is gone, and its end."""

from __future__ import annotations

import logging
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from feedsvc.auth import codes, queries, rules, second_step
from feedsvc.auth.notices import Change
from feedsvc.errors import Conflict, Invalid, TooMany
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import noticed, pages
from feedsvc.web.admin.forms.account import CodeForm
from feedsvc.web.admin.gate import actor, blueprint, digest, posted
from feedsvc.web.views import qr

log = logging.getLogger(__name__)

TITLE = N_("Second step when signing in")


@blueprint.route("/two-step", methods=["GET", "POST"], endpoint="two_step")
def page() -> Response:
    """Look at it; a code that is sent turns it on."""
    form = CodeForm(posted())
    if request.method == "GET":
        return _page(form)
    key, now, number = context.settings().secret_key, context.now(), actor().id or 0
    try:
        with context.db().begin() as session:
            second_step.count(session, number, key=key, now=now)
        with context.db().begin() as session:
            made = second_step.turn_on(
                session, actor(), form.code.data or "", digest=digest(), key=key, now=now
            )
            noticed.tell(session, number, Change.SECOND_STEP_ON, actor=actor())
    except Invalid as invalid:
        form.mark(*invalid.problems)
        return _page(form, status=422)
    except TooMany as refused:
        form.marks["code"] = [context.lang().gettext(refused.message)]
        return _page(form, status=429)
    log.info("second step on: account %s", number)
    return _codes(made)


@blueprint.post("/two-step/codes", endpoint="two_step_codes")
def new_codes() -> Response:
    key = context.settings().secret_key
    with context.db().begin() as session:
        made = second_step.new_codes(session, actor(), key=key, now=context.now())
        noticed.tell(session, actor().id, Change.NEW_CODES, actor=actor())
    return _codes(made)


@blueprint.post("/two-step/off", endpoint="two_step_off")
def turn_off() -> Response:
    if rules.needs_second_step(actor().role, context.settings().second_step):
        raise Conflict(N_("This site asks your role for a second step: it stays on."))
    with context.db().begin() as session:
        if second_step.turn_off(session, actor().id or 0, actor=actor(), now=context.now()):
            noticed.tell(session, actor().id, Change.SECOND_STEP_OFF, actor=actor())
    log.info("second step off: account %s", actor().id)
    sentence = context.lang().gettext(N_("The second step is off: your password is enough."))
    return pages.done(url_for("admin.two_step"), sentence)


def _page(form: CodeForm, *, status: int = 200) -> Response:
    settings, values = context.settings(), dict[str, Any]()
    with context.db().read() as session:
        account = queries.loaded(session, actor().id or 0)
        left = second_step.codes_left(session, account.id)
    if account.totp_since is None:
        salt = second_step.offered_salt(settings.secret_key, account, digest())
        secret = codes.secret(settings.secret_key, salt)
        address = codes.address(secret, email=account.email, site=context.site_name())
        values["picture"] = qr.drawn(address)
        values["secret"] = " ".join(secret[place : place + 4] for place in range(0, 32, 4))
    return pages.page(
        "accounts/two_step.html",
        title=context.lang().gettext(TITLE),
        problems=form.problems(),
        status=status,
        form=form,
        since=account.totp_since,
        left=left,
        required=rules.needs_second_step(actor().role, settings.second_step),
        **values,
    )


def _codes(made: list[str]) -> Response:
    """The codes, shown this one time."""
    title = context.lang().gettext(N_("Your recovery codes"))
    return pages.page("accounts/codes.html", title=title, codes=made)
