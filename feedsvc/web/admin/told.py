"""Who was told what about a call, and when: the rounds on top, then each reader, or all as a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import Response as FlaskResponse
from flask import request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc import sheets
from feedsvc.auth import rules
from feedsvc.calls.models import Call
from feedsvc.db import Database
from feedsvc.errors import Forbidden
from feedsvc.i18n import N_, Language
from feedsvc.reminders import (
    counting,
    export,
    numbers,
    reasons,
    retention,
    rounds,
    told,
    walk,
    words,
)
from feedsvc.reminders.walk import Place
from feedsvc.settings import Settings
from feedsvc.subscriptions import rules as subscription_rules
from feedsvc.web import context
from feedsvc.web.admin import choices, pages, spans
from feedsvc.web.admin.forms.entry import whole
from feedsvc.web.admin.gate import actor, blueprint
from feedsvc.web.admin.kinds import CALL, address, loaded

PER_PAGE = 50


@blueprint.get("/calls/<int:entry_id>/told", endpoint="call_told")
def show(entry_id: int) -> Response:
    group = _one_of(tuple(walk.GROUPS), "state")
    kind = _one_of(told.KINDS, "kind")
    with context.db().read() as session:
        call = _call(session, entry_id)
        counted = numbers.of(session, call)
        every = rounds.of(session, entry_id, counted)
        wanted = [one for one in every if kind in ("", one.kind)]
        some = walk.page(
            session,
            wanted,
            group=group,
            after=_place(request.args.get("after", "")),
            limit=PER_PAGE,
        )
        say = context.lang().gettext
        return pages.page(
            "calls/told.html",
            title=say(N_("Who was told what of “%(title)s”"), title=choices.title(call)),
            section="calls",
            call=call,
            back=address(CALL, entry_id),
            numbers=counted,
            rounds=every,
            tallies=[one.tally for one in every],
            past=sorted(retention.counted(session, entry_id).items()),
            kept_days=context.settings().told_kept_days,
            rows=some.rows,
            more=_written(some.more) if some.more else None,
            first_page="after" not in request.args,
            group=group,
            kind=kind,
            may_have_addresses=rules.may_have_addresses(actor()),
            **_words(),
        )


@blueprint.post("/calls/<int:entry_id>/told/count", endpoint="call_told_count")
def count(entry_id: int) -> Response:
    """Count a large call now, not when the scheduler would."""
    with context.db().read() as session:
        _call(session, entry_id)
    counting.keep(context.db(), entry_id, context.now())
    return pages.done(
        url_for("admin.call_told", entry_id=entry_id), context.lang().gettext(N_("Counted anew."))
    )


@blueprint.get("/calls/<int:entry_id>/told.csv", endpoint="call_told_table")
def table(entry_id: int) -> Response:
    """Every row; with `addresses=1` also the addresses, for administrators."""
    addresses = request.args.get("addresses") == "1"
    if addresses and not rules.may_have_addresses(actor()):
        raise Forbidden(N_("Addresses are given to administrators only."))
    with context.db().read() as session:
        call = _call(session, entry_id)
        lines = _lines(
            context.db(),
            entry_id,
            call.uid,
            addresses=addresses,
            language=context.lang(),
            settings=context.settings(),
        )
    response = FlaskResponse(lines, content_type=f"{sheets.MEDIA_TYPE}; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"told-{entry_id}.csv")
    return response


def _lines(
    db: Database,
    call_id: int,
    uid: str,
    *,
    addresses: bool,
    language: Language,
    settings: Settings,
) -> Iterator[bytes]:
    """One snapshot for the whole table; it is read as it is sent, after the request has ended."""
    with db.read() as session:
        all_rounds = rounds.every(session, call_id, numbers.NONE)
        yield from export.lines(
            session, all_rounds, uid, addresses=addresses, language=language, settings=settings
        )


def _call(session: Session, entry_id: int) -> Call:
    call = loaded(session, CALL, entry_id)
    assert isinstance(call, Call)
    return call


def _words() -> dict[str, Any]:
    """What the page asks of a row or a round."""
    language = context.lang()
    return {
        "groups": words.GROUP_NAMES,
        "kinds": words.KIND_NAMES,
        "past_kinds": words.KIND_NAMES | {retention.REMINDER: words.KIND_NAMES[told.DEADLINE]},
        "names": words.WORD_NAMES,
        "about": lambda thing: words.about(thing, language),
        "lead": lambda thing: words.lead(thing, language),
        "why": lambda reason: subscription_rules.without_addresses(reasons.words(reason, language)),
        "masked": subscription_rules.masked,
        "span": spans.span,
        "pace": _pace,
    }


def _pace(slowest: timedelta) -> str:
    """How long after its planned second the slowest mail was taken."""
    seconds = int(slowest.total_seconds())
    language = context.lang()
    if seconds < 60:
        return language.ngettext("%(n)s second", "%(n)s seconds", seconds)
    if seconds < 3600:
        return language.ngettext("%(n)s minute", "%(n)s minutes", seconds // 60)
    return language.ngettext("%(n)s hour", "%(n)s hours", seconds // 3600)


def _one_of(known: tuple[str, ...], name: str) -> str:
    value = request.args.get(name, "")
    return value if value in known else ""


def _written(place: Place) -> str:
    """A place as an address carries it."""
    return f"{place.round}.{int(place.forgotten)}.{place.number}"


def _place(text: str) -> Place | None:
    """The place that `_written` wrote; None for anything else."""
    which, *parts = text.rsplit(".", 2)
    if len(parts) != 2 or parts[0] not in ("0", "1"):
        return None
    number = whole(parts[1])
    return None if number is None else Place(which, parts[0] == "1", number)
