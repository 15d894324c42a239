"""The list of one kind of entry: by state, by words of the title, page by page."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from feedsvc.calls import rules as call_rules
from feedsvc.calls import words
from feedsvc.calls.models import Call
from feedsvc.content import rules
from feedsvc.content.models import Entry
from feedsvc.web import context
from feedsvc.web.admin import choices, lists, pages
from feedsvc.web.admin.forms.entry import whole
from feedsvc.web.admin.gate import actor
from feedsvc.web.admin.kinds import Kind


def respond(kind: Kind) -> Response:
    now = context.now()
    state = request.args.get("state", "")
    typed = request.args.get("q", "").strip()
    with context.db().read() as session:
        listing = lists.entries(
            session, kind.model, state=state, words=typed,
            page=whole(request.args.get("page")) or 1, actor=actor(), now=now,
        )  # fmt: skip
        counts = lists.counts(session, kind.model, actor=actor(), now=now)
        return pages.page(
            f"{kind.path}/list.html",
            title=context.lang().gettext(kind.list_title),
            section=kind.path,
            kind=kind,
            listing=listing,
            counts=counts,
            state=state,
            words=typed,
            **helpers(),
        )


def helpers() -> dict[str, Any]:
    """What tables of entries ask of a row."""
    return {
        "states": lists.STATES,
        "state_of": lambda entry: rules.state(entry, context.now()),
        "title_of": choices.title,
        "status_of": _status,
        "next_deadline": _next_deadline,
        "status_names": {**lists.STATES, **words.STATUS_NAMES},
        "moment": words.moment,
        "key_date_name": words.key_date_name,
    }


def _status(entry: Entry) -> str:
    if not isinstance(entry, Call):
        return rules.state(entry, context.now())
    soon = context.settings().closing_soon_days
    return call_rules.status(entry, context.now(), closing_soon_days=soon)


def _next_deadline(call: Call) -> object:
    return call_rules.next_deadline(call.key_dates, context.now())
