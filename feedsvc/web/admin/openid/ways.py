"""Sign in with an OpenID provider, link one's account with it, and show with it that it is oneself.

1. A link (not a form: browsers follow no form to another site under our policy) leads to the
   provider; a signed cookie remembers what for (`auth.openid.trips`).
2. The provider leads back here, with an answer that is good for this browser and this once.
3. Signing in and confirming are done then. To link takes one more button, which says with whom: a
   stranger's page may send a browser on its way, and must not link it with a stranger.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import redirect, request, session
from werkzeug.wrappers import Response

from feedsvc import tokens
from feedsvc.auth import attempts, queries
from feedsvc.auth.models import Account
from feedsvc.auth.openid import answers, links, trips
from feedsvc.auth.openid.answers import Identity, NotTaken
from feedsvc.auth.openid.provider import Away, Provider
from feedsvc.auth.openid.trips import Purpose, Trip
from feedsvc.errors import TooMany
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import devices, doors, own_path
from feedsvc.web.admin.forms.account import ConfirmForm, SignInForm
from feedsvc.web.admin.gate import account_session, actor, blueprint
from feedsvc.web.admin.openid import page
from feedsvc.web.admin.sessions import AccountSession
from feedsvc.web.clients import client

log = logging.getLogger(__name__)

AWAY = N_("%(provider)s does not answer at the moment. Use your password, or try again in a few minutes.")  # fmt: skip
NOT_TAKEN = N_("%(provider)s did not confirm who you are. Try again, or use your password.")
NOBODY = N_("No account here is linked with this one of %(provider)s. Sign in with your password, and link it under your name.")  # fmt: skip
NOT_YOU = N_("That is not the account of %(provider)s that yours is linked with.")
KNOWN = N_("%(provider)s knows you. Now the code that your telephone shows.")
STALE = N_("%(provider)s does not say that it asked you just now. Use your password.")


@blueprint.get("/openid/start", endpoint="openid_start")
def start() -> Response:
    if isinstance(session, AccountSession):
        return redirect(own_path.of(request.args.get("next")), 303)
    return _sent(Purpose.SIGN_IN)


@blueprint.get("/openid/link", endpoint="openid_link")
def link() -> Response:
    return _sent(Purpose.LINK)


@blueprint.get("/openid/confirm", endpoint="openid_confirm")
def confirm() -> Response:
    return _sent(Purpose.CONFIRM)


@blueprint.get("/openid/back", endpoint="openid_back")
def back() -> Response:
    """Where the provider leads back to. The way ends here, whatever comes of it."""
    response = _arrived(page.provider())
    response.delete_cookie(_cookie_name(), **_cookie_attributes())
    response.headers["Referrer-Policy"] = "no-referrer"  # the address holds the code
    return response


def _sent(purpose: Purpose) -> Response:
    """The browser on its way, with the cookie that remembers what for."""
    settings, now = context.settings(), context.now()
    mine = session.digest if isinstance(session, AccountSession) else ""
    wanted = own_path.of(request.args.get("next"))
    trip = trips.begin(purpose, session=mine, wanted=wanted, now=now)
    try:
        response = redirect(page.provider().address(trip, now=now), 303)
    except Away as away:
        log.warning("openid provider away: %s", away)
        return _refused(trip, AWAY, status=503)
    lasts = int(trips.LASTS.total_seconds())
    response.set_cookie(
        _cookie_name(), trips.written(trip, settings), max_age=lasts, **_cookie_attributes()
    )
    return response


def _arrived(provider: Provider) -> Response:
    trip = _trip()
    if trip is None:
        return _refused(None, page.ENDED, status=400)
    if trip.purpose == Purpose.SIGN_IN and isinstance(session, AccountSession):
        return redirect(own_path.of(trip.next), 303)
    try:
        found = _identity(provider, trip)
    except TooMany as refused:
        return _refused(trip, refused.message, status=429)
    except Away as away:
        log.warning("openid provider away: %s", away)
        return _refused(trip, AWAY, status=503)
    except NotTaken as refused:
        log.warning("openid answer refused: client %s: %s", client(), refused)
        return _refused(trip, NOT_TAKEN, status=401)
    return ARRIVALS[trip.purpose](trip, found)


def _trip() -> Trip | None:
    """The way that ends here, if it is of this browser and of the session that began it."""
    settings = context.settings()
    try:
        trip = trips.read(request.cookies.get(_cookie_name(), ""), settings, now=context.now())
    except tokens.BadToken:
        return None
    mine = session.digest if isinstance(session, AccountSession) else ""
    is_of_session = trip.purpose == Purpose.SIGN_IN or (trip.session == mine != "")
    is_answer = trips.is_answer(trip, request.args.get("state", ""), settings)
    return trip if is_of_session and is_answer else None


def _identity(provider: Provider, trip: Trip) -> Identity:
    """Counted as a try to sign in before it is made. Raises: TooMany, Away, NotTaken."""
    now, key = context.now(), context.settings().secret_key
    with context.db().begin() as transaction:
        attempts.count(transaction, attempts.SIGN_IN_CLIENT, client(), key=key, now=now)
    if "error" in request.args or "code" not in request.args:
        raise NotTaken(f"error {request.args.get('error', '')[:60]!r}")
    return provider.identity(trip, request.args, now=now)


def _sign_in(trip: Trip, found: Identity) -> Response:
    """It stands for the password: who has a second step still gives the code."""
    account = _owner(found)
    if account is None:
        log.warning("openid subject without an account: client %s", client())
        return _refused(trip, NOBODY, status=401)
    way = page.provider().label
    if account.totp_since is not None:
        return doors.ask_code(account, trip.next, lead=page.say(KNOWN), way=way)
    return doors.let_in(account, None, trip.next, way=way)


def _link(_: Trip, found: Identity) -> Response:
    _forgive()
    return page.ask(found)


def _confirm(trip: Trip, found: Identity) -> Response:
    account = _owner(found)
    if account is None or account.id != actor().id:
        return _refused(trip, NOT_YOU, status=401)
    if not answers.is_fresh(found, trip):
        return _refused(trip, STALE, status=401)
    _forgive()
    return devices.proven(account, trip.next)


ARRIVALS = {Purpose.SIGN_IN: _sign_in, Purpose.LINK: _link, Purpose.CONFIRM: _confirm}


def _owner(found: Identity) -> Account | None:
    with context.db().begin() as transaction:
        return links.account(transaction, found, now=context.now())


def _forgive() -> None:
    """It was no vain try."""
    key = context.settings().secret_key
    with context.db().begin() as transaction:
        attempts.forgive_last(transaction, attempts.SIGN_IN_CLIENT, client(), key=key)


def _refused(trip: Trip | None, words: str, *, status: int) -> Response:
    """A sentence on the page at which another way is open."""
    if not isinstance(session, AccountSession):
        form = SignInForm(next=own_path.of(trip.next if trip else None))
        form.marks[""] = [page.say(words)]
        return doors.sign_in_page(form, status=status)
    if trip is not None and trip.purpose == Purpose.CONFIRM:
        confirming = ConfirmForm(next=own_path.of(trip.next))
        confirming.marks[""] = [page.say(words)]
        return devices.confirm_page(_mine(), confirming, status=status)
    return page.page(words, status=status)


def _mine() -> Account:
    with context.db().read() as reading:
        return queries.loaded(reading, account_session().actor.id or 0)


def _cookie_name() -> str:
    return "__Host-openid" if _is_secure() else "openid"


def _cookie_attributes() -> dict[str, Any]:
    """Lax: the provider leads back here from its own site."""
    return {"path": "/", "secure": _is_secure(), "httponly": True, "samesite": "Lax"}


def _is_secure() -> bool:
    return context.settings().base_url.startswith("https://")
