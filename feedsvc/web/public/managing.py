"""The page of what one follows: change it, pause, mute, take it along, end it, be forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

from flask import Blueprint, Response, redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from feedsvc import tokens, urls
from feedsvc.content import filters, profiles
from feedsvc.content.workdays import Ahead
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.reminders import held, welcome
from feedsvc.subscriptions import changes, describing, links, private_feeds, silence
from feedsvc.subscriptions.models import Subscriber
from feedsvc.subscriptions.rules import Choice
from feedsvc.web import context
from feedsvc.web.public import owners
from feedsvc.web.views import manage as view
from feedsvc.web.views.own_feed import own_feed
from feedsvc.web.views.reader import here

blueprint = Blueprint("managing", __name__, template_folder="templates")
blueprint.after_request(owners.keep_private)

Act = Callable[[Session, Subscriber, str], None]


@blueprint.get("/manage/<token>")
def manage(token: str) -> str:
    with context.db().read() as session:
        return _page(session, owners.reader(session, links.MANAGE, token))


@blueprint.post("/manage/<token>")
def change(token: str) -> BaseResponse | str | tuple[str, int]:
    """`act` is one of `ACTS`, feed, erase or object; some name a thing after a colon.

    `feed` is answered with the page itself: it alone ever shows the address that was made.
    """
    act, _, named = request.form.get("act", "save").partition(":")
    with context.db().begin() as session:
        reader = owners.reader(session, links.MANAGE, token)
        if act in ("erase", "object"):
            return _forget(session, reader, for_ever=act == "object")
        if act == "feed":
            return _page(session, reader, secret=_begin_feed(session, reader))
        try:
            if act in ACTS:
                ACTS[act](session, reader, named)
        except Invalid as invalid:
            return _page(session, reader, invalid), 422
    return redirect(f"{context.path(urls.manage(token))}?done={act}", 303)


@blueprint.get("/manage/<token>/export.json")
def export(token: str) -> Response:
    """All that is kept of the reader, as a file."""
    with context.db().read() as session:
        reader = owners.reader(session, links.MANAGE, token)
        found = held.held(session, reader, context.settings(), context.now())
    response = Response(
        json.dumps(found, ensure_ascii=False, indent=2) + "\n", mimetype="application/json"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


def _forget(session: Session, reader: Subscriber, *, for_ever: bool) -> str:
    forget = changes.refuse_all if for_ever else changes.erase
    forget(session, reader, settings=context.settings(), now=context.now())
    return owners.render("follow/erased.html", N_("You are forgotten"), for_ever=for_ever)


def _begin_feed(session: Session, reader: Subscriber) -> str | None:
    form = request.form.get("form", "")
    return private_feeds.begin(
        session, reader, form, settings=context.settings(), now=context.now()
    )


def _save(session: Session, reader: Subscriber, _named: str) -> None:
    """What the form held of each subscription, and the language, zone and hour. Raises: Invalid."""
    hour = request.form.get("hour", "")
    changes.change(
        session,
        reader,
        language=request.form.get("language", ""),
        zone=request.form.get("zone", ""),
        hour=int(hour) if hour.isdecimal() else None,
        ahead=_ahead(),
        choices={uid: _choice(uid) for uid in request.form.getlist("subscription")},
        settings=context.settings(),
        now=context.now(),
    )


def _ahead() -> Ahead | None:
    """How many working days before a deadline to be ready; None where the form did not ask."""
    if "workdays" not in request.form:
        return None
    days = request.form["workdays"].strip() or "0"
    return Ahead(int(days[:4]) if days.isdecimal() else -1, request.form.get("holidays", ""))


def _choice(uid: str) -> Choice:
    """Raises: Invalid for what is no number."""
    typed = request.form.getlist(f"offsets-{uid}")
    if not all(text.isdecimal() for text in typed):
        raise Invalid(Problem("offsets", N_("Choose from the days that are offered.")))
    return Choice(
        tuple(int(text) for text in typed),
        request.form.get(f"digest-{uid}", ""),
        f"next-{uid}" in request.form,
    )


def _stop(session: Session, reader: Subscriber, uid: str) -> None:
    if uid:
        changes.unsubscribe(session, reader, uid, settings=context.settings(), now=context.now())


def _stop_all(session: Session, reader: Subscriber, _named: str) -> None:
    changes.unsubscribe(session, reader, settings=context.settings(), now=context.now())


def _confirm(session: Session, reader: Subscriber, uid: str) -> None:
    settings, now = context.settings(), context.now()
    new = changes.confirm(session, reader, [uid], settings=settings, now=now)
    welcome.enqueue(session, reader, new, settings=settings, now=now)


def _pause(session: Session, reader: Subscriber, _named: str) -> None:
    """Raises: Invalid."""
    try:
        until = date.fromisoformat(request.form.get("pause", "").strip())
    except ValueError:
        raise Invalid(Problem("pause", N_("Enter a day, like 2027-01-31."))) from None
    silence.pause(session, reader, until, settings=context.settings(), now=context.now())


def _resume(session: Session, reader: Subscriber, _named: str) -> None:
    silence.resume(session, reader, settings=context.settings(), now=context.now())


def _unmute(session: Session, reader: Subscriber, call_id: str) -> None:
    if call_id.isdecimal():
        silence.unmute(
            session, reader, int(call_id), settings=context.settings(), now=context.now()
        )


def _end_feed(session: Session, reader: Subscriber, _named: str) -> None:
    private_feeds.end(session, reader, settings=context.settings(), now=context.now())


def _describe(session: Session, reader: Subscriber, uid: str) -> None:
    """Raises: Invalid; BadFilter for a description that means nothing."""
    typed = request.form.items(multi=True)
    profile = filters.parse(pair for pair in typed if pair[0] in profiles.NAMES).profile
    describing.describe(
        session, reader, uid, profile, settings=context.settings(), now=context.now()
    )


ACTS: dict[str, Act] = {
    "save": _save,
    "stop": _stop,
    "stop-all": _stop_all,
    "confirm": _confirm,
    "pause": _pause,
    "resume": _resume,
    "unmute": _unmute,
    "feed-end": _end_feed,
    "describe": _describe,
}


def _page(
    session: Session,
    reader: Subscriber,
    invalid: Invalid | None = None,
    *,
    secret: str | None = None,
) -> str:
    """With `secret` it shows the addresses of the reader's own feed that was just made."""
    begun_at = private_feeds.begun_at(session, reader)
    return owners.render(
        "follow/manage.html",
        N_("Your reminders"),
        it=view.managed(session, reader, context.settings(), here(), typed=_typed(invalid)),
        own=own_feed(tokens.secret(), begun_at, secret, here()) if reader.confirmed_at else None,
        done=request.args.get("done", "") if request.method == "GET" else "",
        problems=owners.sentences(invalid),
        export=context.path(f"{urls.manage(_token())}/export.json"),
    )


def _typed(invalid: Invalid | None) -> view.Typed | None:
    """The form as it was sent, to be shown again with what is to be put right."""
    return request.form if invalid is not None else None


def _token() -> str:
    return str((request.view_args or {})["token"])
