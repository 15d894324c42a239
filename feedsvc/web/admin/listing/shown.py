"""The rows of a list: loaded without what no table shows, and what tables ask of a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload, load_only, selectinload

from feedsvc.calls import rules as call_rules
from feedsvc.calls import words
from feedsvc.calls.models import Call
from feedsvc.content import rules
from feedsvc.content.models import Entry, Translation
from feedsvc.web import context
from feedsvc.web.admin import choices, lists

OF_ENTRIES = ("publish_at", "withdrawn_at", "review", "updated_at", "created_by", "version")
OF_CALLS = (
    "opens_at", "closes_at", "cancelled_at", "suspended_at", "close_reason", "deadline_model",
)  # fmt: skip


def rows(session: Session, ids: Sequence[int], model: type[Entry]) -> list[Entry]:
    """The entries with these numbers, in this order; texts are their titles only."""
    titles = selectinload(model.translations).load_only(
        Translation.entry_id, Translation.language, Translation.title
    )
    names = (*OF_ENTRIES, *OF_CALLS) if model is Call else OF_ENTRIES
    columns = load_only(*(getattr(model, name) for name in names))
    dates = [selectinload(Call.key_dates)] if model is Call else []
    query = select(model).where(model.id.in_(ids))
    found = session.scalars(query.options(lazyload("*"), columns, titles, *dates)).all()
    by_id = {entry.id: entry for entry in found}
    return [by_id[number] for number in ids if number in by_id]


def helpers() -> dict[str, Any]:
    """What tables of entries ask of a row."""
    return {
        "states": lists.STATES,
        "state_of": lambda entry: rules.state(entry, context.now()),
        "title_of": choices.title,
        "status_of": status,
        "next_deadline": _next_deadline,
        "status_names": {**lists.STATES, **words.STATUS_NAMES},
        "moment": words.moment,
        "key_date_name": words.key_date_name,
    }


def status(entry: Entry) -> str:
    """What a call's status is, and what a news item's state is."""
    if not isinstance(entry, Call):
        return rules.state(entry, context.now())
    soon = context.settings().closing_soon_days
    return call_rules.status(entry, context.now(), closing_soon_days=soon)


def _next_deadline(call: Call) -> object:
    return call_rules.next_deadline(call.key_dates, context.now())
