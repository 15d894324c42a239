"""What only calls have in a file of content: key dates, money, and what happened to them. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from feedsvc.calls.edits import CallEdit, Document, KeyDateEdit
from feedsvc.demo.tables import Table

LINES = (
    "reference", "series", "edition", "deadline_model", "close_reason", "apply_url", "info_url",
)  # fmt: skip
LISTS = ("funders", "applicants", "aid_types", "geographies")
AMOUNTS = (
    "total_budget", "award_min", "award_max", "cofinancing_min", "cofinancing_max",
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """Something that happened after the call was published.

    `edit` is the call from that day on, or None for a call that was cancelled.
    """

    on: dt.date
    reasons: Mapping[str, str]
    edit: CallEdit | None


@dataclass(frozen=True)
class _Move:
    on: dt.date
    first: dt.date
    reasons: Mapping[str, str]


def read(table: Table, shared: Mapping[str, Any]) -> tuple[CallEdit, tuple[Change, ...]]:
    """The call as it was first published, and its changes in the order of their days."""
    dates = [_key_date(row) for row in table.tables("key_dates")]
    edit = CallEdit(
        **shared,
        **_fields(table),
        programme=table.text("programme") or None,
        documents=tuple(map(_document, table.tables("documents"))),
        trl_min=table.whole("trl_min"),
        trl_max=table.whole("trl_max"),
        key_dates=tuple(_before(date, move) for date, move in dates),
    )
    changes = [*_moves(edit, dates), *_cancellation(table.table("cancelled"))]
    return edit, tuple(sorted(changes, key=lambda change: change.on))


def _fields(table: Table) -> dict[str, Any]:
    found: dict[str, Any] = {name: table.text(name) for name in LINES}
    found |= {name: table.texts(name) for name in LISTS}
    return found | _contact(table.table("contact")) | _funding(table.table("funding"))


def _key_date(row: Table) -> tuple[KeyDateEdit, _Move | None]:
    edit = KeyDateEdit(
        type=row.text("type"),
        date=row.day("date"),
        time=row.time("time"),
        zone=row.text("zone"),
        precision=row.text("precision") or "day",
        certainty=row.text("certainty") or "confirmed",
        mandatory=not row.flag("optional"),
        labels=row.words("labels"),
    )
    move = _move(row.table("moved"))
    row.done()
    return edit, move


def _move(table: Table | None) -> _Move | None:
    if table is None:
        return None
    move = _Move(table.day("on"), table.day("from"), table.words("because"))
    table.done()
    return move


def _before(date: KeyDateEdit, move: _Move | None) -> KeyDateEdit:
    return replace(date, date=move.first) if move else date


def _moves(first: CallEdit, dates: list[tuple[KeyDateEdit, _Move | None]]) -> list[Change]:
    """One change for each day on which dates moved; the moves of earlier days stay made."""
    moved = sorted({move.on for _, move in dates if move})
    return [_moved_on(first, dates, day) for day in moved]


def _moved_on(
    first: CallEdit, dates: list[tuple[KeyDateEdit, _Move | None]], day: dt.date
) -> Change:
    key_dates = [_before(date, move if move and move.on > day else None) for date, move in dates]
    reasons = next(move.reasons for _, move in dates if move and move.on == day)
    edit = replace(first, key_dates=tuple(key_dates), reasons=reasons)
    return Change(day, reasons, edit)


def _cancellation(table: Table | None) -> list[Change]:
    if table is None:
        return []
    change = Change(table.day("on"), table.words("because"), None)
    table.done()
    return [change]


def _contact(table: Table | None) -> dict[str, str]:
    if table is None:
        return {}
    found = {"contact_role": table.text("role"), "contact_email": table.text("email")}
    table.done()
    return found


def _funding(table: Table | None) -> dict[str, Any]:
    if table is None:
        return {}
    found: dict[str, Any] = {name: table.amount(name) for name in AMOUNTS}
    found["currency"] = table.text("currency") or "EUR"
    found["expected_awards"] = table.whole("expected_awards")
    table.done()
    return found


def _document(row: Table) -> Document:
    document = Document(row.text("title"), row.text("url"), row.whole("size"))
    row.done()
    return document
