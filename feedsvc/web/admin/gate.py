"""The admin's blueprint, and the three questions that every request to it must answer.

1. Who asks? Without a session there is the sign-in page, and what `rights` names as open to anyone.
2. Did one of our own forms send it? Every POST carries a token that is bound to its session.
3. May this account do that, with this entry? `rights` has the table.
4. Is a second step missing that the site asks for, or is it time to ask who it is once more?
"""

from __future__ import annotations

from itertools import chain

from flask import Blueprint, Flask, redirect, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import ValidationError

from feedsvc.auth import rules
from feedsvc.auth.rules import Actor
from feedsvc.errors import BadRequest, NotFound
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import held, rights
from feedsvc.web.admin.sessions import AccountSession, AdminSessions

LARGEST_ID = 2**63 - 1

blueprint = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates")


@blueprint.record
def install(state: BlueprintSetupState) -> None:
    """Sessions, whose cookies depend on the public address. Tokens live as long as a session."""
    settings = state.app.extensions["feedsvc"].settings
    secure = settings.base_url.startswith("https://")
    assert isinstance(state.app, Flask)
    state.app.session_interface = AdminSessions()
    state.app.config.update(
        WTF_CSRF_TIME_LIMIT=None,
        SESSION_COOKIE_NAME="__Host-visit" if secure else "visit",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",  # as the prefix __Host- demands
    )


@blueprint.before_request
def guard() -> Response | None:
    speak()
    refuse_the_impossible()
    endpoint = str(request.endpoint).removeprefix("admin.")
    is_open = rights.is_open(endpoint)
    if not is_open and not isinstance(session, AccountSession):
        return held.sign_in_first() if held.holds() else _to_sign_in()
    if request.method == "POST" and not has_token():
        return held.send_again()
    if not is_open:
        rights.check(
            endpoint, (request.view_args or {}).get("entry_id"), actor(),
            sends=request.method == "POST", db=context.db(), now=context.now(),
        )  # fmt: skip
        return _something_first(endpoint)
    return None


@blueprint.after_request
def keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.context_processor
def tokens() -> dict[str, object]:
    """What every page asks: its token, whether the account has a right, and the OpenID provider."""
    return {"csrf_token": generate_csrf, "may": _may, "provider": context.provider()}


def actor() -> Actor:
    """The account that acts."""
    return account_session().actor


def account_session() -> AccountSession:
    """The session of this request. Behind the guard there always is one."""
    assert isinstance(session, AccountSession)
    return session


def digest() -> str:
    """Which session this is."""
    return account_session().digest


def speak() -> None:
    """The admin has no language in its addresses: the session remembers the choice."""
    code = session.get("language")
    if code in context.settings().languages:
        context.speak(code)


def refuse_the_impossible() -> None:
    """No column holds a NUL or a number of twenty figures: databases would fail on them.

    Raises: BadRequest, NotFound.
    """
    texts = chain.from_iterable(
        values for _, values in chain(request.args.lists(), request.form.lists())
    )
    if any("\0" in text for text in texts):
        raise BadRequest(N_("A text holds a character that cannot be kept. Take it out."))
    numbers = [value for value in (request.view_args or {}).values() if isinstance(value, int)]
    if any(number > LARGEST_ID for number in numbers):
        raise NotFound(N_("There is no entry with this number."))


def has_token() -> bool:
    """Whether the form was sent by a page of this session."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return True


def posted() -> MultiDict[str, str] | None:
    """What was sent, for a form; None when the page is only looked at."""
    return request.form if request.method == "POST" else None


def only_shown() -> bool:
    """Whether a form was sent to be seen as it was typed, and not yet to be written (see `held`)."""
    return request.form.get("action") == held.SHOW


def _something_first(endpoint: str) -> Response | None:
    """The page that comes before this one, if any does."""
    mine, whom = account_session(), context.settings().second_step
    missing = not mine.has_second_step and rules.needs_second_step(mine.actor.role, whom)
    if missing and endpoint not in rights.BEFORE_SECOND_STEP:
        return redirect(url_for("admin.two_step"), 303)
    if endpoint in rights.CAREFUL and not rules.is_confirmed(mine.confirmed_at, context.now()):
        return redirect(url_for("admin.confirm", next=_page_of_this()), 303)
    return None


def _page_of_this() -> str:
    """The page that can be looked at: this one, or the one above whose form was sent."""
    methods = request.url_rule.methods if request.url_rule else None
    return request.path if methods and "GET" in methods else request.path.rpartition("/")[0]


def _may(right: str) -> bool:
    return isinstance(session, AccountSession) and rules.may(session.actor, right)


def _to_sign_in() -> Response:
    """Then back to this page; of a form, to the overview."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("admin.sign_in", next=wanted), 303)
